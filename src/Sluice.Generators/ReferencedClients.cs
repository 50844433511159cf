using Microsoft.CodeAnalysis;
using Sluice.Generators.Clients;
using Sluice.Generators.Emitting;
using Sluice.Generators.Json;
using Sluice.Generators.Model;
using Sluice.Generators.Parsing;

namespace Sluice.Generators;

/// <summary>Typed clients for the deployments of referenced projects and assemblies, from the manifests that these carry.</summary>
internal static class ReferencedClients
{
    /// <summary>Adds the part of the pipeline that starts from references.</summary>
    /// <param name="own">The identifiers of the project's own flows, which go first.</param>
    /// <param name="place">Where they stand; null where there can be none.</param>
    public static void Register(
        IncrementalGeneratorInitializationContext context, IncrementalValueProvider<EquatableArray<string>> own, IncrementalValueProvider<ClientPlace?> place)
    {
        IncrementalValueProvider<EquatableArray<ReferencedFlow>> flows = context.MetadataReferencesProvider
            .SelectMany(static (reference, cancellation) => ReferencedFlows.Read(reference, cancellation)).WithTrackingName(TrackingNames.References)
            .Collect().Select(static (all, _) => all.ToEquatable());
        IncrementalValuesProvider<ReferencedClient> clients = flows.Combine(own.Combine(place))
            .SelectMany(static (all, _) => all.Right.Right is { } space ? Name(all.Left, [.. all.Right.Left, .. space.Taken], space.Namespace) : [])
            .WithTrackingName(TrackingNames.ReferencedClients);
        context.RegisterSourceOutput(clients, static (output, client) =>
            FlowGenerator.Add(output, $"Deployments.{client.Identifier}.{Names.Hash(client.Flow.Assembly + "!" + client.Flow.Name)}.g.cs", Emit(client)));
    }

    /// <summary>A flow whose name the project or another reference has, too, gets its assembly's name behind it.</summary>
    private static IEnumerable<ReferencedClient> Name(EquatableArray<ReferencedFlow> flows, IEnumerable<string> own, string space)
    {
        var taken = new HashSet<string>(own, StringComparer.Ordinal);
        var clashes = new HashSet<string>(flows.GroupBy(flow => ClientEmitter.FlowIdentifier(flow.Name)).Where(group => group.Count() > 1).Select(group => group.Key), StringComparer.Ordinal);
        foreach (ReferencedFlow flow in flows.OrderBy(flow => flow.Assembly, StringComparer.Ordinal).ThenBy(flow => flow.Name, StringComparer.Ordinal))
        {
            string identifier = ClientEmitter.FlowIdentifier(flow.Name);
            bool isClear = !clashes.Contains(identifier) && !taken.Contains(identifier);
            yield return new(flow, ClientText.Unique(isClear ? identifier : $"{identifier}_{Names.Identifier(flow.Assembly)}", taken), space);
        }
    }

    private static string Emit(ReferencedClient client)
    {
        JsonNode json = JsonParser.Parse(client.Flow.Json, out _)!;
        JsonNode? schema = json.Member("parameter_openapi_schema");
        var flow = new ClientFlow(client.Flow.Name, [.. json.Member("deployments")!.Items.Where(deployment => deployment.Text("name") is not null)
            .Select(deployment => new ClientDeployment(deployment.Text("name")!, deployment.Text("description"), schema, deployment.Member("parameters")))]);
        var code = new CodeWriter();
        code.Line(FlowEmitter.Header).Line("#nullable enable").Line("#pragma warning disable").Line();
        int blocks = ClientEmitter.Open(code, client.RootNamespace);
        ClientEmitter.WriteFlow(code, flow, client.Identifier, "Sluice.Generators");
        for (; blocks > 0; blocks--)
            code.Close();
        return code.ToString();
    }
}

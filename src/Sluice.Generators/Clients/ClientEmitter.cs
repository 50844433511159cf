using System.Globalization;
using Sluice.Generators.Emitting;
using Sluice.Generators.Json;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Clients;

/// <summary>
/// Writes typed clients for deployments of which only the schema is known, those of a server or of a referenced assembly:
/// <c>Deployments.&lt;Flow&gt;.&lt;Deployment&gt;.RunAsync(…)</c>, in the form that the generator gives a project's own ones.
/// </summary>
internal static class ClientEmitter
{
    public const string ClassName = "Deployments";

    private const string Cancellation = "global::System.Threading.CancellationToken";

    /// <summary>The flow's class among the clients.</summary>
    public static string FlowIdentifier(string flowName)
    {
        string identifier = Names.Identifier(flowName);
        return identifier is ClassName or "Equals" or "ReferenceEquals" ? identifier + "_" : identifier;
    }

    /// <summary>Opens the namespace and the class that all clients stand in.</summary>
    /// <returns>How many blocks to close.</returns>
    public static int Open(CodeWriter code, string rootNamespace)
    {
        if (rootNamespace.Length > 0)
            code.Open($"namespace {rootNamespace}");
        code.Line("/// <summary>Starts runs of deployments.</summary>").Open($"internal static partial class {ClassName}");
        return rootNamespace.Length > 0 ? 2 : 1;
    }

    /// <summary>Writes a flow's class.</summary>
    /// <param name="tool">What made it, for the attribute.</param>
    public static void WriteFlow(CodeWriter code, ClientFlow flow, string identifier, string tool)
    {
        code.Line($"/// <summary>Deployments of the flow {ClientText.Xml(flow.Name)}.</summary>")
            .Line($"[global::System.CodeDom.Compiler.GeneratedCodeAttribute(\"{tool}\", \"1.0.0\")]")
            .Open($"internal static class {Names.Escape(identifier)}");
        var taken = new HashSet<string>(ClientTypeEmitter.Helpers.Append("WriteMembers").Append(identifier), StringComparer.Ordinal);
        string[] identifiers = [.. flow.Deployments.Select(deployment => ClientText.Unique(Names.Identifier(deployment.Name), taken))];
        int start = code.ToString().Length;
        // Deployments of one flow mostly have one schema: its types stand beside them, those of another schema inside the deployment.
        string? common = flow.Deployments.Select(deployment => Text(deployment.Schema)).FirstOrDefault(text => text.Length > 0);
        ClientTypes? shared = null;
        for (int i = 0; i < identifiers.Length; i++)
        {
            ClientDeployment deployment = flow.Deployments[i];
            string text = Text(deployment.Schema);
            code.Line($"/// <summary>The deployment {ClientText.Xml(flow.Name)}/{ClientText.Xml(deployment.Name)}.{(deployment.Description is { Length: > 0 } words ? " " + ClientText.Xml(words) : "")}</summary>")
                .Open($"internal static class {Names.Escape(identifiers[i])}");
            if (text.Length == 0)
            {
                WriteUntyped(code, flow, deployment);
            }
            else if (text == common)
            {
                shared ??= new ClientTypes(deployment.Schema!, taken);
                WriteRun(code, flow, deployment, shared);
            }
            else
            {
                var own = new ClientTypes(deployment.Schema!, new HashSet<string>([.. ClientTypeEmitter.Helpers, "WriteMembers", identifiers[i]], StringComparer.Ordinal));
                WriteRun(code, flow, deployment, own);
                ClientTypeEmitter.Write(code, own.Declarations);
            }
            code.Close().Line();
        }
        if (shared is not null)
            ClientTypeEmitter.Write(code, shared.Declarations);
        ClientTypeEmitter.WriteHelpers(code, start);
        code.Close();
    }

    private static string Text(JsonNode? schema) => schema is { Kind: JsonKind.Object, Members.Count: > 0 } ? new JsonBuilder().Value(schema).ToString() : "";

    private static void WriteRun(CodeWriter code, ClientFlow flow, ClientDeployment deployment, ClientTypes types)
    {
        // What the deployment gives, a caller may leave out.
        ClientMember[] parameters = [.. types.Parameters().Select(parameter => deployment.Parameters.Member(parameter.JsonName) is null
            ? parameter
            : parameter with { IsRequired = false, Description = $"{parameter.Description} The deployment gives {Given(parameter, deployment)}.".Trim() })];
        var names = new HashSet<string>(parameters.Select(parameter => parameter.Name), StringComparer.Ordinal);
        string options = ClientText.Unique("options", names);
        string cancellation = ClientText.Unique("cancellation", names);
        string writer = ClientText.Unique("writer", names);

        code.Line("/// <summary>Creates a run. What is left out or null is what the deployment says, else the flow's default.</summary>");
        foreach (ClientMember parameter in parameters)
            code.Line(ClientTypeEmitter.Doc(parameter));
        var signature = parameters.OrderBy(parameter => !parameter.IsRequired).Select(parameter => parameter.IsRequired
                ? $"{parameter.Type!.CSharp} {Names.Escape(parameter.Name)}"
                : $"{ClientTypeEmitter.Optional(parameter.Type!)} {Names.Escape(parameter.Name)} = null");
        Open(code, flow, deployment, signature, options, cancellation, writer);
        int number = 0;
        foreach (ClientMember parameter in parameters)
        {
            string name = Names.Escape(parameter.Name);
            if (parameter.IsRequired)
                code.Line(ClientTypeEmitter.Property(parameter, writer)).Line(ClientTypeEmitter.Expression(parameter.Type!, writer, name) + ";");
            else
                ClientTypeEmitter.WriteOptional(code, parameter, name, ClientText.Unique("set" + (number++).ToString(CultureInfo.InvariantCulture), names), writer);
        }
        code.Close($", {options}, {cancellation});").Out();
    }

    private static string Given(ClientMember parameter, ClientDeployment deployment) =>
        (parameter.IsSecret ? null : ClientText.Shown(deployment.Parameters.Member(parameter.JsonName)!)) ?? "it";

    /// <summary>A deployment without a schema takes any parameters.</summary>
    private static void WriteUntyped(CodeWriter code, ClientFlow flow, ClientDeployment deployment)
    {
        code.Line("/// <summary>Creates a run. The deployment has no schema: its parameters are not known.</summary>").Line("/// <param name=\"parameters\">Parameters by their names.</param>");
        var type = new MapType(new AnyType(null));
        Open(code, flow, deployment, [$"{type.CSharp}? parameters = null"], "options", "cancellation", "writer");
        code.Line("if (parameters is not null)").Deeper($"WriteMembers<{type.Value.CSharp}>(writer, parameters, static (w, v) => WriteAny(w, v));")
            .Close(", options, cancellation);").Out();
    }

    private static void Open(CodeWriter code, ClientFlow flow, ClientDeployment deployment, IEnumerable<string> parameters, string options, string cancellation, string writer)
    {
        string signature = string.Join(", ", parameters.Append($"global::Sluice.DeploymentRunOptions? {options} = null").Append($"{Cancellation} {cancellation} = default"));
        code.Line($"/// <param name=\"{options}\">How it is started.</param>").Line($"/// <param name=\"{cancellation}\">Cancels the request, not the run.</param>")
            .Line($"public static global::System.Threading.Tasks.Task<global::Sluice.DeploymentRun> RunAsync({signature}) =>")
            .In().Open($"global::Sluice.Runtime.DeploymentRuns.StartAsync({ClientText.Literal(flow.Name)}, {ClientText.Literal(deployment.Name)}, {writer} =>");
    }
}

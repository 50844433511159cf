using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using Sluice.Generators.Clients;
using Sluice.Generators.Emitting;
using Sluice.Generators.Model;
using Sluice.Generators.Parsing;

namespace Sluice.Generators;

/// <summary>
/// Turns methods marked [Flow] into manifest, shims, typed clients and <c>Main</c>. Parser: symbols to model, again after every edit. Model:
/// equatable, so that what did not change stops here. Emitter: model to text, only for what changed. Diagnostics come from analyzers.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class FlowGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<FlowModel?> candidates = context.SyntaxProvider.ForAttributeWithMetadataName(
            "Sluice.FlowAttribute",
            static (node, _) => node is MethodDeclarationSyntax,
            static (syntax, cancellation) => FlowParser.Parse(syntax, cancellation)).WithTrackingName(TrackingNames.Flows);
        IncrementalValuesProvider<FlowModel> flows = candidates.Where(static flow => flow is not null)!;

        context.RegisterSourceOutput(flows, static (output, flow) => Add(output, Hint(flow, "g"), FlowEmitter.Emit(flow)));
        RegisterClients(context, flows);
        RegisterProgram(context, candidates);
    }

    private static void RegisterClients(IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<FlowModel> flows)
    {
        // Flows whose names give the same identifier are told apart by their class names.
        IncrementalValueProvider<EquatableArray<string>> identifiers = flows
            .Where(static flow => flow.Deployments.Count > 0)
            .Select(static (flow, _) => ClientEmitter.FlowIdentifier(flow.Name))
            .Collect()
            .Select(static (names, _) => names.ToEquatable());
        IncrementalValueProvider<EquatableArray<string>> clashes = identifiers
            .Select(static (names, _) => names.GroupBy(name => name).Where(group => group.Count() > 1).Select(group => group.Key).ToEquatable())
            .WithTrackingName(TrackingNames.Clashes);
        // Null where the project has something of its own with the clients' name, or lacks what they call.
        IncrementalValueProvider<ClientPlace?> place = context.CompilationProvider.Combine(context.AnalyzerConfigOptionsProvider.Select(RootNamespace))
            .Select(static (pair, cancellation) => ClientPlace.Find(pair.Left, pair.Right, cancellation)).WithTrackingName(TrackingNames.ClientPlace);

        IncrementalValuesProvider<ClientModel> clients = flows
            .Where(static flow => flow.Deployments.Count > 0)
            .Combine(clashes.Combine(place))
            .Select(static (pair, _) =>
            {
                string identifier = ClientEmitter.FlowIdentifier(pair.Left.Name);
                return new ClientModel(
                    pair.Left,
                    pair.Right.Left.Contains(identifier) || pair.Right.Right?.Taken.Contains(identifier) == true ? pair.Left.ClassName : identifier, pair.Right.Right?.Namespace);
            })
            .WithTrackingName(TrackingNames.Clients);
        context.RegisterSourceOutput(clients, static (output, client) =>
        {
            if (client.RootNamespace is not null)
                Add(output, Hint(client.Flow, "Deployments.g"), DeploymentsEmitter.Emit(client.Flow, client.Identifier, client.RootNamespace));
        });
        ReferencedClients.Register(context, identifiers, place);
    }

    private static void RegisterProgram(IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<FlowModel?> candidates)
    {
        // Invalid flows are empty names: a project that has only these still gets its Main, so that their own diagnostics stand alone.
        IncrementalValueProvider<EquatableArray<string>> names = candidates
            .Select(static (flow, _) => flow?.ClassName ?? "").Collect()
            .Select(static (all, _) => all.ToEquatable())
            .WithTrackingName(TrackingNames.FlowNames);
        IncrementalValueProvider<bool> isWanted = context.AnalyzerConfigOptionsProvider
            .Select(static (options, _) => !string.Equals(Option(options, "SluiceGenerateMain"), "false", StringComparison.OrdinalIgnoreCase));
        IncrementalValueProvider<bool> lacksMain = context.CompilationProvider
            .Select(static (compilation, cancellation) =>
                compilation.Options.OutputKind is OutputKind.ConsoleApplication or OutputKind.WindowsApplication && !EntryPoints.HasOne(compilation, cancellation));

        IncrementalValueProvider<ProgramModel> program = names.Combine(isWanted.Combine(lacksMain))
            .Select(static (all, _) => new ProgramModel(all.Left, all.Right.Left && all.Right.Right))
            .WithTrackingName(TrackingNames.Program);
        context.RegisterSourceOutput(program, static (output, model) =>
        {
            if (model.Flows.Count == 0)
                return;
            Add(output, "FlowList.g.cs", ProgramEmitter.Flows(model.Flows.Where(name => name.Length > 0)));
            if (model.HasMain)
                Add(output, "Main.g.cs", ProgramEmitter.Main());
        });
    }

    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    internal static void Add(SourceProductionContext output, string hint, string text) => output.AddSource(hint, SourceText.From(text, Utf8));

    // Hint names are compared without case, method names with it: hence the hash.
    private static string Hint(FlowModel flow, string suffix) => $"{flow.ClassName}.{Names.Hash(flow.Entrypoint)}.{suffix}.cs";

    private static string? Option(AnalyzerConfigOptionsProvider options, string name) =>
        options.GlobalOptions.TryGetValue("build_property." + name, out string? value) ? value : null;

    private static string RootNamespace(AnalyzerConfigOptionsProvider options, CancellationToken cancellation) =>
        string.Join(".", (Option(options, "RootNamespace") ?? "").Split('.').Where(part => part.Length > 0)
            .Select(part => SyntaxFacts.IsValidIdentifier(part) ? Names.Escape(part) : Names.Identifier(part)));

    private sealed record ClientModel(FlowModel Flow, string Identifier, string? RootNamespace);

    private sealed record ProgramModel(EquatableArray<string> Flows, bool HasMain);
}

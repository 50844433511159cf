using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Sluice.Generators.Analyzers.Flows;

/// <summary>Flows are told apart by name. Asked of the whole compilation, hence at its end.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class DuplicateFlowAnalyzer : DiagnosticAnalyzer
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0105", "Two flows have the same name", "'{0}' is also the name of the flow {1}; flows are told apart by name", Help.Category,
        DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0105.md", customTags: [WellKnownDiagnosticTags.CompilationEnd]);

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rule];

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            var flows = new ConcurrentBag<FlowMethod>();
            start.RegisterSymbolAction(
                symbol =>
                {
                    if (FlowMethod.Of(symbol.Symbol, symbol.CancellationToken) is { Flow: not null } flow)
                        flows.Add(flow);
                },
                SymbolKind.Method);
            start.RegisterCompilationEndAction(end =>
            {
                foreach (var group in flows.GroupBy(flow => flow.Name, StringComparer.Ordinal))
                {
                    FlowMethod[] inOrder = [.. InOrder(group)];
                    foreach (FlowMethod again in inOrder.Skip(1))
                        end.ReportDiagnostic(Diagnostic.Create(
                            Rule, again.Place(again.Flow!), group.Key, $"{inOrder[0].Symbol.ContainingType.Name}.{inOrder[0].Symbol.Name}"));
                }
            });
        });
    }

    /// <summary>Flows in the order in which they stand: the first of a name may keep it.</summary>
    public static IEnumerable<FlowMethod> InOrder(IEnumerable<FlowMethod> flows) =>
        flows.OrderBy(flow => flow.Identifier.SourceTree?.FilePath, StringComparer.Ordinal).ThenBy(flow => flow.Identifier.SourceSpan.Start);
}

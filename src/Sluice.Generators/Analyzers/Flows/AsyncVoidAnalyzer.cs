using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Flows;

/// <summary>What is not awaited is not known to end.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class AsyncVoidAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0308", "Flow is async void", "The flow '{0}' is async void: its run would be reported as completed at its first await, and its errors lost; return Task", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0308.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        if (flow is { Flow: not null, Symbol: { IsAsync: true, ReturnsVoid: true } })
            report(flow.ReturnType, [flow.Symbol.Name]);
    }
}

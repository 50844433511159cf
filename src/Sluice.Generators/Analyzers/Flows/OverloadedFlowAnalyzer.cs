using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Flows;

/// <summary>An entrypoint names a method without its parameters.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class OverloadedFlowAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0108", "Two flows of one type have the same method name", "Another flow of '{0}' is also named '{1}', so that their entrypoints are the same; rename one of them", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0108.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        if (flow.Flow is not null && flow.Symbol.MethodKind == MethodKind.Ordinary && FlowRules.IsOverloaded(flow.Symbol))
            report(flow.Identifier, [flow.Symbol.ContainingType.Name, flow.Symbol.Name]);
    }
}

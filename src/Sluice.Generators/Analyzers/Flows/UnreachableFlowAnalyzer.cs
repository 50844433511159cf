using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Flows;

/// <summary>Generated code of the same assembly calls the flow, so it must be accessible and not generic.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class UnreachableFlowAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0103", "Flow cannot be called by generated code", "The flow '{0}' {1}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0103.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        if (flow.Flow is not null && FlowRules.Unreachable(flow.Symbol) is { } reason)
            report(flow.Identifier, [flow.Symbol.Name, reason]);
    }
}

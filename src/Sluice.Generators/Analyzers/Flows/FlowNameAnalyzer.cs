using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Flows;

/// <summary>What Prefect refuses in names.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class FlowNameAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0106", "Flow name is not allowed", "{0}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0106.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        if (flow.Flow is null || FlowRules.BadName(flow.Name) is not { } bad)
            return;
        if (bad.Length == 0)
            report(flow.Place(flow.Flow), ["A flow's name must not be empty; leave it out to get the method's"]);
        else
            report(flow.Place(flow.Flow, null, flow.Name.IndexOf(bad, StringComparison.Ordinal), 1), [$"A flow's name must not contain '{bad}' (nor any of / % & > <)"]);
    }
}

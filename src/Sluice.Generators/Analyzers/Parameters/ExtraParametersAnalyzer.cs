using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Parameters;

/// <summary>Extra parameters are one dictionary of JSON.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ExtraParametersAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0204", "Extra parameters cannot be taken", "Parameter '{0}' {1}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0204.md");

    protected override void Analyze(FlowMethod flow, Report report)
    {
        if (flow.Flow is null)
            return;
        foreach (IParameterSymbol parameter in flow.Symbol.Parameters)
            if (FlowRules.BadExtras(parameter) is { } problem)
                report(flow.TypeOf(parameter), [parameter.Name, problem]);
    }
}

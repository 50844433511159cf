using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Parameters;

/// <summary>A flow takes values.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ParameterPassingAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0202", "Parameter cannot be passed", "Parameter '{0}' of a flow cannot be {1}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0202.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        if (flow.Flow is null)
            return;
        foreach (IParameterSymbol parameter in flow.Symbol.Parameters)
            if (FlowRules.BadPassing(parameter) is { } kind)
                report(flow.ParameterSyntax(parameter)?.GetLocation() ?? flow.Identifier, [parameter.Name, kind]);
    }
}

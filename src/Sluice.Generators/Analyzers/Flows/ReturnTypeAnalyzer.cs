using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Flows;

/// <summary>The result is written as JSON.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ReturnTypeAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0104", "Return type of a flow is not supported", "The result of the flow '{0}' cannot be written as JSON: {1}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0104.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        (_, ITypeSymbol? value) = FlowRules.Result(flow.Symbol);
        if (flow.Flow is null || value is null)
            return;
        if (flow.Symbol.ReturnsByRef || flow.Symbol.ReturnsByRefReadonly)
        {
            report(flow.ReturnType, [flow.Symbol.Name, "it is returned by reference"]);
            return;
        }
        var types = new FlowTypes(flow.Symbol.ContainingAssembly, forInput: false, flow.Cancellation);
        types.Parse(value, "result");
        foreach (TypeProblem problem in types.Problems)
            report(problem.Place ?? flow.ReturnType, [flow.Symbol.Name, problem.Path == "result" ? problem.Message : $"{problem.Path}: {problem.Message}"]);
    }
}

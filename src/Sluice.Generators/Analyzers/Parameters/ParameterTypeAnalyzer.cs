using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Model;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Parameters;

/// <summary>Parameters are read from JSON.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class ParameterTypeAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0201", "Parameter type is not supported", "Parameter '{0}' cannot be read from JSON: {1}", Help.Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0201.md");

    protected override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        if (flow.Flow is null)
            return;
        var types = new FlowTypes(flow.Symbol.ContainingAssembly, forInput: true, flow.Cancellation);
        int seen = 0;
        foreach (IParameterSymbol parameter in flow.Symbol.Parameters)
        {
            if (FlowRules.Injected(parameter.Type) != InjectedKind.None || FlowRules.BadPassing(parameter) is not null)
                continue;
            types.Parse(parameter.Type, parameter.Name);
            for (; seen < types.Problems.Count; seen++)
            {
                TypeProblem problem = types.Problems[seen];
                if (problem.Rule == TypeRule.Supported)
                    report(problem.Place ?? flow.TypeOf(parameter), [parameter.Name, problem.Path == parameter.Name ? problem.Message : $"{problem.Path}: {problem.Message}"]);
            }
        }
    }
}

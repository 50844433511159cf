using Microsoft.CodeAnalysis;
using Sluice.Generators.Model;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Parameters;

/// <summary>What is wrong with the types of a flow's parameters, for the analyzers of these rules.</summary>
internal static class ParameterProblems
{
    public static IEnumerable<(IParameterSymbol Parameter, TypeProblem Problem, Location Place)> Of(FlowMethod flow, TypeRule rule)
    {
        if (flow.Flow is null)
            yield break;
        var types = new FlowTypes(flow.Symbol.ContainingAssembly, forInput: true, flow.Cancellation);
        int seen = 0;
        foreach (IParameterSymbol parameter in flow.Symbol.Parameters)
        {
            if (FlowRules.Injected(parameter.Type) != InjectedKind.None || FlowRules.BadPassing(parameter) is not null)
                continue;
            types.Parse(parameter.Type, parameter.Name);
            for (; seen < types.Problems.Count; seen++)
                if (types.Problems[seen].Rule == rule)
                    yield return (parameter, types.Problems[seen], types.Problems[seen].Place ?? flow.TypeOf(parameter));
        }
    }
}

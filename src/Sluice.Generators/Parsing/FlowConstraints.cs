using Microsoft.CodeAnalysis;
using Sluice.Generators.Emitting;
using Sluice.Generators.Json;
using Sluice.Generators.Model;

namespace Sluice.Generators.Parsing;

/// <summary>What is wrong with the constraints of a flow's parameters and of the types they are made of.</summary>
internal static class FlowConstraints
{
    public static IEnumerable<(IParameterSymbol Parameter, ConstraintProblem Problem)> Problems(IMethodSymbol method, CancellationToken cancellation)
    {
        var types = new FlowTypes(method.ContainingAssembly, forInput: true, cancellation);
        var seen = new HashSet<(string, string)>();
        foreach (IParameterSymbol parameter in method.Parameters)
        {
            if (FlowRules.Injected(parameter.Type) != InjectedKind.None || FlowRules.BadPassing(parameter) is not null)
                continue;
            bool isNull = parameter is { HasExplicitDefaultValue: true, ExplicitDefaultValue: null };
            int known = types.ConstraintProblems.Count;
            TypeNode? type = types.Parse(parameter.Type, parameter.Name, isNull);
            // A type that several parameters share is one problem.
            foreach (ConstraintProblem problem in types.ConstraintProblems.Skip(known))
                if (seen.Add((problem.Owner.ToDisplayString(), problem.Message)))
                    yield return (parameter, problem);
            if (type is null || parameter.GetAttributes().IsEmpty)
                continue;
            var problems = new List<ConstraintProblem>();
            var parser = new ConstraintParser(type, types.Table, parameter, parameter.Name, problems);
            Constraints? constraints = parser.Read(parameter);
            parser.CheckDefault(parameter, constraints);
            foreach (ConstraintProblem problem in problems)
                yield return (parameter, problem);
        }
    }
}

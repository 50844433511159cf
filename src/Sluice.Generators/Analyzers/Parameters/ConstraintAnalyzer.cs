using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Parsing;

namespace Sluice.Generators.Analyzers.Parameters;

/// <summary>An analyzer of one rule for the attributes that constrain values.</summary>
internal abstract class ConstraintAnalyzer(DiagnosticDescriptor rule, ConstraintRule kind) : FlowAnalyzer(rule)
{
    protected sealed override void Analyze(FlowMethod flow, Action<Location, object[]> report)
    {
        if (flow.Flow is null)
            return;
        foreach ((IParameterSymbol parameter, ConstraintProblem problem) in FlowConstraints.Problems(flow.Symbol, flow.Cancellation))
            if (problem.Rule == kind)
                report(Place(flow, problem) ?? flow.TypeOf(parameter), [problem.Path, problem.Message]);
    }

    /// <summary>The characters of the attribute's text, the attribute, or the default; null where there is no source.</summary>
    private static Location? Place(FlowMethod flow, ConstraintProblem problem)
    {
        if (problem.Attribute is { } attribute)
        {
            if (attribute.ApplicationSyntaxReference?.GetSyntax(flow.Cancellation) is not AttributeSyntax syntax)
                return null;
            return problem.Offset >= 0 ? flow.Place(attribute, null, problem.Offset, problem.Length) : syntax.GetLocation();
        }
        return problem.Owner.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(flow.Cancellation) switch
        {
            ParameterSyntax { Default.Value: { } value } => value.GetLocation(),
            ParameterSyntax parameter => parameter.Identifier.GetLocation(),
            PropertyDeclarationSyntax property => property.Identifier.GetLocation(),
            _ => null,
        };
    }
}

using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Analyzers.Flows;
using Sluice.Generators.Analyzers.Parameters;
using Sluice.Generators.Parsing;

namespace Sluice.CodeFixes;

/// <summary>Gives a parameter (SLC0201), a result (SLC0104) or extra parameters (SLC0204) the nearest type that JSON can be read into or written from.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ConvertTypeCodeFix))]
[Shared]
internal sealed class ConvertTypeCodeFix() : FlowCodeFix(ParameterTypeAnalyzer.Rule.Id, ReturnTypeAnalyzer.Rule.Id, ExtraParametersAnalyzer.Rule.Id)
{
    protected override void Offer(Problem problem)
    {
        Compilation compilation = problem.Model.Compilation;
        if (problem.Diagnostic.Id == ExtraParametersAnalyzer.Rule.Id)
        {
            if (problem.Around<ParameterSyntax>()?.Type is { } given && compilation.GetTypeByMetadataName("System.Collections.Generic.IDictionary`2") is { } map
                && compilation.GetTypeByMetadataName("System.Text.Json.JsonElement") is { } any)
                Convert(problem, given, map.Construct(compilation.GetSpecialType(SpecialType.System_String), any));
            return;
        }
        if (problem.Diagnostic.Id == ParameterTypeAnalyzer.Rule.Id)
        {
            // The mistake may be in the flow's parameter or in a member of its type.
            if (problem.Around<PropertyDeclarationSyntax>() is { } property && problem.Model.GetDeclaredSymbol(property, problem.Cancellation) is IPropertySymbol member)
                Convert(problem, property.Type, SupportedTypes.ForInput(member.Type, compilation, problem.Cancellation));
            else if (problem.Around<ParameterSyntax>() is { Type: { } written } parameter && problem.Model.GetDeclaredSymbol(parameter, problem.Cancellation) is IParameterSymbol { Type: var type })
                Convert(problem, written, SupportedTypes.ForInput(type, compilation, problem.Cancellation));
        }
        else if (problem.Flow is { } flow && problem.Around<MethodDeclarationSyntax>()?.ReturnType is { } returned && FlowRules.Result(flow.Symbol).Value is { } value
            && !flow.Symbol.ReturnsByRef && !flow.Symbol.ReturnsByRefReadonly
            && SupportedTypes.ForOutput(value, compilation, problem.Cancellation) is { } result)
        {
            // What is awaited stays awaited.
            Convert(problem, returned, flow.Symbol.ReturnType is INamedTypeSymbol { Arity: 1 } task && !SymbolEqualityComparer.Default.Equals(task, value)
                ? task.OriginalDefinition.Construct([result], [result.NullableAnnotation])
                : result);
        }
    }

    private static void Convert(Problem problem, TypeSyntax written, ITypeSymbol? type)
    {
        if (type is null)
            return;
        string name = SupportedTypes.Write(type, problem.Model, written.SpanStart);
        if (name != written.ToString())
            problem.Offer("Convert", $"Change the type to {name}", new Change(written.SyntaxTree, written.Span, name));
    }
}

using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Sluice.Generators.Analyzers.Parameters;

namespace Sluice.CodeFixes;

/// <summary>Takes a parameter by value, and a params collection as an array (SLC0202).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(PassByValueCodeFix))]
[Shared]
internal sealed class PassByValueCodeFix() : FlowCodeFix(ParameterPassingAnalyzer.Rule.Id)
{
    protected override void Offer(Problem problem)
    {
        if (problem.Around<ParameterSyntax>() is not { Type: { } type } parameter)
            return;
        if (parameter.Modifiers.Any(SyntaxKind.ParamsKeyword))
        {
            if (problem.Model.GetDeclaredSymbol(parameter, problem.Cancellation) is IParameterSymbol { Type: var collection } && SupportedTypes.ElementOf(collection, problem.Model.Compilation) is { } item)
            {
                string array = SupportedTypes.Write(SupportedTypes.ArrayOf(item, problem.Model.Compilation), problem.Model, type.SpanStart);
                problem.Offer("Array", $"Take {array}", new Change(type.SyntaxTree, type.Span, array));
            }
            return;
        }
        if (parameter.Modifiers.Count > 0)
            problem.Offer("By value", "Take it by value", new Change(type.SyntaxTree, TextSpan.FromBounds(parameter.Modifiers[0].SpanStart, type.SpanStart), ""));
    }
}

using System.Composition;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Analyzers.Parameters;

namespace Sluice.CodeFixes;

/// <summary>Puts the lower end of a range before the higher one (SLC0212).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(SwapEndsCodeFix))]
[Shared]
internal sealed class SwapEndsCodeFix() : FlowCodeFix(ImpossibleConstraintAnalyzer.Rule.Id)
{
    protected override void Offer(Problem problem)
    {
        if (problem.Attribute is not { ArgumentList: { } list })
            return;
        ExpressionSyntax[] ends = [.. list.Arguments.Where(argument => argument.NameEquals is null && argument.Expression is not TypeOfExpressionSyntax).Select(argument => argument.Expression)];
        if (ends is [var low, var high] && Number(low) > Number(high))
            problem.Offer("Swap", $"Swap the ends: {high} to {low}", new Change(low.SyntaxTree, low.Span, high.ToString()), new Change(high.SyntaxTree, high.Span, low.ToString()));
        else if (ends is [var maximum] && problem.Attribute.Argument("MinimumLength")?.Expression is { } minimum && Number(minimum) > Number(maximum))
            problem.Offer("Swap", $"Swap the ends: {maximum} to {minimum}", new Change(minimum.SyntaxTree, minimum.Span, maximum.ToString()), new Change(maximum.SyntaxTree, maximum.Span, minimum.ToString()));

        double? Number(ExpressionSyntax expression) => problem.Model.GetConstantValue(expression, problem.Cancellation).Value switch
        {
            string text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null,
            IConvertible value and not (char or bool) => value.ToDouble(CultureInfo.InvariantCulture),
            _ => null,
        };
    }
}

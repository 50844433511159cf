using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Analyzers.Deployments;
using Sluice.Generators.Analyzers.Schedules;

namespace Sluice.CodeFixes;

/// <summary>Removes an argument that names nothing (SLC0309), or has no effect (SLC0432).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RemoveArgumentCodeFix))]
[Shared]
internal sealed class RemoveArgumentCodeFix() : FlowCodeFix(UselessOptionAnalyzer.Rule.Id, EmptyTextAnalyzer.Rule.Id)
{
    protected override void Offer(Problem problem)
    {
        if (problem.Attribute is not { } attribute || problem.Around<AttributeArgumentSyntax>() is not { NameEquals.Name.Identifier.ValueText: var name } argument)
            return;
        Change[] changes = argument.Expression switch
        {
            CollectionExpressionSyntax list => Blank(problem, list.Elements),
            ImplicitArrayCreationExpressionSyntax list => Blank(problem, list.Initializer.Expressions),
            ArrayCreationExpressionSyntax { Initializer: { } list } => Blank(problem, list.Expressions),
            _ => [],
        };
        if (changes.Length > 0)
            problem.Offer("Remove", $"Remove the empty item of {name}", changes);
        else
            problem.Offer("Remove", $"Remove {name}", AttributeEdit.Remove(attribute, argument));
    }

    /// <summary>Removes the items that are empty; nothing when no other is left.</summary>
    private static Change[] Blank<T>(Problem problem, SeparatedSyntaxList<T> list)
        where T : SyntaxNode
    {
        T[] blank = [.. list.Where(item => problem.Model.GetConstantValue(item is ExpressionElementSyntax element ? element.Expression : item, problem.Cancellation).Value is string text && string.IsNullOrWhiteSpace(text))];
        return blank.Length < list.Count ? AttributeEdit.Remove(list, blank) : [];
    }
}

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
        // Of a list, only an item is empty.
        if (problem.Attribute is { } attribute && problem.Around<AttributeArgumentSyntax>() is { NameEquals.Name: { } name } argument
            && !(problem.Diagnostic.Id == EmptyTextAnalyzer.Rule.Id && argument.Expression is not LiteralExpressionSyntax))
            problem.Offer("Remove", $"Remove {name.Identifier.ValueText}", AttributeEdit.Remove(attribute, argument));
    }
}

using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Analyzers;

namespace Sluice.CodeFixes;

/// <summary>
/// Does what a diagnostic's own properties propose: gives the text at its place the value of <c>replacement</c>, or adds the named argument
/// <c>argument</c> with the text <c>value</c>. The analyzer that finds a mistake knows best what was meant, above all in schedules.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ReplaceTextCodeFix))]
[Shared]
// All rules of schedules and storage may propose; one that does not is offered nothing here.
internal sealed class ReplaceTextCodeFix() : FlowCodeFix([.. Enumerable.Range(402, 31).Concat(Enumerable.Range(501, 12)).Select(number => $"SLC0{number}")])
{
    protected override void Offer(Problem problem)
    {
        var properties = problem.Diagnostic.Properties;
        if (properties.TryGetValue(Mend.Replacement, out string? replacement) && replacement is not null)
            problem.OfferText("Replace", replacement);
        if (problem.Attribute is { } attribute && properties.TryGetValue(Mend.Argument, out string? name) && name is not null
            && properties.TryGetValue(Mend.Value, out string? value) && value is not null)
            problem.Offer("Add " + name, $"Add {name} = \"{Titles.Short(value)}\"", Set(problem, attribute, name, value));
    }

    private static Change? Set(Problem problem, AttributeSyntax attribute, string name, string value) =>
        attribute.Argument(name) is { } given
            ? StringEdit.Set(given.Expression, value, problem.Model, problem.Cancellation)?.Change
            : AttributeEdit.Add(attribute, name, StringEdit.Quote(value, attribute.SyntaxTree.Options));
}

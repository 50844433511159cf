using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Sluice.Generators.Analyzers.Parameters;

namespace Sluice.CodeFixes;

/// <summary>Removes an attribute that says nothing of its type (SLC0211), or that nobody checks (SLC0214).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RemoveConstraintCodeFix))]
[Shared]
internal sealed class RemoveConstraintCodeFix() : FlowCodeFix(ConstraintTypeAnalyzer.Rule.Id, UncheckedConstraintAnalyzer.Rule.Id)
{
    protected override void Offer(Problem problem)
    {
        if (problem.Attribute is { } attribute)
            problem.Offer("Remove", $"Remove [{attribute.Name.GetLastToken().ValueText}]", AttributeEdit.Remove(attribute));
    }
}

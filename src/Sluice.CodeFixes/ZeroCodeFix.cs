using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Analyzers.Deployments;
using Sluice.Generators.Analyzers.Flows;

namespace Sluice.CodeFixes;

/// <summary>Sets to 0 what must not be negative (SLC0107, SLC0306).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ZeroCodeFix))]
[Shared]
internal sealed class ZeroCodeFix() : FlowCodeFix(FlowOptionAnalyzer.Rule.Id, ConcurrencyLimitAnalyzer.Rule.Id)
{
    protected override void Offer(Problem problem)
    {
        if (problem.Around<AttributeArgumentSyntax>() is { NameEquals.Name: { } name, Expression: { } value })
            problem.Offer("Zero", $"Set {name.Identifier.ValueText} to 0", new Change(value.SyntaxTree, value.Span, "0"));
    }
}

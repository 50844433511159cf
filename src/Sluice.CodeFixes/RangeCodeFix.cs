using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Analyzers.Deployments;
using Sluice.Generators.Analyzers.Flows;
using Sluice.Generators.Analyzers.Schedules;
using Sluice.Generators.Parsing;

namespace Sluice.CodeFixes;

/// <summary>Sets a number out of range to the nearest in it (SLC0107, SLC0306, SLC0431).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RangeCodeFix))]
[Shared]
internal sealed class RangeCodeFix() : FlowCodeFix(FlowOptionAnalyzer.Rule.Id, ConcurrencyLimitAnalyzer.Rule.Id, MisfireOptionAnalyzer.Rule.Id)
{
    protected override void Offer(Problem problem)
    {
        if (problem.Around<AttributeArgumentSyntax>() is not { NameEquals.Name.Identifier.ValueText: var name, Expression: { } written })
            return;
        object? value = problem.Model.GetConstantValue(written, problem.Cancellation).Value;
        string? nearest = (name, value) switch
        {
            ("MaxMisfires", int limit) => limit < 1 ? "1" : MisfireOptions.MaxLimit.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ("RetryDelaySeconds" or "TimeoutSeconds", > (double)int.MaxValue) => int.MaxValue.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ("Misfire" or "Dst", _) => null,
            _ => "0",
        };
        if (nearest is not null)
            problem.Offer("Nearest", $"Set {name} to {nearest}", new Change(written.SyntaxTree, written.Span, nearest));
    }
}

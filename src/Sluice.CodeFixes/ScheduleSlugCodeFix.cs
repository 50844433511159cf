using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Generators.Analyzers;
using Sluice.Generators.Analyzers.Schedules;
using Sluice.Generators.Parsing;

namespace Sluice.CodeFixes;

/// <summary>Gives a [Schedule] a slug that no other of its deployment has (SLC0410).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ScheduleSlugCodeFix))]
[Shared]
internal sealed class ScheduleSlugCodeFix() : FlowCodeFix(DuplicateSlugAnalyzer.Rule.Id)
{
    protected override void Offer(Problem problem)
    {
        if (problem.Flow is not { } flow || problem.Attribute is not { } attribute || Problem.Read(flow, attribute) is not { } data)
            return;
        string slug = Free(flow, data);
        if (attribute.Argument("Slug") is not { } given)
            problem.Offer("Slug", $"Add Slug = \"{slug}\"", AttributeEdit.Add(attribute, "Slug", StringEdit.Quote(slug, attribute.SyntaxTree.Options)));
        else if (StringEdit.Set(given.Expression, slug, problem.Model, problem.Cancellation) is { Constant: null } edit)
            problem.Offer("Slug", Titles.Change(slug, null), edit.Change);
    }

    /// <summary>The slug with a number that is free, counted over all that share it, so that "fix all" leaves none.</summary>
    private static string Free(FlowMethod flow, AttributeData data)
    {
        var all = DuplicateSlugAnalyzer.Slugs(flow, data.FirstText()).ToArray();
        var taken = new HashSet<string>(all.Select(schedule => schedule.Slug), StringComparer.Ordinal) { DuplicateSlugAnalyzer.Own };
        var seen = new HashSet<string>(StringComparer.Ordinal) { DuplicateSlugAnalyzer.Own };
        string free = "";
        foreach (var (schedule, slug) in all)
        {
            if (!seen.Add(slug))
                free = AllowedNames.Free(slug, "-", taken);
            if (schedule.ApplicationSyntaxReference?.Span == data.ApplicationSyntaxReference?.Span)
                break;
        }
        return free;
    }
}

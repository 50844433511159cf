using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Sluice.Cli.Runs;
using Sluice.Generators.Analyzers.Schedules;
using Sluice.Generators.Parsing;
using Sluice.Schedules;

namespace Sluice.CodeFixes;

/// <summary>Writes the words of a recurrence rule rightly: <c>BYDAY=MON</c> as <c>BYDAY=MO</c>, <c>FREQ=DAYLY</c> as <c>FREQ=DAILY</c> (SLC0404).</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RecurrenceCodeFix))]
[Shared]
internal sealed class RecurrenceCodeFix() : FlowCodeFix(RRuleAnalyzer.Rule.Id)
{
    private const int MaximumWords = 50;

    private static readonly string[] Days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];

    private static readonly string[] Words =
    [
        "SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY",
        "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS", "RRULE", "EXRULE", "RDATE", "EXDATE", "DTSTART",
    ];

    protected override void Offer(Problem problem)
    {
        if (problem.Diagnostic.Properties.Count > 0 || problem.Flow is not { } flow || problem.Attribute is not { } attribute
            || problem.Around<AttributeArgumentSyntax>() is not { } argument || Problem.Read(flow, attribute)?.Text("RRule") is not { } rule || Correct(rule) is not { } corrected
            || StringEdit.Set(argument.Expression, corrected, problem.Model, problem.Cancellation) is not { } edit)
            return;
        problem.Offer("Correct", Titles.Change(corrected, edit.Constant), edit.Change);
    }

    /// <summary>The rule with each wrong word mended; null when that does not make it valid.</summary>
    internal static string? Correct(string rule)
    {
        for (int word = 0; word < MaximumWords; word++)
        {
            if (Occurrences.TryParseRRule(rule, null, out _, out ScheduleError? error))
                return rule;
            (int start, int end) = WordAt(rule, error!.Offset);
            if (end == start || Better(rule.Substring(start, end - start)) is not { } better)
                return null;
            rule = rule.Substring(0, start) + better + rule.Substring(end);
        }
        return null;
    }

    private static string? Better(string wrong)
    {
        string upper = wrong.ToUpperInvariant();
        string? day = upper.Length > 2 ? Days.FirstOrDefault(known => known.StartsWith(upper, StringComparison.Ordinal)) : null;
        string? better = day?.Substring(0, 2) ?? DidYouMean.Nearest(upper, Words);
        return better == wrong ? null : better;
    }

    private static (int Start, int End) WordAt(string rule, int at)
    {
        int start = Math.Min(at, rule.Length), end = start;
        while (start > 0 && char.IsLetter(rule[start - 1]))
            start--;
        while (end < rule.Length && char.IsLetter(rule[end]))
            end++;
        return (start, end);
    }
}

using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Sluice.Cli.Runs;
using Sluice.Generators.Analyzers.Schedules;
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
        if (problem.Text is ("RRule", var rule) && Correct(rule) is { } corrected)
            problem.OfferText("Correct", corrected);
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

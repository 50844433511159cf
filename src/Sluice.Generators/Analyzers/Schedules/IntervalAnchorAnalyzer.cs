using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>An interval without anchor is counted from whenever the server first saw it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class IntervalAnchorAnalyzer() : FlowAnalyzer(Rule)
{
    public static readonly DiagnosticDescriptor Rule = new(
        "SLC0416", "Interval without AnchorDate", "Without AnchorDate the server decides {0} of '{1}'; give the time to count from", Help.Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Help.Pages + "SLC0416.md");

    protected override void Analyze(FlowMethod flow, Report report)
    {
        foreach (DeclaredSchedule schedule in flow.Declared)
            if (schedule is { IsUnanchored: true, Error: null }
                && Durations.TryParse(schedule.Text, out TimeSpan interval, out _) && Decides(interval) is { } what)
                report(flow.Place(schedule), [what, schedule.Text], Mend.Add("AnchorDate", Anchor(schedule)));
    }

    /// <summary>What the anchor decides. Intervals under an hour, and those that meet the same hours each day, are left alone.</summary>
    private static string? Decides(TimeSpan interval) =>
        interval.Ticks % (7 * TimeSpan.TicksPerDay) == 0 ? "the weekday and the time of day"
        : interval.Ticks > TimeSpan.TicksPerDay ? "the day and the time of day"
        : interval.Ticks == TimeSpan.TicksPerDay ? "the time of day"
        : interval.Ticks > TimeSpan.TicksPerHour && TimeSpan.TicksPerDay % interval.Ticks != 0 ? "the hours"
        : null;

    /// <summary>The first midnight of 2020 in the schedule's zone, as our own server counts.</summary>
    private static string Anchor(DeclaredSchedule schedule)
    {
        var midnight = new DateTime(2020, 1, 1);
        if (schedule.TimeZone is { } id && Zone.TryFind(id, out Zone? zone, out _) && zone!.HasData)
            return new DateTimeOffset(midnight, midnight - DateTime.SpecifyKind(zone.ToUtc(midnight), DateTimeKind.Unspecified)) is var anchor && anchor.Offset != TimeSpan.Zero
                ? anchor.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture) : "2020-01-01T00:00:00Z";
        return "2020-01-01T00:00:00Z";
    }
}

using System.Globalization;
using Sluice.Deploy.Manifest;
using Sluice.Orchestration;
using Sluice.Schedules;

namespace Sluice.Deploy.Planning;

/// <summary>A schedule as the source says it, as the API takes it, and as times.</summary>
internal static class ScheduleTexts
{
    /// <summary>Parses a schedule of the manifest.</summary>
    public static bool TryParse(ScheduleManifest schedule, out Occurrences? occurrences, out string? error)
    {
        ScheduleText text = schedule.Schedule;
        DstPolicy policy = schedule.Dst == ScheduleDst.VixieLike ? DstPolicy.VixieLike : DstPolicy.PrefectCompatible;
        occurrences = null;
        error = null;
        if (new[] { text.Cron is not null, text.Interval is not null, text.Rrule is not null }.Count(set => set) != 1)
        {
            error = "it needs exactly one of Cron, Interval and RRule.";
            return false;
        }
        if (text.AnchorDate is not null && Anchor(text) is null)
        {
            error = $"the anchor '{text.AnchorDate}' is no ISO 8601 time such as 2026-01-01T06:00:00+01:00.";
            return false;
        }
        bool valid = text switch
        {
            { Cron: { } cron } => Occurrences.TryParseCron(cron, text.DayOr, text.Timezone, policy, out occurrences, out ScheduleError? e) || Fail($"the cron expression '{cron}'", e, out error),
            { Interval: { } seconds } => Occurrences.TryParseInterval(seconds, Anchor(text), text.Timezone, out occurrences, out ScheduleError? e) || Fail("the interval", e, out error),
            _ => Occurrences.TryParseRRule(text.Rrule!, text.Timezone, policy, out occurrences, out ScheduleError? e) || Fail($"the recurrence rule '{text.Rrule}'", e, out error),
        };
        return valid;
    }

    /// <summary>A record that travelled, as the source would say it.</summary>
    public static ScheduleText Of(Schedule schedule) => new()
    {
        Cron = schedule.Cron,
        DayOr = schedule.DayOr,
        Interval = schedule.Interval,
        AnchorDate = schedule.AnchorDate?.ToString("O", CultureInfo.InvariantCulture),
        Rrule = schedule.Rrule,
        Timezone = schedule.Timezone,
    };

    /// <summary>The record that travels.</summary>
    public static Schedule ToSchedule(ScheduleText text) => new()
    {
        Cron = text.Cron,
        DayOr = text.Cron is null ? null : text.DayOr ?? true,
        Interval = text.Interval,
        AnchorDate = text.Interval is null ? null : Anchor(text),
        Rrule = text.Rrule,
        Timezone = text.Timezone,
    };

    private static DateTimeOffset? Anchor(ScheduleText text) =>
        DateTimeOffset.TryParse(text.AnchorDate, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset anchor) ? anchor : null;

    private static bool Fail(string what, ScheduleError? reason, out string error)
    {
        error = $"{what} is invalid: {reason?.Message}";
        return false;
    }
}

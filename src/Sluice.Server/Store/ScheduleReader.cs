using Sluice.Orchestration;
using Sluice.Schedules;

namespace Sluice.Server.Store;

/// <summary>Reads and compares schedules.</summary>
internal static class ScheduleReader
{
    /// <summary>The schedule that the record describes, or the reason why it describes none.</summary>
    public static Occurrences? TryRead(Schedule schedule, ScheduleDst? dst, out string field, out string reason)
    {
        (field, reason) = ("", "exactly one of cron, interval and rrule must be set");
        if ((schedule.Cron is null ? 0 : 1) + (schedule.Interval is null ? 0 : 1) + (schedule.Rrule is null ? 0 : 1) != 1)
            return null;
        DstPolicy policy = dst == ScheduleDst.VixieLike ? DstPolicy.VixieLike : DstPolicy.PrefectCompatible;
        Occurrences? occurrences;
        ScheduleError? error;
        string what;
        if (schedule.Cron is { } cron)
        {
            (field, what) = ("cron", $"Invalid cron string: \"{cron}\"");
            Occurrences.TryParseCron(cron, schedule.DayOr, schedule.Timezone, policy, out occurrences, out error);
        }
        else if (schedule.Rrule is { } rrule)
        {
            (field, what) = ("rrule", $"Invalid RRule string: \"{(rrule.Length > 80 ? rrule[..80] + "…" : rrule).ReplaceLineEndings("\\n")}\"");
            Occurrences.TryParseRRule(rrule, schedule.Timezone, policy, out occurrences, out error);
        }
        else
        {
            (field, what) = ("interval", FormattableString.Invariant($"Invalid interval: {schedule.Interval}"));
            Occurrences.TryParseInterval(schedule.Interval!.Value, schedule.AnchorDate, schedule.Timezone, out occurrences, out error);
        }
        reason = $"{what}: {error?.Message.TrimEnd('.')}.";
        return occurrences;
    }

    /// <summary>The record as it is stored; an invalid one is refused.</summary>
    public static Schedule Accept(Schedule schedule, string at)
    {
        if (TryRead(schedule, dst: null, out string field, out string reason) is null)
            throw Refuse.Invalid(field.Length > 0 ? $"{at}.{field}" : at, reason);
        return schedule.Cron is null ? schedule with { DayOr = null } : schedule with { DayOr = schedule.DayOr ?? true };
    }

    public static bool Same(Schedule a, Schedule b) =>
        a.Cron == b.Cron && a.Rrule == b.Rrule && a.Interval == b.Interval && a.AnchorDate == b.AnchorDate
            && (a.Timezone ?? "UTC") == (b.Timezone ?? "UTC") && (a.Cron is null || (a.DayOr ?? true) == (b.DayOr ?? true));
}

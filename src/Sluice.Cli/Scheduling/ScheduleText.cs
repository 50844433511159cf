using Sluice.Orchestration;
using Sluice.Schedules;

namespace Sluice.Cli.Scheduling;

/// <summary>A schedule as a person or a line of input writes it: exactly one of cron, interval (as text) and rrule is set.</summary>
internal sealed record ScheduleText(string? Cron, bool? DayOr, string? Interval, DateTimeOffset? Anchor, string? RRule, string? TimeZone, ScheduleDst? Dst = null)
{
    public bool TryParse(out Occurrences? occurrences, out ScheduleError? error)
    {
        if (Cron is not null)
            Occurrences.TryParseCron(Cron, DayOr, TimeZone, ScheduleWords.Policy(Dst), out occurrences, out error);
        else if (RRule is not null)
            Occurrences.TryParseRRule(RRule, TimeZone, ScheduleWords.Policy(Dst), out occurrences, out error);
        else if (Durations.TryParse(Interval!, out TimeSpan interval, out error))
            Occurrences.TryParseInterval(interval.TotalSeconds, Anchor, TimeZone, out occurrences, out error);
        else
            occurrences = null;
        if (occurrences is { HasZoneData: false })
        {
            error = new(0, 0, $"this machine has no rules of the time zone '{TimeZone}', so it cannot say when that is: install the system's time zone data (tzdata).");
            occurrences = null;
        }
        return occurrences is not null;
    }

    /// <summary>The schedule as it travels. Only after <see cref="TryParse"/> said that it is valid.</summary>
    public Schedule ToWire()
    {
        if (Cron is not null)
            return new() { Cron = Cron, DayOr = DayOr ?? true, Timezone = TimeZone };
        if (RRule is not null)
            return new() { Rrule = RRule, Timezone = TimeZone };
        Durations.TryParse(Interval!, out TimeSpan interval, out _);
        return new() { Interval = interval.TotalSeconds, AnchorDate = Anchor, Timezone = TimeZone };
    }

    /// <summary>An error with the offending characters, on one line.</summary>
    public string Explain(ScheduleError error)
    {
        // Without its zone it is valid: then the zone is at fault.
        if (TimeZone is not null && (this with { TimeZone = null }).TryParse(out _, out _))
            return $"time zone '{TimeZone}' cannot be used: {error.Message}";
        string text = Cron ?? Interval ?? RRule!;
        string kind = Cron is not null ? "cron expression" : RRule is not null ? "recurrence rule" : "interval";
        return $"{kind} '{text}' is invalid from character {error.Offset + 1}: {error.Message}";
    }
}

using Sluice.Schedules;

namespace Sluice.Cli.Scheduling;

/// <summary>A schedule as a person or a line of input writes it: exactly one of cron, interval (as text) and rrule is set.</summary>
internal sealed record ScheduleText(string? Cron, bool? DayOr, string? Interval, DateTimeOffset? Anchor, string? RRule, string? TimeZone)
{
    public bool TryParse(out Occurrences? occurrences, out ScheduleError? error)
    {
        if (Cron is not null)
            return Occurrences.TryParseCron(Cron, DayOr, TimeZone, out occurrences, out error);
        if (RRule is not null)
            return Occurrences.TryParseRRule(RRule, TimeZone, out occurrences, out error);
        occurrences = null;
        return Durations.TryParse(Interval!, out TimeSpan interval, out error)
            && Occurrences.TryParseInterval(interval.TotalSeconds, Anchor, TimeZone, out occurrences, out error);
    }

    /// <summary>The schedule as it travels. Only after <see cref="TryParse"/> said that it is valid.</summary>
    public Orchestration.Schedule ToWire()
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
        string text = Cron ?? Interval ?? RRule!;
        string kind = Cron is not null ? "cron expression" : RRule is not null ? "recurrence rule" : "interval";
        return $"{kind} '{text}' is invalid from character {error.Offset + 1}: {error.Message}";
    }

    /// <summary>The schedule's zone. Only after <see cref="TryParse"/> said that it is valid.</summary>
    public TimeZoneInfo Zone() => TimeZone is { Length: > 0 } id && TimeZoneInfo.TryFindSystemTimeZoneById(id, out TimeZoneInfo? zone) ? zone : TimeZoneInfo.Utc;
}

using System.Text.Json.Serialization;

namespace Sluice.Orchestration;

/// <summary>
/// When a deployment fires, in Prefect's wire shape: exactly one of <see cref="Cron"/>, <see cref="Interval"/> and <see cref="Rrule"/> is set.
/// What the texts mean is decided by <c>Sluice.Schedules</c>; this is the record that travels. Members of another kind are never written, since
/// Prefect's three kinds refuse unknown keys.
/// </summary>
public sealed record Schedule
{
    /// <summary>A cron expression in croniter's dialect: 5 fields, seconds as the 6th, years as the 7th.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Cron { get; init; }

    /// <summary>With <see cref="Cron"/>: whether day of month and day of week are ORed (true when absent).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? DayOr { get; init; }

    /// <summary>Seconds between due times, above 0.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Interval { get; init; }

    /// <summary>With <see cref="Interval"/>: a time that the due times are counted from.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? AnchorDate { get; init; }

    /// <summary>An RFC 5545 recurrence rule, at most 6,500 characters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Rrule { get; init; }

    /// <summary>An IANA time zone id; UTC when absent.</summary>
    public string? Timezone { get; init; }
}

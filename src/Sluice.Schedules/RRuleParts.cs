using System;
using System.Collections.Generic;

namespace Sluice.Schedules;

/// <summary>The parts of one recurrence rule as written; null or empty where absent. Weekdays count from Monday, 0.</summary>
internal sealed class RRuleParts
{
    public RRuleFrequency Frequency { get; set; }

    public long Interval { get; set; } = 1;

    public long? Count { get; set; }

    public DateTime? Until { get; set; }

    /// <summary>Whether UNTIL has an offset. It only has to agree with DTSTART: the wall clock is what counts.</summary>
    public bool UntilHasOffset { get; set; }

    /// <summary>Whether the rule is accepted, but fails in Prefect when its times are asked for.</summary>
    public bool CannotRun { get; set; }

    public int WeekStart { get; set; }

    public List<int>? SetPositions { get; set; }

    public List<int>? Months { get; set; }

    public List<int>? MonthDays { get; set; }

    public List<int>? YearDays { get; set; }

    public List<int>? EasterDays { get; set; }

    public List<int>? Weeks { get; set; }

    /// <summary>Weekdays, each with which one of the month or year: 0 is every one, -1 the last.</summary>
    public List<KeyValuePair<int, int>>? Weekdays { get; set; }

    public List<int>? Hours { get; set; }

    public List<int>? Minutes { get; set; }

    public List<int>? Seconds { get; set; }

    /// <summary>Whether the start's own day stands in for the absent day parts.</summary>
    public bool HasNoDays => Weeks == null && YearDays == null && MonthDays == null && Weekdays == null && EasterDays == null;
}

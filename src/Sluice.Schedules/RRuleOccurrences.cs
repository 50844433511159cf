using System;

namespace Sluice.Schedules;

/// <summary>Recurrence rules in a zone.</summary>
internal sealed class RRuleOccurrences : WallOccurrences
{
    private readonly RRuleSet _set;

    public RRuleOccurrences(RRuleSet set, Zone zone, DstPolicy policy)
        : base(zone, policy, set.IsByTheClock) => _set = set;

    public override ScheduleKind Kind => ScheduleKind.RRule;

    /// <summary>The rules themselves.</summary>
    public RRuleSet Set => _set;

    protected override DateTime? NextWall(DateTime wall) => _set.Next(wall);

    protected override DateTime? PreviousWall(DateTime wall) => _set.Previous(wall);

    internal override bool FiresForever =>
        !_set.HasStart && !_set.CannotRun && _set.ExcludedRules.Count == 0 && _set.ExcludedDateCount == 0 && _set.Rules.Count > 0 && IsEndless(_set.Rules[0].Parts);

    protected override bool MayMeetHour(int hour)
    {
        foreach (RRule rule in _set.Rules)
        {
            if ((rule.Hours & (1UL << hour)) != 0)
                return true;
        }
        return _set.Dates.Count > 0;
    }

    protected override string ExplainWall() => RRuleExplanation.Of(_set);

    /// <summary>Of each day or week, on weekdays at times at most.</summary>
    private static bool IsEndless(RRuleParts rule) =>
        rule is { Frequency: RRuleFrequency.Daily or RRuleFrequency.Weekly, Interval: 1, Count: null, Until: null, SetPositions: null, Months: null, MonthDays: null, YearDays: null, EasterDays: null, Weeks: null }
        && rule.Weekdays?.TrueForAll(day => day.Value == 0) != false;
}

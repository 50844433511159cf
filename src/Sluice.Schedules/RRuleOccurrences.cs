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

    protected override string ExplainWall() => RRuleExplanation.Of(_set);
}

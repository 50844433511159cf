using System;

namespace Sluice.Schedules;

/// <summary>A cron schedule in a zone.</summary>
internal sealed class CronOccurrences : WallOccurrences
{
    private readonly CronExpression _expression;

    public CronOccurrences(CronExpression expression, Zone zone, DstPolicy policy)
        : base(zone, policy, expression.IsByTheClock) => _expression = expression;

    public override ScheduleKind Kind => ScheduleKind.Cron;

    protected override DateTime? NextWall(DateTime wall) => _expression.Next(wall);

    protected override DateTime? PreviousWall(DateTime wall) => _expression.Previous(wall);

    protected override string ExplainWall() => CronExplanation.Of(_expression);
}

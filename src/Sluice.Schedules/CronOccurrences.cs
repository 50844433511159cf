using System;

namespace Sluice.Schedules;

/// <summary>A cron schedule in a zone.</summary>
internal sealed class CronOccurrences : WallOccurrences
{
    private readonly CronExpression _expression;

    public CronOccurrences(CronExpression expression, Zone zone)
        : base(zone) => _expression = expression;

    public override ScheduleKind Kind => ScheduleKind.Cron;

    protected override DateTime? NextWall(DateTime wall) => _expression.Next(wall);

    protected override string ExplainWall() => CronExplanation.Of(_expression);
}

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

    internal override bool FiresForever =>
        _expression[CronField.Day].IsAny && _expression[CronField.Month].IsAny && _expression[CronField.Year].IsAny && _expression.NthWeekdays == null;

    protected override bool MayMeetHour(int hour) => _expression[CronField.Hour].IsAny || _expression[CronField.Hour].Contains(hour);

    protected override string ExplainWall() => CronExplanation.Of(_expression);
}

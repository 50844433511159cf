using System;
using System.Collections.Generic;

namespace Sluice.Schedules;

/// <summary>A cron schedule in a zone.</summary>
internal sealed class CronOccurrences : Occurrences
{
    private readonly CronExpression _expression;
    private readonly Zone _zone;

    public CronOccurrences(CronExpression expression, Zone zone)
    {
        _expression = expression;
        _zone = zone;
    }

    public override ScheduleKind Kind => ScheduleKind.Cron;

    public override bool HasZoneData => _zone.HasData;

    public override DateTime? Next(DateTime from) => Zone.Normalize(from) is { } utc ? _zone.Next(utc, _expression.Next) : null;

    /// <remarks>
    /// Prefect lists wall times from the wall time of <paramref name="from"/> on. So in the hour that clocks repeat, the list begins in its first turn, and right
    /// after a gap it lacks what the gap shifted out.
    /// </remarks>
    public override IReadOnlyList<DateTime> Take(DateTime from, int count)
    {
        var due = new SortedSet<DateTime>();
        if (Zone.Normalize(from) is { } utc)
        {
            for (DateTime? next = _expression.Next(_zone.ToWall(utc)); next is { } wall && due.Count < count; next = _expression.Next(wall.AddTicks(1)))
                due.Add(_zone.ToUtc(wall));
        }
        return new List<DateTime>(due);
    }

    public override string Explain() => CronExplanation.Of(_expression) + $" ({_zone.Id})";
}

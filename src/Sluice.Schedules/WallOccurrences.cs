using System;
using System.Collections.Generic;

namespace Sluice.Schedules;

/// <summary>A schedule that is a series of wall times in a zone.</summary>
internal abstract class WallOccurrences : Occurrences
{
    /// <summary>Wall times from here on may lie beyond the calendar once they are moved to UTC.</summary>
    private static readonly DateTime _end = new(9999, 12, 28);

    private readonly Zone _zone;

    protected WallOccurrences(Zone zone) => _zone = zone;

    public override bool HasZoneData => _zone.HasData;

    public override DateTime? Next(DateTime from) => Zone.Normalize(from) is { } utc ? _zone.Next(utc, NextWithinCalendar) : null;

    /// <remarks>
    /// Prefect lists wall times from the wall time of <paramref name="from"/> on. So in the hour that clocks repeat, the list begins in its first turn, and right
    /// after a gap it lacks what the gap shifted out.
    /// </remarks>
    public override IReadOnlyList<DateTime> Take(DateTime from, int count)
    {
        var due = new SortedSet<DateTime>();
        if (Zone.Normalize(from) is { } utc && count > 0)
        {
            for (DateTime? next = NextWithinCalendar(_zone.ToWall(utc)); next is { } wall && due.Count < count; next = NextWithinCalendar(wall.AddTicks(1)))
                due.Add(_zone.ToUtc(wall));
        }
        return new List<DateTime>(due);
    }

    public override string Explain() => $"{ExplainWall()} ({_zone.Id})";

    /// <summary>The first wall time of the series at or after the given one.</summary>
    protected abstract DateTime? NextWall(DateTime wall);

    /// <summary>The series in words, without the zone.</summary>
    protected abstract string ExplainWall();

    private DateTime? NextWithinCalendar(DateTime wall) => wall < _end && NextWall(wall) is { } next && next < _end ? next : null;
}

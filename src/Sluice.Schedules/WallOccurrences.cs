using System;
using System.Collections.Generic;

namespace Sluice.Schedules;

/// <summary>A schedule that is a series of wall times in a zone.</summary>
internal abstract class WallOccurrences : Occurrences, IWallTimes
{
    /// <summary>Wall times from here on may lie beyond the calendar once they are moved to UTC.</summary>
    private static readonly DateTime _end = new(9999, 12, 28);

    /// <summary>Before it they may lie before the calendar.</summary>
    private static readonly DateTime _begin = new(1, 1, 3);

    private readonly Zone _zone;
    private readonly VixieClock? _vixie;

    /// <param name="zone">Where the wall times are.</param>
    /// <param name="policy">What changes of clocks do.</param>
    /// <param name="byTheClock">Whether Vixie cron would take it for a job by the clock.</param>
    protected WallOccurrences(Zone zone, DstPolicy policy, bool byTheClock)
    {
        _zone = zone;
        _vixie = policy == DstPolicy.VixieLike ? new VixieClock(zone, byTheClock) : null;
    }

    public override bool HasZoneData => _zone.HasData;

    public override DateTime? Next(DateTime from) =>
        Zone.Normalize(from) is not { } utc ? null : _vixie is { } vixie ? vixie.Next(utc, this) : _zone.Next(utc, this);

    public override DateTime? Previous(DateTime before)
    {
        if (Zone.NormalizeEnd(before) is not { } utc)
            return null;
        DateTime? previous = _vixie is { } vixie ? vixie.Previous(utc, this) : _zone.Previous(utc, this);
        return previous?.Ticks >= Zone.FirstTicks ? previous : null;
    }

    public override IReadOnlyList<DstNote> DstNotes(DateTime from, DateTime to)
    {
        var notes = new List<DstNote>();
        if (Zone.Normalize(from) is { } start)
        {
            foreach (ClockChange change in _zone.Changes(start, to))
            {
                if (NoteOn(change) is { } note)
                    notes.Add(note);
            }
        }
        return notes;
    }

    internal override DstNote? NoteOn(ClockChange change) =>
        MeetsHours(change) && NextWithinCalendar(change.From) < change.To ? WallDstNotes.Of(change, _zone, _vixie, NextWithinCalendar) : null;

    /// <remarks>
    /// Prefect lists wall times from the wall time of <paramref name="from"/> on. So in the hour that clocks repeat, the list begins in its first turn, and right
    /// after a gap it lacks what the gap shifted out.
    /// </remarks>
    public override IReadOnlyList<DateTime> Take(DateTime from, int count)
    {
        if (_vixie != null)
            return base.Take(from, count);
        var due = new SortedSet<DateTime>();
        if (Zone.Normalize(from) is { } utc && count > 0)
        {
            for (DateTime? next = NextWithinCalendar(_zone.ToWall(utc)); next is { } wall && due.Count < count; next = NextWithinCalendar(wall.AddTicks(1)))
                due.Add(_zone.ToUtc(wall));
        }
        return new List<DateTime>(due);
    }

    public override string Explain() => $"{ExplainWall()} ({_zone.Id})";

    DateTime? IWallTimes.NextWall(DateTime wall) => NextWithinCalendar(wall);

    DateTime? IWallTimes.PreviousWall(DateTime wall) => PreviousWithinCalendar(wall);

    /// <summary>The first wall time of the series at or after the given one.</summary>
    protected abstract DateTime? NextWall(DateTime wall);

    /// <summary>The last wall time of the series at or before the given one.</summary>
    protected abstract DateTime? PreviousWall(DateTime wall);

    /// <summary>Whether the series may have a wall time in an hour of the day, told without a search.</summary>
    protected abstract bool MayMeetHour(int hour);

    /// <summary>The series in words, without the zone.</summary>
    protected abstract string ExplainWall();

    // Clocks change at night, when few schedules fire: most are told apart by the hour alone.
    private bool MeetsHours(ClockChange change)
    {
        if (change.To - change.From >= TimeSpan.FromHours(12))
            return true;
        for (DateTime hour = change.From.AddTicks(-(change.From.Ticks % TimeSpan.TicksPerHour)); hour < change.To; hour = hour.AddHours(1))
        {
            if (MayMeetHour(hour.Hour))
                return true;
        }
        return false;
    }

    private DateTime? NextWithinCalendar(DateTime wall) => wall < _end && NextWall(wall) is { } next && next < _end ? next : null;

    private DateTime? PreviousWithinCalendar(DateTime wall) => PreviousWall(wall < _end ? wall : _end.AddTicks(-1)) is { } previous && previous >= _begin ? previous : null;
}

using System;
using System.Collections.Generic;
using System.Globalization;

namespace Sluice.Schedules;

/// <summary>Every so often from an anchor, with Prefect's arithmetic.</summary>
/// <remarks>
/// Prefect jumps from the anchor to the neighbourhood of the asked time by exact multiples of the interval, and steps from there with whole days as
/// calendar days of the zone and the rest exact. So a list that crosses a change of clocks keeps its wall time, while lists asked for on either side of it
/// start at the anchor's UTC time.
/// </remarks>
internal sealed class IntervalOccurrences : Occurrences
{
    private static readonly DateTime _defaultAnchor = new(2020, 1, 1);

    private readonly DateTime? _anchor;
    private readonly TimeSpan _interval;
    private readonly Zone _zone;

    public IntervalOccurrences(TimeSpan interval, DateTime? anchor, Zone zone)
    {
        _interval = interval;
        _anchor = anchor;
        _zone = zone;
    }

    public override ScheduleKind Kind => ScheduleKind.Interval;

    /// <summary>The time between due times.</summary>
    public TimeSpan Interval => _interval;

    public override bool HasZoneData => _zone.HasData;

    public override DateTime? Next(DateTime from)
    {
        if (Zone.Normalize(from) is not { } utc)
            return null;
        // Division truncates: the jump ends between the anchor and the asked time, whichever comes first.
        DateTime? due = Anchor.AddTicks((utc.Ticks - Anchor.Ticks) / _interval.Ticks * _interval.Ticks);
        while (due < utc)
            due = Step(due.Value);
        return due;
    }

    public override DateTime? Previous(DateTime before)
    {
        if (Zone.NormalizeEnd(before) is not { } utc)
            return null;
        long ticks = utc.Ticks - 1 - Anchor.Ticks;
        // Division truncates, also below the anchor: there it is to round down.
        long jumps = ticks / _interval.Ticks - (ticks % _interval.Ticks < 0 ? 1 : 0);
        // The multiples of the interval, and from the anchor on the calendar steps from them that come before the next multiple.
        if (jumps < 0 && Anchor.Ticks + (decimal)jumps * _interval.Ticks < Zone.FirstTicks)
            return null;
        DateTime due = Anchor.AddTicks(jumps * _interval.Ticks);
        return jumps >= 0 && Step(due) is { } step && step < utc && step.Ticks - due.Ticks < _interval.Ticks ? step : due;
    }

    /// <remarks>Only steps of days mind the clock: those whose wall time a change of clocks leaves out are moved.</remarks>
    public override IReadOnlyList<DstNote> DstNotes(DateTime from, DateTime to)
    {
        var notes = new List<DstNote>();
        if (_interval.Days == 0 || Zone.Normalize(from) is not { } start)
            return notes;
        foreach (ClockChange change in _zone.Changes(start, to))
        {
            if (NoteOn(change) is { } note)
                notes.Add(note);
        }
        return notes;
    }

    internal override DstNote? NoteOn(ClockChange change)
    {
        if (_interval.Days == 0 || !change.IsForward || Previous(change.Utc) is not { } last || Zone.LastTicks - last.Ticks < _interval.Ticks)
            return null;
        DateTime wall = _zone.ToWall(last).AddDays(_interval.Days);
        return wall >= change.From && wall < change.To ? WallDstNotes.Moved(change, _zone, new[] { wall }, new[] { wall + (change.After - change.Before) }) : null;
    }

    public override IReadOnlyList<DateTime> Take(DateTime from, int count)
    {
        var due = new List<DateTime>();
        for (DateTime? next = Next(from); next is { } time && due.Count < count; next = Step(time))
        {
            // A change of clocks may bring two steps to one instant.
            if (due.Count == 0 || time != due[due.Count - 1])
                due.Add(time);
        }
        return due;
    }

    public override string Explain()
    {
        string anchor = (_anchor is { } time ? time : _defaultAnchor).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        return $"every {DurationWords.Of(_interval)}, counted from {anchor}{(_anchor == null ? "" : " UTC")} ({_zone.Id})";
    }

    private DateTime Anchor => _anchor ?? _zone.ToUtc(_defaultAnchor);

    private DateTime? Step(DateTime due)
    {
        if (Zone.LastTicks - due.Ticks < _interval.Ticks)
            return null;
        TimeSpan offset = _zone.OffsetAt(due);
        int days = _interval.Days;
        DateTime moved = days == 0 ? due : _zone.ToUtc(_zone.ToWall(due).AddDays(days), offset);
        return moved + (_interval - TimeSpan.FromDays(days));
    }
}

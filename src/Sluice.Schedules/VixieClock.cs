using System;

namespace Sluice.Schedules;

/// <summary>Wall times to instants and back by <see cref="DstPolicy.VixieLike"/>.</summary>
internal sealed class VixieClock
{
    /// <summary>Vixie cron takes larger changes for corrections of a wrong clock.</summary>
    private static readonly TimeSpan _correction = TimeSpan.FromHours(3);

    private static readonly TimeSpan _day = TimeSpan.FromDays(1);

    /// <summary>How far around a wall time a change of clocks may lie that matters to it.</summary>
    private static readonly TimeSpan _near = TimeSpan.FromDays(2);

    private readonly Zone _zone;
    private readonly bool _byTheClock;

    public VixieClock(Zone zone, bool byTheClock)
    {
        _zone = zone;
        _byTheClock = byTheClock;
    }

    /// <summary>Whether the schedule follows real time across a change.</summary>
    public bool IsRealTime(ClockChange change) => _byTheClock || (change.After - change.Before).Duration() >= _correction;

    /// <inheritdoc cref="Zone.Next"/>
    public DateTime? Next(DateTime from, IWallTimes times)
    {
        ClockChange? entered = _zone.LastChange(from - _day, from);
        while (true)
        {
            DateTime start = _zone.ToWall(from);
            if (entered is { } change && !IsRealTime(change))
            {
                if (change.IsForward && from == change.Utc && times.NextWall(change.From) < change.To)
                    return from;
                if (!change.IsForward && start < change.To)
                    start = change.To;
            }
            DateTime? wall = times.NextWall(start);
            // Where no wall time is left, clocks that go back may still bring one again.
            DateTime due = wall is { } time ? AsUtc(time - _zone.OffsetAt(from)) : from + _day;
            DateTime end = due - from > _near ? from + _near : due;
            entered = _zone.FirstChange(from, end);
            if (entered != null)
            {
                from = entered.Value.Utc;
            }
            else if (end == due)
            {
                return wall == null ? null : due;
            }
            else
            {
                // Between here and there is no wall time that a change could touch.
                from = AsUtc(wall!.Value) - _near > end ? AsUtc(wall.Value) - _near : end;
                entered = _zone.LastChange(from - _day, from);
            }
        }
    }

    /// <inheritdoc cref="Zone.Previous"/>
    public DateTime? Previous(DateTime before, IWallTimes times)
    {
        DateTime last = before.AddTicks(-1);
        while (true)
        {
            DateTime? wall = times.PreviousWall(_zone.ToWall(last));
            DateTime due = wall is { } time ? AsUtc(time - _zone.OffsetAt(last)) : last - _day;
            DateTime begin = last - due > _near ? last - _near : due;
            if (_zone.LastChange(begin, last) is { } change)
            {
                if (change.IsForward && !IsRealTime(change) && times.PreviousWall(change.To.AddTicks(-1)) >= change.From)
                    return change.Utc;
                last = change.Utc.AddTicks(-1);
            }
            else if (begin != due)
            {
                last = AsUtc(wall!.Value) + _near < begin ? AsUtc(wall.Value) + _near : begin;
            }
            else if (wall != null && _zone.LastChange(due - _day, due) is { IsForward: false } back && !IsRealTime(back) && wall < back.To)
            {
                // The second turn of a repeated hour.
                last = back.Utc.AddTicks(-1);
            }
            else
            {
                return wall == null ? null : due;
            }
        }
    }

    private static DateTime AsUtc(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Utc);
}

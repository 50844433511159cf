using System;
using System.Collections.Concurrent;
using System.Collections.Generic;

namespace Sluice.Schedules;

/// <summary>Wall time of one IANA zone to UTC and back, by Prefect's rules: a wall time in a gap is shifted forward by the gap, an ambiguous one is its first occurrence.</summary>
/// <remarks>Uses only UTC to offset questions, which every platform's TimeZoneInfo answers exactly.</remarks>
internal sealed class Zone
{
    // Zones do not change while a program runs, and what the machine knows of one is slow to ask for.
    private static readonly ConcurrentDictionary<string, Zone> _zones = new(StringComparer.Ordinal);
    private static readonly Func<string, Zone> _create = id => new Zone(id);
    private static readonly Zone _utc = new("UTC");

    private static readonly TimeSpan _day = TimeSpan.FromDays(1);
    private static readonly TimeSpan _window = TimeSpan.FromDays(50 * 366);
    private static readonly DateTime _first = new(1, 1, 3, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime _last = new(9999, 12, 28, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Beyond it nothing is due.</summary>
    public static readonly long LastTicks = _last.Ticks;

    /// <summary>Before it nothing is due.</summary>
    public static readonly long FirstTicks = _first.Ticks;

    private readonly Lazy<TimeZoneInfo?> _data;

    private Zone(string id)
    {
        Id = id;
        _data = new Lazy<TimeZoneInfo?>(() => Load(id));
    }

    /// <summary>The IANA id.</summary>
    public string Id { get; }

    /// <summary>Whether this machine knows the zone's rules.</summary>
    public bool HasData => _data.Value != null;

    /// <summary>Finds a zone by its id; null and empty are UTC.</summary>
    public static bool TryFind(string? id, out Zone? zone, out ScheduleError? error)
    {
        error = null;
        zone = null;
        if (string.IsNullOrEmpty(id))
            zone = _utc;
        else if (ZoneIds.Contains(id!))
            zone = _zones.GetOrAdd(id!, _create);
        else
            error = new ScheduleError(0, id!.Length, ZoneIds.Explain(id));
        return zone != null;
    }

    /// <summary>UTC as the schedules' arithmetic wants it, or null beyond the calendar.</summary>
    public static DateTime? Normalize(DateTime from)
    {
        DateTime utc = from.Kind == DateTimeKind.Local ? from.ToUniversalTime() : DateTime.SpecifyKind(from, DateTimeKind.Utc);
        return utc > _last ? null : utc < _first ? _first : utc;
    }

    /// <summary>The same of a time that is looked back from: null before the calendar.</summary>
    public static DateTime? NormalizeEnd(DateTime before)
    {
        DateTime utc = before.Kind == DateTimeKind.Local ? before.ToUniversalTime() : DateTime.SpecifyKind(before, DateTimeKind.Utc);
        return utc <= _first ? null : utc > _last ? _last.AddTicks(1) : utc;
    }

    /// <summary>The offset in force at an instant.</summary>
    public TimeSpan OffsetAt(DateTime utc) => Data.GetUtcOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc));

    /// <summary>The wall time at an instant.</summary>
    public DateTime ToWall(DateTime utc) => DateTime.SpecifyKind(utc + OffsetAt(utc), DateTimeKind.Unspecified);

    /// <summary>The instant of a wall time.</summary>
    public DateTime ToUtc(DateTime wall)
    {
        DateTime utc = DateTime.SpecifyKind(wall, DateTimeKind.Utc);
        TimeSpan before = OffsetAt(utc - _day);
        DateTime early = utc - before;
        TimeSpan there = OffsetAt(early);
        if (there == before)
            return early;
        DateTime late = utc - there;
        return OffsetAt(late) == there ? late : early;
    }

    /// <summary>The instant of a wall time; an ambiguous one keeps <paramref name="preferred"/> where that offset is valid.</summary>
    public DateTime ToUtc(DateTime wall, TimeSpan preferred)
    {
        DateTime kept = DateTime.SpecifyKind(wall, DateTimeKind.Utc) - preferred;
        return OffsetAt(kept) == preferred ? kept : ToUtc(wall);
    }

    /// <summary>The first instant at or after <paramref name="from"/> of a series of wall times.</summary>
    /// <param name="from">UTC.</param>
    /// <param name="nextWall">The series: its first wall time at or after the given one.</param>
    public DateTime? Next(DateTime from, Func<DateTime, DateTime?> nextWall)
    {
        TimeSpan offset = OffsetAt(from);
        TimeSpan before = OffsetAt(from - _day);
        DateTime? best = null;
        DateTime start = from + offset;
        if (before < offset)
        {
            // Clocks went forward in the last day: wall times of the gap may still be due, as they run after it.
            best = Due(nextWall(AsWall(from + before)), from, null);
        }
        else if (before > offset)
        {
            // Clocks went back: wall times that occur twice have had their turn.
            DateTime unique = TransitionBetween(from - _day, from) + before;
            if (unique > start)
                start = unique;
        }
        if (nextWall(AsWall(start)) is not { } wall)
            return best;
        DateTime due = ToUtc(wall);
        best = Due(wall, from, best);
        DateTime shown = ToWall(due);
        if (shown != wall)
        {
            // In a gap: what follows the gap may be due sooner than what is shifted out of it.
            DateTime end = TransitionBetween(due - _day, due) + (shown - DateTime.SpecifyKind(due, DateTimeKind.Unspecified));
            best = Due(nextWall(AsWall(end)), from, best);
        }
        return best;
    }

    /// <summary>The last instant before <paramref name="before"/> of a series of wall times.</summary>
    /// <param name="before">UTC.</param>
    /// <param name="previousWall">The series: its last wall time at or before the given one.</param>
    public DateTime? Previous(DateTime before, Func<DateTime, DateTime?> previousWall)
    {
        DateTime last = before.AddTicks(-1);
        DateTime end = ToWall(last);
        DateTime? best = null;
        if (ChangeBetween(last - _day, last) is { } change)
        {
            // Wall times of a gap run after it; those that occur twice have had their turn.
            if (change.IsForward)
                best = Latest(GapWall(change, last, previousWall), last, null);
            else if (end < change.To)
                end = change.To.AddTicks(-1);
        }
        if (previousWall(end) is not { } wall)
            return best;
        DateTime due = ToUtc(wall);
        best = Latest(wall, last, best);
        // What a gap shifted out may be due later than what follows the gap.
        return due <= last && ChangeBetween(due - _day, due) is { IsForward: true } gap ? Latest(GapWall(gap, last, previousWall), last, best) : best;
    }

    private static DateTime? GapWall(ClockChange gap, DateTime last, Func<DateTime, DateTime?> previousWall)
    {
        DateTime shifted = AsWall(last + gap.Before), end = gap.To.AddTicks(-1);
        return previousWall(shifted < end ? shifted : end);
    }

    private DateTime? Latest(DateTime? wall, DateTime last, DateTime? best)
    {
        if (wall is not { } time)
            return best;
        DateTime due = ToUtc(time);
        return due <= last && (best is null || due > best) ? due : best;
    }

    /// <summary>The first change of the offset after <paramref name="from"/>, up to and at <paramref name="to"/>. Changes less than a day apart are taken for one.</summary>
    public ClockChange? FirstChange(DateTime from, DateTime to)
    {
        for (DateTime low = from; low < to; low += _day)
        {
            if (ChangeBetween(low, to - low < _day ? to : low + _day) is { } change)
                return change;
        }
        return null;
    }

    /// <summary>The last change of the offset after <paramref name="from"/>, up to and at <paramref name="to"/>.</summary>
    public ClockChange? LastChange(DateTime from, DateTime to)
    {
        for (DateTime high = to; from < high; high -= _day)
        {
            if (ChangeBetween(high - from < _day ? from : high - _day, high) is { } change)
                return change;
        }
        return null;
    }

    /// <summary>The changes of the offset from an instant to before another, of which the first fifty years count.</summary>
    public IEnumerable<ClockChange> Changes(DateTime from, DateTime to)
    {
        DateTime end = (Normalize(to) ?? _last).AddTicks(-1);
        end = end - from > _window ? from + _window : end;
        for (DateTime at = from.AddTicks(-1); FirstChange(at, end) is { } change; at = change.Utc)
            yield return change;
    }

    private ClockChange? ChangeBetween(DateTime low, DateTime high)
    {
        TimeSpan before = OffsetAt(low), after = OffsetAt(high);
        return before == after ? null : new ClockChange(TransitionBetween(low, high), before, after);
    }

    private static DateTime AsWall(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Unspecified);

    private DateTime? Due(DateTime? wall, DateTime from, DateTime? best)
    {
        if (wall is not { } time)
            return best;
        DateTime due = ToUtc(time);
        return due >= from && (best is null || due < best) ? due : best;
    }

    /// <summary>The first instant of the new offset, where exactly one transition lies between.</summary>
    private DateTime TransitionBetween(DateTime low, DateTime high)
    {
        TimeSpan old = OffsetAt(low);
        while (high - low > TimeSpan.FromSeconds(1))
        {
            DateTime middle = new(low.Ticks + (high.Ticks - low.Ticks) / 2, DateTimeKind.Utc);
            if (OffsetAt(middle) == old)
                low = middle;
            else
                high = middle;
        }
        // Transitions are on whole seconds.
        return new DateTime(high.Ticks - high.Ticks % TimeSpan.TicksPerSecond, DateTimeKind.Utc);
    }

    private TimeZoneInfo Data => _data.Value ??
        throw new InvalidOperationException($"This machine has no rules for the time zone {Id}: install its time zone data (the tzdata package), or use UTC.");

    private static TimeZoneInfo? Load(string id)
    {
        if (id == "UTC")
            return TimeZoneInfo.Utc;
        return Find(id) ?? (ZoneIds.TargetOf(id) is { } target ? Find(target) : null);
    }

    private static TimeZoneInfo? Find(string id)
    {
        try
        {
            return TimeZoneInfo.FindSystemTimeZoneById(id);
        }
        catch (Exception e) when (e is TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            return null;
        }
    }
}

using System;
using System.Collections.Generic;

namespace Sluice.Schedules;

/// <summary>Wall time of one IANA zone to UTC and back, by Prefect's rules: a wall time in a gap is shifted forward by the gap, an ambiguous one is its first occurrence.</summary>
/// <remarks>Uses only UTC to offset questions, which every platform's TimeZoneInfo answers exactly.</remarks>
internal sealed class Zone
{
    private static readonly TimeSpan _day = TimeSpan.FromDays(1);
    private static readonly TimeSpan _window = TimeSpan.FromDays(50 * 366);
    private static readonly DateTime _first = new(1, 1, 3, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime _last = new(9999, 12, 28, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Beyond it nothing is due.</summary>
    public static readonly long LastTicks = _last.Ticks;

    /// <summary>Before it nothing is due.</summary>
    public static readonly long FirstTicks = _first.Ticks;

    /// <summary>For these years (of 365 days) the offsets are kept once asked for; TimeZoneInfo is slow to answer.</summary>
    private static readonly long _spansFrom = new DateTime(1990, 1, 1).Ticks;

    private const int YearsKept = 120;

    private static readonly long _spanTicks = 365 * TimeSpan.TicksPerDay;

    // What follows is filled when first asked for: two threads may both fill it, with the same.
    private OffsetSpan[]?[]? _spans;
    private TimeZoneInfo? _data;
    private volatile bool _isLoaded;

    private readonly string? _target;

    /// <param name="id">The IANA id.</param>
    /// <param name="target">The id that it is a link to, for machines that do not know the old one.</param>
    public Zone(string id, string? target)
    {
        Id = id;
        _target = target;
    }

    /// <summary>The IANA id.</summary>
    public string Id { get; }

    /// <summary>Whether this machine knows the zone's rules.</summary>
    public bool HasData => Load() != null;

    /// <summary>Finds a zone by its id; null and empty are UTC.</summary>
    public static bool TryFind(string? id, out Zone? zone, out ScheduleError? error)
    {
        zone = ZoneIds.Find(string.IsNullOrEmpty(id) ? "UTC" : id!);
        error = zone == null ? new ScheduleError(0, id!.Length, ZoneIds.Explain(id)) : null;
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
    public TimeSpan OffsetAt(DateTime utc) => new(SpanAt(utc.Ticks).Offset);

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
    /// <param name="times">The series.</param>
    public DateTime? Next(DateTime from, IWallTimes times)
    {
        OffsetSpan span = SpanAt(from.Ticks);
        if (from.Ticks - span.From >= TimeSpan.TicksPerDay)
        {
            // The common case: clocks did not change in the last day, nor do they until the due time.
            if (times.NextWall(new DateTime(from.Ticks + span.Offset)) is not { } next)
                return null;
            return next.Ticks - span.Offset < span.To ? new DateTime(next.Ticks - span.Offset, DateTimeKind.Utc) : DueFrom(next, from, null, times);
        }
        TimeSpan offset = OffsetAt(from);
        TimeSpan before = OffsetAt(from - _day);
        DateTime? best = null;
        DateTime start = from + offset;
        if (before < offset)
        {
            // Clocks went forward in the last day: wall times of the gap may still be due, as they run after it.
            best = Due(times.NextWall(AsWall(from + before)), from, null);
        }
        else if (before > offset)
        {
            // Clocks went back: wall times that occur twice have had their turn.
            DateTime unique = TransitionBetween(from - _day, from) + before;
            if (unique > start)
                start = unique;
        }
        return times.NextWall(AsWall(start)) is { } wall ? DueFrom(wall, from, best, times) : best;
    }

    /// <summary>When a wall time is due, or what follows it sooner.</summary>
    private DateTime? DueFrom(DateTime wall, DateTime from, DateTime? best, IWallTimes times)
    {
        DateTime due = ToUtc(wall);
        best = Due(wall, from, best);
        DateTime shown = ToWall(due);
        if (shown != wall)
        {
            // In a gap: what follows the gap may be due sooner than what is shifted out of it.
            DateTime end = TransitionBetween(due - _day, due) + (shown - DateTime.SpecifyKind(due, DateTimeKind.Unspecified));
            best = Due(times.NextWall(AsWall(end)), from, best);
        }
        return best;
    }

    /// <summary>The last instant before <paramref name="before"/> of a series of wall times.</summary>
    /// <param name="before">UTC.</param>
    /// <param name="times">The series.</param>
    public DateTime? Previous(DateTime before, IWallTimes times)
    {
        DateTime last = before.AddTicks(-1);
        DateTime end = ToWall(last);
        DateTime? best = null;
        if (ChangeBetween(last - _day, last) is { } change)
        {
            // Wall times of a gap run after it; those that occur twice have had their turn.
            if (change.IsForward)
                best = Latest(GapWall(change, last, times), last, null);
            else if (end < change.To)
                end = change.To.AddTicks(-1);
        }
        if (times.PreviousWall(end) is not { } wall)
            return best;
        DateTime due = ToUtc(wall);
        best = Latest(wall, last, best);
        // What a gap shifted out may be due later than what follows the gap.
        return due <= last && ChangeBetween(due - _day, due) is { IsForward: true } gap ? Latest(GapWall(gap, last, times), last, best) : best;
    }

    private static DateTime? GapWall(ClockChange gap, DateTime last, IWallTimes times)
    {
        DateTime shifted = AsWall(last + gap.Before), end = gap.To.AddTicks(-1);
        return times.PreviousWall(shifted < end ? shifted : end);
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
    private DateTime TransitionBetween(DateTime low, DateTime high) => new(Transition(low.Ticks, high.Ticks), DateTimeKind.Utc);

    /// <summary>The stretch of one offset around an instant, within the instant's year.</summary>
    private OffsetSpan SpanAt(long ticks)
    {
        if (ReferenceEquals(_data, TimeZoneInfo.Utc))
            return new OffsetSpan(long.MinValue / 2, long.MaxValue, 0);
        int year = (int)((ticks - _spansFrom) / _spanTicks);
        if (ticks < _spansFrom || year >= YearsKept)
        {
            long offset = Data.GetUtcOffset(new DateTime(ticks, DateTimeKind.Utc)).Ticks;
            return new OffsetSpan(ticks, ticks + 1, offset);
        }
        OffsetSpan[]?[] years = _spans ??= new OffsetSpan[]?[YearsKept];
        OffsetSpan[] spans = years[year] ??= ReadSpans(_spansFrom + year * _spanTicks);
        int at = 0;
        while (spans[at].To <= ticks)
            at++;
        return spans[at];
    }

    /// <summary>The offsets from an instant on, for a year.</summary>
    private OffsetSpan[] ReadSpans(long from)
    {
        var spans = new List<OffsetSpan>();
        long end = from + _spanTicks;
        long begin = from;
        TimeSpan offset = Data.GetUtcOffset(new DateTime(from, DateTimeKind.Utc));
        for (long low = from; low < end; low += TimeSpan.TicksPerDay)
        {
            long high = Math.Min(low + TimeSpan.TicksPerDay, end - 1);
            TimeSpan after = Data.GetUtcOffset(new DateTime(high, DateTimeKind.Utc));
            if (after == offset)
                continue;
            long change = Transition(low, high);
            spans.Add(new OffsetSpan(begin, change, offset.Ticks));
            (begin, offset) = (change, after);
        }
        spans.Add(new OffsetSpan(begin, end, offset.Ticks));
        return spans.ToArray();
    }

    /// <summary>The first instant of the new offset, where exactly one transition lies between.</summary>
    private long Transition(long low, long high)
    {
        TimeSpan old = Data.GetUtcOffset(new DateTime(low, DateTimeKind.Utc));
        while (high - low > TimeSpan.TicksPerSecond)
        {
            long middle = low + (high - low) / 2;
            if (Data.GetUtcOffset(new DateTime(middle, DateTimeKind.Utc)) == old)
                low = middle;
            else
                high = middle;
        }
        // Transitions are on whole seconds.
        return high - high % TimeSpan.TicksPerSecond;
    }

    private TimeZoneInfo Data => Load() ??
        throw new InvalidOperationException($"This machine has no rules for the time zone {Id}: install its time zone data (the tzdata package), or use UTC.");

    private TimeZoneInfo? Load()
    {
        if (!_isLoaded)
        {
            _data = Id == "UTC" ? TimeZoneInfo.Utc : Find(Id) ?? (_target != null ? Find(_target) : null);
            _isLoaded = true;
        }
        return _data;
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

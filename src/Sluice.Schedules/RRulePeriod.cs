using System;
using System.Collections.Generic;

namespace Sluice.Schedules;

/// <summary>One period of a rule: some days of a year, and the times on each.</summary>
internal readonly struct RRulePeriod
{
    private readonly DateTime _year;
    private readonly ulong[] _days;
    private readonly int _firstDay;
    private readonly int _lastDay;
    private readonly ClockTimes _times;

    /// <param name="year">The year's first day.</param>
    /// <param name="days">The days of that year that match.</param>
    /// <param name="firstDay">The period's first day, from 0.</param>
    /// <param name="lastDay">Its last.</param>
    /// <param name="times">The times on each day.</param>
    public RRulePeriod(DateTime year, ulong[] days, int firstDay, int lastDay, ClockTimes times)
    {
        _year = year;
        _days = days;
        _firstDay = firstDay;
        _lastDay = lastDay;
        _times = times;
    }

    /// <summary>How many times it has.</summary>
    public long Count => (long)RRuleYears.Count(_days, _firstDay, _lastDay) * _times.Count;

    /// <summary>How many of them are before a time.</summary>
    public long CountBefore(DateTime wall)
    {
        if (wall <= _year.AddDays(_firstDay))
            return 0;
        int today = (wall - _year).Days;
        if (today > _lastDay)
            return Count;
        long before = today == _firstDay ? 0 : (long)RRuleYears.Count(_days, _firstDay, today - 1) * _times.Count;
        return before + (RRuleYears.Contains(_days, today) ? _times.CountBefore(ClockTimes.SecondsUp(wall.TimeOfDay)) : 0);
    }

    /// <summary>The time at a place in the order, from 0.</summary>
    public DateTime At(long index)
    {
        int day = RRuleYears.Next(_days, _firstDay, _lastDay);
        for (long left = index / _times.Count; left > 0; left--)
            day = RRuleYears.Next(_days, day + 1, _lastDay);
        return _year.AddTicks(day * TimeSpan.TicksPerDay + _times.At((int)(index % _times.Count)) * TimeSpan.TicksPerSecond);
    }

    /// <summary>Its first time at or after the given one.</summary>
    public DateTime? Next(DateTime from)
    {
        int today = from < _year.AddDays(_firstDay) ? -1 : (from - _year).Days;
        for (int day = RRuleYears.Next(_days, Math.Max(_firstDay, today), _lastDay); day >= 0; day = RRuleYears.Next(_days, day + 1, _lastDay))
        {
            int second = _times.Next(day == today ? ClockTimes.SecondsUp(from.TimeOfDay) : 0);
            if (second >= 0)
                return _year.AddTicks(day * TimeSpan.TicksPerDay + second * TimeSpan.TicksPerSecond);
        }
        return null;
    }

    /// <summary>Its last time at or before the given one.</summary>
    public DateTime? Previous(DateTime to)
    {
        if (to < _year)
            return null;
        int today = (int)Math.Min((to - _year).Days, _lastDay + 1);
        for (int day = RRuleYears.Previous(_days, _firstDay, Math.Min(_lastDay, today)); day >= 0; day = RRuleYears.Previous(_days, _firstDay, day - 1))
        {
            int second = _times.Previous(day == today ? (int)(to.TimeOfDay.Ticks / TimeSpan.TicksPerSecond) : ClockTimes.LastSecond);
            if (second >= 0)
                return _year.AddTicks(day * TimeSpan.TicksPerDay + second * TimeSpan.TicksPerSecond);
        }
        return null;
    }

    /// <summary>BYSETPOS: of its times, those at certain positions, in order.</summary>
    public SortedSet<DateTime> Select(List<int> positions)
    {
        var selected = new SortedSet<DateTime>();
        RRulePeriod period = this;
        if (!positions.Exists(position => Math.Abs(position) <= period.Count))
            return selected;
        var days = new List<int>();
        for (int day = RRuleYears.Next(_days, _firstDay, _lastDay); day >= 0; day = RRuleYears.Next(_days, day + 1, _lastDay))
            days.Add(day);
        int times = _times.Count;
        long count = (long)days.Count * times;
        foreach (int position in positions)
        {
            long index = position > 0 ? position - 1 : count + position;
            if (index >= 0 && index < count)
                selected.Add(_year.AddTicks(days[(int)(index / times)] * TimeSpan.TicksPerDay + _times.At((int)(index % times)) * TimeSpan.TicksPerSecond));
        }
        return selected;
    }
}

using System;
using System.Collections.Generic;

namespace Sluice.Schedules;

/// <summary>Hours, minutes and seconds. Counted in seconds of wall time: a change of clocks is none of the rule's business.</summary>
internal sealed class RRuleClockPeriods : RRulePeriods
{
    private const long DaySeconds = 86_400;

    private static readonly long _limit = new DateTime(LastYear, 12, 31).Ticks / TimeSpan.TicksPerSecond;

    private readonly long _unit;
    private readonly long _interval;
    private readonly long _first;
    private readonly ClockTimes _starts;

    // Where a day is entered tells whether one of its times is met: those of no use are remembered.
    private readonly HashSet<long> _barren = new();

    private int _year;
    private int _yearStart;
    private ulong[] _days = Array.Empty<ulong>();

    public RRuleClockPeriods(RRule rule)
        : base(rule)
    {
        _unit = UnitSeconds(rule.Parts.Frequency);
        _interval = rule.Parts.Interval * _unit;
        _first = Seconds(rule.Start) / _unit * _unit;
        const long cycle = RRule.CycleDays * DaySeconds;
        Cycle = cycle / Gcd(cycle, _interval);
        _starts = new ClockTimes(rule.Hours, _unit > 60 ? 1 : rule.Minutes, _unit > 1 ? 1 : rule.Seconds);
    }

    public override long Cycle { get; }

    public override long LastIndex => IndexUpTo(_limit - _first, _interval);

    public override RRulePeriod this[long index]
    {
        get
        {
            DateTime start = StartOf(index);
            int day = start.DayOfYear - 1;
            var times = new ClockTimes(1UL << start.Hour, _unit > 60 ? Rule.Minutes : 1UL << start.Minute, _unit > 1 ? Rule.Seconds : 1UL << start.Second);
            return new RRulePeriod(new DateTime(start.Year, 1, 1), Rule.Years.Of(start.Year), day, day, times);
        }
    }

    /// <summary>The length of a period.</summary>
    public static long UnitSeconds(RRuleFrequency frequency) => frequency switch { RRuleFrequency.Hourly => 3600, RRuleFrequency.Minutely => 60, _ => 1 };

    /// <summary>Whether steps of the interval from the start ever meet a time of day that counts: every 2 hours from 00:00 never meets 09:00.</summary>
    public static bool CanMeet(RRule rule)
    {
        var periods = new RRuleClockPeriods(rule);
        long common = Gcd(periods._interval, DaySeconds);
        if (common == periods._unit)
            return true;
        for (long time = periods._first % common; time < DaySeconds; time += common)
        {
            if (periods._starts.Next((int)time) == time)
                return true;
        }
        return false;
    }

    public override long IndexOf(DateTime wall) => (Seconds(wall) - _first) / _interval;

    public override DateTime StartOf(long index) => new((_first + index * _interval) * TimeSpan.TicksPerSecond);

    public override long? Seek(long index)
    {
        long last = Math.Min(LastIndex, index + Cycle);
        for (int missed = 0; missed <= RRule.CycleDays && index <= last; missed++)
        {
            Steps++;
            long entered = _first + index * _interval;
            long day = entered / DaySeconds;
            long next = NextDay(day);
            if (next < 0)
                return null;
            if (next != day)
            {
                index = UpTo(next * DaySeconds);
                continue;
            }
            // The day's times from where the steps enter it, or from where they come next in it.
            long second = entered % DaySeconds;
            bool whole = second < _interval;
            if (whole && _barren.Contains(second))
            {
                index = UpTo((day + 1) * DaySeconds);
                continue;
            }
            while (index <= LastIndex && (_first + index * _interval) / DaySeconds == day)
            {
                int at = (int)((_first + index * _interval) % DaySeconds);
                int time = _starts.Next(at);
                if (time == at)
                    return index;
                Steps++;
                index = UpTo(time < 0 ? (day + 1) * DaySeconds : day * DaySeconds + time);
            }
            if (whole)
                _barren.Add(second);
        }
        return null;
    }

    public override long? SeekBack(long index)
    {
        long last = Math.Max(0, index - Cycle);
        for (int missed = 0; missed <= RRule.CycleDays && index >= last; missed++)
        {
            Steps++;
            long entered = _first + index * _interval;
            long day = entered / DaySeconds;
            long previous = PreviousDay(day);
            if (previous < 0)
                return null;
            if (previous != day)
            {
                index = DownTo((previous + 1) * DaySeconds - 1);
                continue;
            }
            long left = DaySeconds - 1 - entered % DaySeconds;
            bool whole = left < _interval;
            if (whole && _barren.Contains(left))
            {
                index = DownTo(day * DaySeconds - 1);
                continue;
            }
            while (index >= 0 && (_first + index * _interval) / DaySeconds == day)
            {
                int at = (int)((_first + index * _interval) % DaySeconds);
                int time = _starts.Previous(at);
                if (time == at)
                    return index;
                Steps++;
                index = DownTo(time < 0 ? day * DaySeconds - 1 : day * DaySeconds + time);
            }
            if (whole)
                _barren.Add(left);
        }
        return null;
    }

    /// <summary>The period that has times at a place in their order, from 0; null where the calendar or the limit comes before. Counted by days: its cost grows with these alone.</summary>
    public long? SeekNth(long place, DateTime? until)
    {
        // By where the steps enter a day; -1 is not counted yet.
        var counts = new int[DaySeconds];
        for (int i = 0; i < counts.Length; i++)
            counts[i] = -1;
        for (long day = NextDay(_first / DaySeconds); day >= 0 && !(new DateTime(day * TimeSpan.TicksPerDay) > until); day = day < _limit / DaySeconds ? NextDay(day + 1) : -1)
        {
            long index = UpTo(Math.Max(_first, day * DaySeconds));
            long entered = _first + index * _interval - day * DaySeconds;
            if (entered >= DaySeconds)
                continue;
            if (counts[entered] < 0)
                counts[entered] = CountFrom((int)entered);
            if (place >= counts[entered])
            {
                place -= counts[entered];
                continue;
            }
            while (_starts.Next((int)entered) != entered || place-- > 0)
            {
                index++;
                entered += _interval;
            }
            return index;
        }
        return null;
    }

    /// <summary>How many steps of a day meet a time that counts, from where they enter it.</summary>
    private int CountFrom(int entered)
    {
        int count = 0;
        for (long time = entered; time < DaySeconds; time += _interval)
            count += _starts.Next((int)time) == time ? 1 : 0;
        return count;
    }

    private long UpTo(long second) => (second - _first + _interval - 1) / _interval;

    private long DownTo(long second) => second < _first ? -1 : (second - _first) / _interval;

    /// <summary>The first day that matches, at or after one, counted from 0001-01-01; -1 where none does in 400 years.</summary>
    private long NextDay(long day)
    {
        MoveTo(new DateTime(day * TimeSpan.TicksPerDay).Year);
        for (int years = 0, from = (int)day - _yearStart; years <= 400 && _year <= LastYear; years++, from = 0)
        {
            int next = RRuleYears.Next(_days, from, Length - 1);
            if (next >= 0)
                return _yearStart + next;
            Steps++;
            MoveTo(_year + 1);
        }
        return -1;
    }

    private long PreviousDay(long day)
    {
        MoveTo(new DateTime(day * TimeSpan.TicksPerDay).Year);
        for (int years = 0, to = (int)day - _yearStart; years <= 400 && _year >= Rule.Start.Year; years++, to = Length - 1)
        {
            int previous = RRuleYears.Previous(_days, 0, to);
            if (previous >= 0)
                return _yearStart + previous;
            Steps++;
            if (_year == 1)
                return -1;
            MoveTo(_year - 1);
        }
        return -1;
    }

    private int Length => DateTime.IsLeapYear(_year) ? 366 : 365;

    private void MoveTo(int year)
    {
        if (year == _year)
            return;
        _year = year;
        _yearStart = FirstDay(year);
        _days = Rule.Years.Of(year);
    }

    private static long Seconds(DateTime time) => time.Ticks / TimeSpan.TicksPerSecond;
}

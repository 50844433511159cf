using System;
using System.Collections.Generic;

namespace Sluice.Schedules;

/// <summary>Hours, minutes and seconds. Counted in seconds of wall time: a change of clocks is none of the rule's business.</summary>
internal sealed class RRuleClockPeriods : RRulePeriods
{
    private const long DaySeconds = 86_400;

    private static readonly long _limit = new DateTime(LastYear, 12, 31).Ticks / TimeSpan.TicksPerSecond;

    private readonly RRuleYear _year;
    private readonly long _unit;
    private readonly long _interval;
    private readonly long _first;
    private DateTime _matched = DateTime.MaxValue;

    public RRuleClockPeriods(RRule rule)
        : base(rule)
    {
        _year = new RRuleYear(rule.Days);
        _unit = UnitSeconds(rule.Parts.Frequency);
        _interval = rule.Parts.Interval * _unit;
        _first = Seconds(rule.Start) / _unit * _unit;
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
            DateTime at = DateTime.MinValue.AddSeconds(time);
            if (periods.NextTime(at) == at)
                return true;
        }
        return false;
    }

    public override long IndexOf(DateTime wall) => (Seconds(wall) - _first) / _interval;

    public override DateTime StartOf(long index) => new((_first + index * _interval) * TimeSpan.TicksPerSecond);

    public override List<DateTime> DaysOf(long index) => new() { StartOf(index).Date };

    public override IReadOnlyList<TimeSpan> TimesOf(long index)
    {
        TimeSpan start = StartOf(index).TimeOfDay;
        return _unit switch
        {
            3600 => Times(1UL << start.Hours, Rule.Minutes, Rule.Seconds),
            60 => Times(1UL << start.Hours, 1UL << start.Minutes, Rule.Seconds),
            _ => new[] { start },
        };
    }

    public override long? Seek(long index)
    {
        int missed = 0;
        while (_first + index * _interval <= _limit)
        {
            DateTime time = StartOf(index);
            DateTime day = time.Date;
            DateTime? next = time;
            if (day != _matched)
            {
                next = Rule.Days.NextMonth(day);
                if (next == day)
                {
                    _year.MoveTo(day.Year);
                    bool matches = _year.Matches(day);
                    next = matches ? time : day.AddDays(1);
                    _matched = matches ? day : _matched;
                }
                missed = next == time ? 0 : missed + 1;
            }
            if (next is not { } target || missed > RRule.CycleDays)
                return null;
            if (target == time)
                target = NextTime(time);
            if (target == time)
                return index;
            index = (Seconds(target) - _first + _interval - 1) / _interval;
        }
        return null;
    }

    public override long LastIndex => (_limit - _first) / _interval;

    public override long? SeekBack(long index)
    {
        int missed = 0;
        while (index >= 0)
        {
            DateTime time = StartOf(index);
            DateTime day = time.Date;
            DateTime? previous = time;
            if (day != _matched)
            {
                previous = Rule.Days.PreviousMonth(day);
                if (previous == day)
                {
                    _year.MoveTo(day.Year);
                    bool matches = _year.Matches(day);
                    previous = matches ? time : day > DateTime.MinValue ? day.AddTicks(-1) : null;
                    _matched = matches ? day : _matched;
                }
                else
                {
                    previous = previous?.AddDays(1).AddTicks(-1);
                }
                missed = previous == time ? 0 : missed + 1;
            }
            if (previous is not { } target || missed > RRule.CycleDays)
                return null;
            if (target == time && PreviousTime(time) is var earlier && earlier != time)
            {
                if (earlier is null)
                    return null;
                target = earlier.Value;
            }
            if (target == time)
                return index;
            long seconds = Seconds(target) - _first;
            index = seconds < 0 ? -1 : seconds / _interval;
        }
        return null;
    }

    /// <summary>The last time up to the given one whose hour, minute and second count, or the end of the day before.</summary>
    private DateTime? PreviousTime(DateTime time)
    {
        DateTime day = time.Date;
        int hour = Bits.Previous(Rule.Hours, time.Hour);
        if (hour < 0)
            return day > DateTime.MinValue ? day.AddTicks(-1) : null;
        if (hour != time.Hour)
            return day.AddHours(hour + 1).AddTicks(-1);
        if (_unit == 3600)
            return time;
        int minute = Bits.Previous(Rule.Minutes, time.Minute);
        if (minute != time.Minute)
            return minute < 0 ? Before(day.AddHours(hour)) : day.AddHours(hour).AddMinutes(minute + 1).AddTicks(-1);
        if (_unit == 60)
            return time;
        int second = Bits.Previous(Rule.Seconds, time.Second);
        return second == time.Second ? time
            : second < 0 ? Before(day.AddHours(hour).AddMinutes(minute))
            : day.AddHours(hour).AddMinutes(minute).AddSeconds(second);
    }

    private static DateTime? Before(DateTime time) => time > DateTime.MinValue ? time.AddTicks(-1) : null;

    /// <summary>The first time from the given one on whose hour, minute and second count, or the next midnight.</summary>
    private DateTime NextTime(DateTime time)
    {
        DateTime day = time.Date;
        int hour = Bits.Next(Rule.Hours, time.Hour);
        if (hour != time.Hour)
            return hour < 0 ? day.AddDays(1) : day.AddHours(hour);
        if (_unit == 3600)
            return time;
        int minute = Bits.Next(Rule.Minutes, time.Minute);
        if (minute != time.Minute)
            return minute < 0 ? day.AddHours(hour + 1) : day.AddHours(hour).AddMinutes(minute);
        if (_unit == 60)
            return time;
        int second = Bits.Next(Rule.Seconds, time.Second);
        return second == time.Second ? time
            : second < 0 ? day.AddHours(hour).AddMinutes(minute + 1)
            : day.AddHours(hour).AddMinutes(minute).AddSeconds(second);
    }

    private static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);

    private static long Seconds(DateTime time) => time.Ticks / TimeSpan.TicksPerSecond;
}

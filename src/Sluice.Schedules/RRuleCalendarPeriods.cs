using System;
using System.Collections.Generic;

namespace Sluice.Schedules;

/// <summary>Years, months, weeks and days.</summary>
internal sealed class RRuleCalendarPeriods : RRulePeriods
{
    // Days counted from 0001-01-01.
    private const long LastDay = (LastYear - 1) * 365L + 2_399;

    private readonly RRuleYear _year;
    private readonly List<TimeSpan> _times;
    private readonly long _interval;

    // Of the first period: the year, the month counted from year 0, or the day counted from 0001-01-01.
    private readonly long _first;

    public RRuleCalendarPeriods(RRule rule)
        : base(rule)
    {
        _year = new RRuleYear(rule.Days);
        _times = Times(rule.Hours, rule.Minutes, rule.Seconds);
        _interval = rule.Parts.Interval * (rule.Parts.Frequency == RRuleFrequency.Weekly ? 7 : 1);
        _first = Number(rule.Start);
        if (rule.Parts.Frequency == RRuleFrequency.Weekly)
            _first -= (RRuleDays.Weekday(rule.Start) - rule.Parts.WeekStart + 7) % 7;
    }

    private RRuleFrequency Frequency => Rule.Parts.Frequency;

    public override long IndexOf(DateTime wall) => (Number(wall) - _first) / _interval;

    public override long? Seek(long index)
    {
        while (true)
        {
            long number = _first + index * _interval;
            if (Frequency != RRuleFrequency.Daily)
                return IsWithin(number) && (Frequency != RRuleFrequency.Monthly || SeekMonth(ref index)) ? index : null;
            if (!IsWithin(number))
                return null;
            DateTime day = DayOf(number);
            if (Rule.Days.NextMonth(day) is not { } next)
                return null;
            if (next == day)
                return index;
            index = (Number(next) - _first + _interval - 1) / _interval;
        }
    }

    public override long LastIndex => (Frequency switch
    {
        RRuleFrequency.Yearly => LastYear,
        RRuleFrequency.Monthly => LastYear * 12L + 11,
        _ => LastDay,
    } - _first) / _interval;

    public override long? SeekBack(long index)
    {
        if (Frequency == RRuleFrequency.Monthly)
        {
            for (int tries = 0; tries < 12 && index >= 0; tries++, index--)
            {
                if (Rule.Days.IsMonth((int)((_first + index * _interval) % 12) + 1))
                    return index;
            }
            return null;
        }
        while (index >= 0 && Frequency == RRuleFrequency.Daily)
        {
            DateTime day = DayOf(_first + index * _interval);
            if (Rule.Days.PreviousMonth(day) is not { } previous)
                return null;
            if (previous == day)
                return index;
            long days = Number(previous) - _first;
            index = days < 0 ? -1 : days / _interval;
        }
        return index >= 0 ? index : null;
    }

    public override DateTime StartOf(long index)
    {
        long number = _first + index * _interval;
        return Frequency switch
        {
            RRuleFrequency.Yearly => new DateTime((int)number, 1, 1),
            RRuleFrequency.Monthly => new DateTime((int)(number / 12), (int)(number % 12) + 1, 1),
            _ => DayOf(Math.Max(0, number)),
        };
    }

    public override List<DateTime> DaysOf(long index)
    {
        DateTime day = StartOf(index);
        int length = Frequency switch
        {
            RRuleFrequency.Yearly => DateTime.IsLeapYear(day.Year) ? 366 : 365,
            RRuleFrequency.Monthly => DateTime.DaysInMonth(day.Year, day.Month),
            RRuleFrequency.Weekly => 7,
            _ => 1,
        };
        if (Frequency == RRuleFrequency.Weekly && index == 0)
        {
            // The first week begins on the start's day: set positions count from there.
            length -= (int)(Number(Rule.Start) - _first);
            day = Rule.Start.Date;
        }
        _year.MoveTo(day.Year);
        var days = new List<DateTime>();
        for (; length > 0; length--, day = day.AddDays(1))
        {
            if (Rule.Days.IsMonth(day.Month) ? _year.Matches(day) : Frequency == RRuleFrequency.Yearly && SkipMonth(ref day, ref length))
                days.Add(day);
        }
        return days;
    }

    public override IReadOnlyList<TimeSpan> TimesOf(long index) => _times;

    /// <summary>Moves to the last day of a month that does not count.</summary>
    private static bool SkipMonth(ref DateTime day, ref int length)
    {
        int skipped = DateTime.DaysInMonth(day.Year, day.Month) - day.Day;
        day = day.AddDays(skipped);
        length -= skipped;
        return false;
    }

    /// <summary>Goes on to a month that counts; the months met repeat after at most twelve periods.</summary>
    private bool SeekMonth(ref long index)
    {
        for (int tries = 0; tries < 12; tries++, index++)
        {
            long number = _first + index * _interval;
            if (!IsWithin(number))
                return false;
            if (Rule.Days.IsMonth((int)(number % 12) + 1))
                return true;
        }
        return false;
    }

    private bool IsWithin(long number) => Frequency switch
    {
        RRuleFrequency.Yearly => number <= LastYear,
        RRuleFrequency.Monthly => number / 12 <= LastYear,
        _ => number <= LastDay,
    };

    private long Number(DateTime day) => Frequency switch
    {
        RRuleFrequency.Yearly => day.Year,
        RRuleFrequency.Monthly => day.Year * 12L + day.Month - 1,
        _ => day.Ticks / TimeSpan.TicksPerDay,
    };

    private static DateTime DayOf(long number) => new(number * TimeSpan.TicksPerDay);
}

using System;

namespace Sluice.Schedules;

/// <summary>Years, months, weeks and days.</summary>
internal sealed class RRuleCalendarPeriods : RRulePeriods
{
    // Days counted from 0001-01-01.
    private const long LastDay = (LastYear - 1) * 365L + 2_399;

    private readonly RRuleFrequency _frequency;
    private readonly long _interval;

    // Of the first period: the year, the month counted from year 0, or the day counted from 0001-01-01.
    private readonly long _first;

    /// <param name="rule">The rule.</param>
    /// <param name="frequency">The frequency of the periods: the rule's own, or years where it makes no difference.</param>
    public RRuleCalendarPeriods(RRule rule, RRuleFrequency frequency)
        : base(rule)
    {
        _frequency = frequency;
        // All but Easter repeats every 400 years, and Easter has had all its dates by then.
        long cycle = frequency switch { RRuleFrequency.Yearly => 400, RRuleFrequency.Monthly => 4_800, RRuleFrequency.Weekly => 20_871, _ => RRule.CycleDays };
        Cycle = cycle / Gcd(cycle, rule.Parts.Interval);
        _interval = rule.Parts.Interval * (frequency == RRuleFrequency.Weekly ? 7 : 1);
        _first = Number(rule.Start);
        if (frequency == RRuleFrequency.Weekly)
            _first -= (RRuleDays.Weekday(rule.Start) - rule.Parts.WeekStart + 7) % 7;
    }

    public override long Cycle { get; }

    public override long LastIndex => IndexUpTo(_frequency switch
    {
        RRuleFrequency.Yearly => LastYear,
        RRuleFrequency.Monthly => LastYear * 12L + 11,
        _ => LastDay,
    } - _first, _interval);

    public override RRulePeriod this[long index]
    {
        get
        {
            DateTime start = StartOf(index);
            var year = new DateTime(start.Year, 1, 1);
            Days(index, start, out int first, out int last);
            return new RRulePeriod(year, Rule.Years.Of(start.Year), first, last, Rule.Times);
        }
    }

    public override long IndexOf(DateTime wall) => (Number(wall) - _first) / _interval;

    public override long? Seek(long index)
    {
        long last = Math.Min(LastIndex, index + Cycle);
        while (index <= last)
        {
            Steps++;
            DateTime start = StartOf(index);
            ulong[] days = Rule.Years.Of(start.Year);
            Days(index, start, out int from, out int to);
            if (RRuleYears.Next(days, from, to) >= 0)
                return index;
            if (_frequency == RRuleFrequency.Daily)
                index = UpTo(start.Year, RRuleYears.Next(days, from + 1, YearLength(start.Year) - 1));
            else
                index++;
        }
        return null;
    }

    public override long? SeekBack(long index)
    {
        long last = Math.Max(0, index - Cycle);
        while (index >= last)
        {
            Steps++;
            DateTime start = StartOf(index);
            ulong[] days = Rule.Years.Of(start.Year);
            Days(index, start, out int from, out int to);
            if (RRuleYears.Next(days, from, to) >= 0)
                return index;
            if (_frequency == RRuleFrequency.Daily)
            {
                int previous = RRuleYears.Previous(days, 0, from - 1);
                long number = FirstDay(start.Year) + (previous < 0 ? -1 : previous);
                index = number < _first ? -1 : (number - _first) / _interval;
            }
            else
            {
                index--;
            }
        }
        return null;
    }

    public override DateTime StartOf(long index)
    {
        long number = _first + index * _interval;
        return _frequency switch
        {
            RRuleFrequency.Yearly => new DateTime((int)number, 1, 1),
            RRuleFrequency.Monthly => new DateTime((int)(number / 12), (int)(number % 12) + 1, 1),
            // The first week begins on the start's day: set positions count from there.
            RRuleFrequency.Weekly when index == 0 => Rule.Start.Date,
            _ => new DateTime(number * TimeSpan.TicksPerDay),
        };
    }

    private static int YearLength(int year) => DateTime.IsLeapYear(year) ? 366 : 365;

    /// <summary>The first period from a day of a year on; day -1 is the next year's first.</summary>
    private long UpTo(int year, int day)
    {
        long number = day < 0 ? FirstDay(year + 1) : FirstDay(year) + day;
        return (number - _first + _interval - 1) / _interval;
    }

    /// <summary>The days of a period, counted from 0 in the year it begins in.</summary>
    private void Days(long index, DateTime start, out int first, out int last)
    {
        first = start.DayOfYear - 1;
        int length = _frequency switch
        {
            RRuleFrequency.Yearly => YearLength(start.Year),
            RRuleFrequency.Monthly => DateTime.DaysInMonth(start.Year, start.Month),
            RRuleFrequency.Weekly => index == 0 ? 7 - (int)(Number(start) - _first) : 7,
            _ => 1,
        };
        last = first + length - 1;
    }

    private long Number(DateTime day) => _frequency switch
    {
        RRuleFrequency.Yearly => day.Year,
        RRuleFrequency.Monthly => day.Year * 12L + day.Month - 1,
        _ => day.Ticks / TimeSpan.TicksPerDay,
    };
}

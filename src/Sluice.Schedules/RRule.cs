using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;

namespace Sluice.Schedules;

/// <summary>One recurrence rule over wall times, in the reading of Python's dateutil. Immutable.</summary>
internal sealed class RRule
{
    /// <summary>The years of the Gregorian cycle.</summary>
    public const int CycleYears = 400;

    /// <summary>The days of the Gregorian cycle.</summary>
    public const int CycleDays = 146_097;

    // Worked out when first asked for: two threads may both do so, with the same outcome.
    private RRuleYears? _years;
    private Reach? _reach;
    private StrongBox<DateTime?>? _fails;

    /// <summary>Completes the parts from the start, as dateutil does.</summary>
    public RRule(RRuleParts parts, DateTime start)
    {
        Parts = parts;
        Start = start;
        if (parts.Hours != null || parts.Frequency < RRuleFrequency.Hourly)
            Hours = Mask(parts.Hours, start.Hour, 23);
        if (parts.Minutes != null || parts.Frequency < RRuleFrequency.Minutely)
            Minutes = Mask(parts.Minutes, start.Minute, 59);
        if (parts.Seconds != null || parts.Frequency < RRuleFrequency.Secondly)
            Seconds = Mask(parts.Seconds, start.Second, 59);
        // A week that begins in the old year is looked at with that year's weeks and Easter: there it matters what the periods are.
        IsPlain = parts.Interval == 1 && parts.SetPositions == null && (parts.Frequency != RRuleFrequency.Weekly || (parts.Weeks == null && parts.EasterDays == null));
    }

    public RRuleParts Parts { get; }

    /// <summary>Nothing is due before it, and periods are counted from it.</summary>
    public DateTime Start { get; }

    /// <summary>The days that count.</summary>
    public RRuleYears Years => _years ??= new RRuleYears(new RRuleDays(Parts, Start));

    /// <summary>The hours of a day that count.</summary>
    public ulong Hours { get; } = Bits.Range(0, 23);

    /// <summary>The minutes of an hour that count.</summary>
    public ulong Minutes { get; } = Bits.Range(0, 59);

    /// <summary>The seconds of a minute that count.</summary>
    public ulong Seconds { get; } = Bits.Range(0, 59);

    /// <summary>The times of a day that count, intervals aside.</summary>
    public ClockTimes Times => new(Hours, Minutes, Seconds);

    /// <summary>Whether the rule is no more than all <see cref="Times"/> on all days that count, from the start to the end.</summary>
    public bool IsPlain { get; }

    /// <summary>Where dateutil fails on the rule, and a Prefect server with it: nothing is due from then on. Null where it does not.</summary>
    public DateTime? Fails => (_fails ??= new StrongBox<DateTime?>(FindFailure())).Value;

    private Reach Bounds => _reach ??= new Reach(this);

    /// <summary>The first occurrence at or after a wall time.</summary>
    public DateTime? Next(DateTime wall) => Next(wall, out _);

    /// <summary>The first occurrence at or after a wall time.</summary>
    /// <param name="wall">The time.</param>
    /// <param name="steps">How many periods and days were looked at.</param>
    public DateTime? Next(DateTime wall, out int steps)
    {
        steps = 0;
        Reach reach = Bounds;
        if (!reach.CanMeet || wall > reach.End)
            return null;
        DateTime first = wall < Start ? Start : wall;
        if (reach.Search == null)
            return Next(first, reach.End, out steps);
        return first.Year <= CronExpression.LastYear && reach.Search.Next(first, ref steps) is { } found && !(found > reach.End) ? found : null;
    }

    /// <summary>The last occurrence at or before a wall time.</summary>
    public DateTime? Previous(DateTime wall)
    {
        Reach reach = Bounds;
        if (wall < Start || !reach.CanMeet)
            return null;
        DateTime? end = reach.End;
        DateTime last = wall > end ? end.Value : wall;
        if (last < Start)
            return null;
        RRulePeriods periods = Periods();
        long from = Math.Min(periods.IndexOf(last), periods.LastIndex);
        for (long? index = periods.SeekBack(from); index is { } at && from - at <= periods.Cycle; index = periods.SeekBack(at - 1))
        {
            if (Latest(periods[at], last) is { } time)
                return time >= Start ? time : null;
        }
        return null;
    }

    /// <summary>Of a plain rule that is met at a time: the first day after it that is not one of its days, or the time after the rule's end; null where there is none.</summary>
    public DateTime? FirstDayWithout(DateTime time)
    {
        DateTime? end = Bounds.End?.AddTicks(1);
        DateTime? found = null;
        for (int year = time.Year, day = time.DayOfYear; year <= 9998 && found == null; year++, day = 0)
        {
            if (new DateTime(year, 1, 1) > end)
                break;
            ulong[] days = Years.Of(year);
            int length = DateTime.IsLeapYear(year) ? 366 : 365;
            while (day < length && RRuleYears.Contains(days, day))
                day++;
            if (day < length)
                found = new DateTime(year, 1, 1).AddDays(day);
        }
        return found is null || end < found ? end : found;
    }

    /// <summary>Of a plain rule that is met at a time: the start of the run of its days up to then, not before the rule's start.</summary>
    public DateTime FirstOfDaysUpTo(DateTime time)
    {
        DateTime day = time.Date;
        while (day > Start.Date && RRuleYears.Contains(Years.Of(day.AddDays(-1).Year), day.AddDays(-1).DayOfYear - 1))
            day = day.AddDays(-1);
        return day < Start ? Start : day;
    }

    private DateTime? Next(DateTime first, DateTime? end, out int steps)
    {
        RRulePeriods periods = Periods();
        DateTime? found = null;
        long start = Math.Max(0, periods.IndexOf(first));
        for (long? index = periods.Seek(start); index is { } at && at - start <= periods.Cycle && !(periods.StartOf(at) > end); index = periods.Seek(at + 1))
        {
            found = Earliest(periods[at], first);
            if (found != null)
                break;
        }
        steps = periods.Steps;
        return found > end ? null : found;
    }

    private DateTime? Earliest(RRulePeriod period, DateTime from)
    {
        if (Parts.SetPositions == null)
            return period.Next(from);
        foreach (DateTime time in period.Select(Parts.SetPositions))
        {
            if (time >= from)
                return time;
        }
        return null;
    }

    private DateTime? Latest(RRulePeriod period, DateTime to)
    {
        if (Parts.SetPositions == null)
            return period.Previous(to);
        DateTime? latest = null;
        foreach (DateTime time in period.Select(Parts.SetPositions))
            latest = time <= to ? time : latest;
        return latest;
    }

    // Plain rules are sought by years, whatever their frequency.
    private RRulePeriods Periods() =>
        IsPlain ? new RRuleCalendarPeriods(this, RRuleFrequency.Yearly)
        : Parts.Frequency < RRuleFrequency.Hourly ? new RRuleCalendarPeriods(this, Parts.Frequency)
        : new RRuleClockPeriods(this);

    /// <summary>The last moment that UNTIL and COUNT leave, or null when there is none.</summary>
    private DateTime? FindEnd()
    {
        if (Parts.Count is not { } count)
            return Parts.Until;
        DateTime? last = Parts.Frequency >= RRuleFrequency.Hourly && Parts is { Months: null, HasNoDays: true, Hours: null, Minutes: null, Seconds: null, SetPositions: null }
            ? Counted(count)
            : Count(count);
        return last is { } end && !(end > Parts.Until) ? end : Parts.Until;
    }

    /// <summary>The last of so many steps of the interval.</summary>
    private DateTime? Counted(long count)
    {
        decimal seconds = (count - 1) * (decimal)Parts.Interval * RRuleClockPeriods.UnitSeconds(Parts.Frequency);
        return seconds >= (decimal)(DateTime.MaxValue - Start).TotalSeconds - 1 ? null : Start.AddTicks((long)seconds * TimeSpan.TicksPerSecond);
    }

    /// <summary>The last of so many occurrences, counted by periods of a day or longer, or by the days of shorter ones: at most those up to the calendar's end.</summary>
    private DateTime? Count(long count)
    {
        RRulePeriods periods = Periods();
        var counts = new Dictionary<long, long>();
        long? index = periods.Seek(0);
        if (index is { } first)
            count += Parts.SetPositions == null ? periods[first].CountBefore(Start) : periods[first].Select(Parts.SetPositions).TakeWhile(time => time < Start).Count();
        if (periods is RRuleClockPeriods clock && index is { } any)
        {
            // Each period that has times has as many.
            long each = CountOf(clock[any], counts);
            index = each == 0 ? null : clock.SeekNth((count - 1) / each, Parts.Until);
            return index is { } found ? TimeOf(clock[found], (count - 1) % each) : null;
        }
        for (; index is { } at && !(periods.StartOf(at) > Parts.Until); index = periods.Seek(at + 1))
        {
            long had = CountOf(periods[at], counts);
            if (count <= had)
                return TimeOf(periods[at], count - 1);
            count -= had;
        }
        return null;
    }

    private DateTime TimeOf(RRulePeriod period, long place) => Parts.SetPositions == null ? period.At(place) : period.Select(Parts.SetPositions).ElementAt((int)place);

    /// <summary>How many of a period's times are due; which of so many set positions are is worked out once.</summary>
    private long CountOf(RRulePeriod period, Dictionary<long, long> selected)
    {
        long count = period.Count;
        if (Parts.SetPositions == null)
            return count;
        if (!selected.TryGetValue(count, out long due))
            selected[count] = due = Parts.SetPositions.Where(position => Math.Abs(position) <= count).Select(position => position > 0 ? position - 1 : count + position).Distinct().Count();
        return due;
    }

    /// <summary>dateutil looks for the next occurrence after each: it fails right after the last one that it can reach, or at once.</summary>
    private DateTime? FindFailure() =>
        RRuleFailure.Of(this) is not { } period ? null
        : period > Start && Previous(period.AddTicks(-1)) is { } last ? last.AddTicks(1)
        : DateTime.MinValue;

    /// <summary>Whether the rule can have occurrences at all, as far as that is plain without a search.</summary>
    private bool CanMeet()
    {
        bool clock = Parts.Frequency >= RRuleFrequency.Hourly;
        int days = Parts.Frequency switch { RRuleFrequency.Yearly => 366, RRuleFrequency.Monthly => 31, RRuleFrequency.Weekly => 7, _ => 1 };
        int size = days
            * (clock ? 1 : Bits.Count(Hours))
            * (Parts.Frequency >= RRuleFrequency.Minutely ? 1 : Bits.Count(Minutes))
            * (Parts.Frequency == RRuleFrequency.Secondly ? 1 : Bits.Count(Seconds));
        if (Hours == 0 || Minutes == 0 || Seconds == 0)
            return false;
        return (Parts.SetPositions?.Exists(position => Math.Abs(position) <= size) ?? true) && (!clock || RRuleClockPeriods.CanMeet(this));
    }

    private static ulong Mask(List<int>? values, int otherwise, int max) =>
        values == null ? 1UL << otherwise : values.Where(value => value >= 0 && value <= max).Aggregate(0UL, (mask, value) => mask | 1UL << value);

    /// <summary>How far a rule reaches.</summary>
    private sealed class Reach
    {
        public Reach(RRule rule)
        {
            CanMeet = !(rule.Parts.Count < 1) && rule.CanMeet();
            if (!CanMeet)
                return;
            End = rule.FindEnd();
            Search = CalendarSearch.Of(rule);
        }

        /// <summary>Whether it may have occurrences.</summary>
        public bool CanMeet { get; }

        /// <summary>The last moment that UNTIL and COUNT leave, or null when there is none.</summary>
        public DateTime? End { get; }

        /// <summary>How it is sought from <see cref="Start"/> on where that is plain.</summary>
        public CalendarSearch? Search { get; }
    }
}

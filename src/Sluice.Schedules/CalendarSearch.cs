using System;

namespace Sluice.Schedules;

/// <summary>The search of wall times whose days are one set for each month, and whose times are the same on each of them: by bits.</summary>
internal sealed class CalendarSearch
{
    /// <summary>Days that not every month has.</summary>
    private static readonly ulong _late = Bits.Range(29, 31);

    /// <summary>The days of a month, by its year and number, where weekdays are counted in it; null where weekdays are a set.</summary>
    private readonly Func<int, int, ulong>? _nth;
    private readonly ulong _months;
    private readonly ulong _days;
    private readonly bool _lastDay;

    // The weekdays of six weeks, from a Sunday.
    private readonly ulong _weekdays;
    private readonly bool _anyWeekday;
    private readonly ClockTimes _times;
    private readonly int _firstTime;
    private readonly int _yearsToLook;
    private readonly int _only;

    private CalendarSearch(ulong months, ulong days, bool lastDay, ulong week, Func<int, int, ulong>? nth, ClockTimes times, int yearsToLook, int only = 0)
    {
        _months = months;
        _days = days;
        _lastDay = lastDay;
        _anyWeekday = week == Bits.Range(0, 6);
        for (int weeks = 0; weeks < 6; weeks++)
            _weekdays |= week << (7 * weeks);
        _nth = nth;
        _times = times;
        _firstTime = times.Next(0);
        _yearsToLook = yearsToLook;
        _only = only;
    }

    /// <summary>The search of an expression, or null where croniter's reading is not that plain: it counts to days that a month lacks, and past what comes before.</summary>
    public static CalendarSearch? Of(CronExpression cron)
    {
        CronSet days = cron[CronField.Day];
        bool countsPast = !days.IsAny && (days.Mask & _late) != 0 && ((days.Mask & Bits.Range(1, 3)) != 0 || days.HasLast);
        if (cron.EitherDay || !cron[CronField.Year].IsAny || countsPast)
            return null;
        var times = new ClockTimes(Mask(cron[CronField.Hour], 0, 23), Mask(cron[CronField.Minute], 0, 59), Mask(cron[CronField.Second], 0, 59));
        return new CalendarSearch(
            Mask(cron[CronField.Month], 1, 12), Mask(days, 1, 31), days.HasLast, Mask(cron[CronField.DayOfWeek], 0, 6), cron.NthWeekdays == null ? null : cron.NthDays, times, CronExpression.YearsToLook);
    }

    /// <summary>The search of a rule from its start on, or null where its days or its intervals are no such sets: every 2 days, every 7 minutes, the 100th day of a year.</summary>
    public static CalendarSearch? Of(RRule rule)
    {
        RRuleDays days = rule.Years.Days;
        if (!days.AreSets || Times(rule) is not { } times || times.Count == 0 || Only(rule, times) is not { } only)
            return null;
        // From a Sunday, as DayOfWeek counts.
        ulong week = (days.WeekMask << 1 | days.WeekMask >> 6) & Bits.Range(0, 6);
        return days.MonthMask == 0 || days.DayMask == 0 || week == 0 ? null : new CalendarSearch(days.MonthMask, days.DayMask, lastDay: false, week, days.HasNth ? days.NthDays : null, times, RRule.CycleYears, only);
    }

    /// <summary>1 where the first day of each month alone counts, -1 where the last does, 0 where all do; null where positions are others.</summary>
    private static int? Only(RRule rule, ClockTimes times) => rule.Parts.SetPositions switch
    {
        null => 0,
        { Count: 1 } positions when positions[0] is 1 or -1 && rule.Parts.Frequency == RRuleFrequency.Monthly && times.Count == 1 => positions[0],
        _ => null,
    };

    /// <summary>The times of each day, where the interval divides what it counts.</summary>
    private static ClockTimes? Times(RRule rule)
    {
        (long size, int from, ulong values) = rule.Parts.Frequency switch
        {
            RRuleFrequency.Hourly => (24L, rule.Start.Hour, rule.Hours),
            RRuleFrequency.Minutely => (60L, rule.Start.Minute, rule.Minutes),
            RRuleFrequency.Secondly => (60L, rule.Start.Second, rule.Seconds),
            _ => (1L, 0, 0UL),
        };
        long interval = rule.Parts.Interval;
        if (interval > size || size % interval != 0)
            return null;
        ulong met = 0;
        for (long value = from % interval; value < size; value += interval)
            met |= 1UL << (int)value;
        return rule.Parts.Frequency switch
        {
            RRuleFrequency.Hourly => new ClockTimes(values & met, rule.Minutes, rule.Seconds),
            RRuleFrequency.Minutely => new ClockTimes(rule.Hours, values & met, rule.Seconds),
            RRuleFrequency.Secondly => new ClockTimes(rule.Hours, rule.Minutes, values & met),
            _ => rule.Times,
        };
    }

    /// <summary>The first matching wall time at or after the given one, or null when there is none.</summary>
    public DateTime? Next(DateTime wall, ref int steps)
    {
        int year = wall.Year, month = wall.Month, day = wall.Day;
        int lastYear = Math.Min(year + _yearsToLook, CronExpression.LastYear);
        if ((_months & (1UL << month)) != 0)
        {
            steps++;
            ulong days = Days(year, month);
            if ((days & (1UL << day)) != 0 && _times.Next(ClockTimes.SecondsUp(wall.TimeOfDay)) is var second and >= 0)
                return wall.Date.AddTicks(second * TimeSpan.TicksPerSecond);
            day = Bits.Next(days, day + 1);
            if (day > 0)
                return At(year, month, day);
        }
        while (true)
        {
            month = Bits.Next(_months, month + 1);
            if (month < 0)
            {
                month = Bits.Next(_months, 1);
                if (++year > lastYear)
                    return null;
            }
            steps++;
            day = Bits.Next(Days(year, month), 1);
            if (day > 0)
                return At(year, month, day);
        }
    }

    private DateTime At(int year, int month, int day) => new DateTime(year, month, day).AddTicks(_firstTime * TimeSpan.TicksPerSecond);

    /// <summary>The days of a month that match.</summary>
    private ulong Days(int year, int month)
    {
        int length = DateTime.DaysInMonth(year, month);
        ulong days = (_days | (_lastDay ? 1UL << length : 0)) & (2UL << length) - 2;
        if (_nth != null)
            days &= _nth(year, month);
        else if (!_anyWeekday)
            days &= (_weekdays >> (int)new DateTime(year, month, 1).DayOfWeek) << 1;
        return _only == 0 || days == 0 ? days : 1UL << (_only > 0 ? Bits.Next(days, 0) : Bits.Previous(days, 63));
    }

    private static ulong Mask(CronSet set, int min, int max) => set.IsAny ? Bits.Range(min, max) : set.Mask;
}

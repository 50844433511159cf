using System;

namespace Sluice.Schedules;

/// <summary>The search of expressions without years whose days are one set for each month: by bits.</summary>
internal sealed class CronSearch
{
    /// <summary>Days that not every month has.</summary>
    private static readonly ulong _late = Bits.Range(29, 31);

    private readonly CronExpression _cron;
    private readonly ulong _months;
    private readonly ulong _days;
    private readonly bool _lastDay;

    // The weekdays of six weeks, from a Sunday.
    private readonly ulong _weekdays;
    private readonly bool _anyWeekday;
    private readonly ClockTimes _times;
    private readonly int _firstTime;

    private CronSearch(CronExpression cron)
    {
        _cron = cron;
        _months = Mask(cron[CronField.Month], 1, 12);
        _days = Mask(cron[CronField.Day], 1, 31);
        _lastDay = cron[CronField.Day].HasLast;
        _anyWeekday = cron[CronField.DayOfWeek].IsAny;
        ulong week = Mask(cron[CronField.DayOfWeek], 0, 6);
        for (int weeks = 0; weeks < 6; weeks++)
            _weekdays |= week << (7 * weeks);
        _times = new ClockTimes(Mask(cron[CronField.Hour], 0, 23), Mask(cron[CronField.Minute], 0, 59), Mask(cron[CronField.Second], 0, 59));
        _firstTime = _times.Next(0);
    }

    /// <summary>The search of an expression, or null where croniter's reading is not that plain: it counts to days that a month lacks, and past what comes before.</summary>
    public static CronSearch? Of(CronExpression cron)
    {
        CronSet days = cron[CronField.Day];
        bool countsPast = !days.IsAny && (days.Mask & _late) != 0 && ((days.Mask & Bits.Range(1, 3)) != 0 || days.HasLast);
        return cron.EitherDay || !cron[CronField.Year].IsAny || countsPast ? null : new CronSearch(cron);
    }

    /// <summary>The first matching wall time at or after the given one, or null when there is none.</summary>
    public DateTime? Next(DateTime wall, ref int steps)
    {
        int year = wall.Year, month = wall.Month, day = wall.Day;
        int lastYear = Math.Min(year + CronExpression.YearsToLook, CronExpression.LastYear);
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
        if (_cron.NthWeekdays != null)
            return days & _cron.NthDays(year, month);
        return _anyWeekday ? days : days & (_weekdays >> (int)new DateTime(year, month, 1).DayOfWeek) << 1;
    }

    private static ulong Mask(CronSet set, int min, int max) => set.IsAny ? Bits.Range(min, max) : set.Mask;
}

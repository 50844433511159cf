using System;
using System.Collections.Generic;

namespace Sluice.Schedules;

/// <summary>A parsed cron expression: which wall times match. Seeks by field, as croniter does, with its answers.</summary>
internal sealed partial class CronExpression
{
    /// <summary>In <see cref="NthWeekdays"/>: the last such weekday of the month. Bits 1-5 are the first to the fifth.</summary>
    public const int LastNth = 6;

    /// <summary>croniter gives up when no match lies within so many years.</summary>
    public const int YearsToLook = 50;

    public const int LastYear = 9998;

    private readonly CronSet[] _sets;
    private readonly byte[]? _nthWeekdays;
    private readonly CalendarSearch? _search;

    public CronExpression(CronSet[] sets, int fieldCount, byte[]? nthWeekdays, bool dayOr)
    {
        _sets = sets;
        FieldCount = fieldCount;
        _nthWeekdays = nthWeekdays;
        DayOr = dayOr;
        _search = CalendarSearch.Of(this);
    }

    /// <summary>5, 6 (with seconds) or 7 (with years).</summary>
    public int FieldCount { get; }

    /// <summary>Whether day of month and day of week are ORed where both are restricted.</summary>
    public bool DayOr { get; }

    /// <summary>For each weekday which ones of the month (<c>fri#2</c>, <c>L5</c>), or null when the field has none.</summary>
    public IReadOnlyList<byte>? NthWeekdays => _nthWeekdays;

    /// <summary>Whether the two day fields are alternatives.</summary>
    public bool EitherDay => DayOr && !this[CronField.Day].IsAny && !this[CronField.DayOfWeek].IsAny;

    /// <summary>Whether Vixie cron would take it for a job by the clock, as <c>*/5 * * * *</c>, not one at fixed times.</summary>
    public bool IsByTheClock => this[CronField.Minute].BeginsWithStar || this[CronField.Hour].BeginsWithStar;

    /// <summary>The values of a field.</summary>
    public CronSet this[int field] => _sets[field];

    /// <summary>The first matching wall time at or after the given one, or null when there is none.</summary>
    public DateTime? Next(DateTime wall)
    {
        int steps = 0;
        return Next(wall, ref steps);
    }

    /// <summary>The same, and how many days were looked at.</summary>
    public DateTime? Next(DateTime wall, ref int steps)
    {
        if (_search is { } search)
            return search.Next(wall, ref steps);
        long unit = Unit;
        DateTime start = wall.AddTicks((unit - wall.Ticks % unit) % unit);
        if (!EitherDay)
            return Next(start, useDay: true, useDayOfWeek: true, ref steps);
        // croniter asks for both and fails when either never comes: then the schedule never fires.
        if (Next(start, useDay: true, useDayOfWeek: false, ref steps) is not { } byDay || Next(start, useDay: false, useDayOfWeek: true, ref steps) is not { } byDayOfWeek)
            return null;
        return byDay < byDayOfWeek ? byDay : byDayOfWeek;
    }

    private long Unit => FieldCount == 5 ? TimeSpan.TicksPerMinute : TimeSpan.TicksPerSecond;

    private DateTime? Next(DateTime start, bool useDay, bool useDayOfWeek, ref int steps)
    {
        int lastYear = Math.Min(start.Year + YearsToLook, LastYear);
        TimeSpan time = start.TimeOfDay;
        for (DateTime from = start.Date; NextDay(from, lastYear, useDay, useDayOfWeek, ref steps) is { } day; from = day.AddDays(1), time = TimeSpan.Zero)
        {
            if (NextTime(day == from ? time : TimeSpan.Zero) is { } match)
                return day + match;
        }
        return null;
    }

    private DateTime? NextDay(DateTime day, int lastYear, bool useDay, bool useDayOfWeek, ref int steps)
    {
        while (day.Year <= lastYear)
        {
            steps++;
            CronSet years = this[CronField.Year];
            if (!years.IsAny)
            {
                int year = years.Next(day.Year);
                if (year < 0)
                    return null;
                if (year != day.Year)
                {
                    day = new DateTime(year, 1, 1);
                    continue;
                }
            }
            CronSet months = this[CronField.Month];
            if (!months.IsAny)
            {
                int month = months.Next(day.Month);
                if (month != day.Month)
                {
                    day = month > 0 ? new DateTime(day.Year, month, 1) : new DateTime(day.Year + 1, months.Next(0), 1);
                    continue;
                }
            }
            int ahead = useDay ? DaysToDayOfMonth(day) : 0;
            if (ahead == 0)
                ahead = NthWeekdays != null ? DaysToNthWeekday(day) : useDayOfWeek ? DaysToWeekday(day) : 0;
            if (ahead == 0)
                return day;
            day = day.AddDays(ahead);
        }
        return null;
    }

    /// <summary>Days to the nearest allowed day of month, counted as croniter counts them.</summary>
    /// <remarks>A day that the month lacks is still counted to: with <c>1,31</c> the 2nd of February is followed by the 31st of March, not the 1st. Prefect runs it so, and we do.</remarks>
    private int DaysToDayOfMonth(DateTime day)
    {
        CronSet days = this[CronField.Day];
        if (days.IsAny)
            return 0;
        int length = DateTime.DaysInMonth(day.Year, day.Month);
        if (days.HasLast && day.Day == length)
            return 0;
        int next = days.Next(day.Day);
        if (next >= 0)
            return next - day.Day;
        return (days.HasLast ? 0 : days.Next(0)) - day.Day + length;
    }

    private int DaysToWeekday(DateTime day)
    {
        CronSet days = this[CronField.DayOfWeek];
        if (days.IsAny)
            return 0;
        int today = (int)day.DayOfWeek;
        int next = days.Next(today);
        return next >= 0 ? next - today : days.Next(0) - today + 7;
    }

    /// <summary>Days to the nearest <c>fri#2</c> or <c>L5</c> of this month, or to the next month's first.</summary>
    private int DaysToNthWeekday(DateTime day)
    {
        int nearest = Bits.Next(NthDays(day.Year, day.Month), day.Day);
        return (nearest < 0 ? DateTime.DaysInMonth(day.Year, day.Month) + 1 : nearest) - day.Day;
    }

    /// <summary>The days of a month that <see cref="NthWeekdays"/> asks for.</summary>
    public ulong NthDays(int year, int month)
    {
        int length = DateTime.DaysInMonth(year, month);
        int firstWeekday = (int)new DateTime(year, month, 1).DayOfWeek;
        ulong days = 0;
        for (int weekday = 0; weekday < 7; weekday++)
        {
            ulong which = _nthWeekdays![weekday];
            if (which == 0)
                continue;
            int first = 1 + (weekday - firstWeekday + 7) % 7;
            for (int nth = Bits.Next(which, 1); nth > 0; nth = Bits.Next(which, nth + 1))
                days |= 1UL << (nth == LastNth ? first + (length - first) / 7 * 7 : first + (nth - 1) * 7);
        }
        return days & Bits.Range(1, length);
    }

    private TimeSpan? NextTime(TimeSpan from)
    {
        int hour = from.Hours, minute = from.Minutes, second = from.Seconds;
        CronSet hours = this[CronField.Hour], minutes = this[CronField.Minute], seconds = this[CronField.Second];
        while (true)
        {
            int allowedHour = Next(hours, hour, 23);
            if (allowedHour < 0)
                return null;
            if (allowedHour != hour)
                (hour, minute, second) = (allowedHour, 0, 0);
            int allowedMinute = Next(minutes, minute, 59);
            if (allowedMinute != minute)
                second = 0;
            int allowedSecond = allowedMinute < 0 ? -1 : Next(seconds, second, 59);
            if (allowedSecond >= 0)
                return new TimeSpan(hour, allowedMinute, allowedSecond);
            (minute, second) = allowedMinute < 0 ? (60, 0) : (allowedMinute + 1, 0);
            if (minute > 59)
                (hour, minute) = (hour + 1, 0);
        }
    }

    private static int Next(CronSet set, int value, int max) => value > max ? -1 : set.IsAny ? value : set.Next(value);
}

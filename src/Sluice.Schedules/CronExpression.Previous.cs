using System;

namespace Sluice.Schedules;

/// <content>The search backwards.</content>
internal sealed partial class CronExpression
{
    private static readonly TimeSpan _endOfDay = TimeSpan.FromDays(1) - TimeSpan.FromTicks(1);

    /// <summary>The last matching wall time at or before the given one, or null when there is none.</summary>
    public DateTime? Previous(DateTime wall)
    {
        // Next looks no further than that either.
        wall = wall.Year > LastYear ? new DateTime(LastYear + 1, 1, 1).AddTicks(-1) : wall;
        DateTime start = wall.AddTicks(-(wall.Ticks % Unit));
        if (!EitherDay)
            return Previous(start, useDay: true, useDayOfWeek: true);
        // Next answers only while both come again: what is later than the last of either is not due.
        DateTime last = start;
        int steps = 0;
        foreach (bool day in new[] { true, false })
        {
            if (Next(start, day, !day, ref steps) is not null)
                continue;
            if (Previous(start, day, !day) is not { } end)
                return null;
            last = end < last ? end : last;
        }
        DateTime? byDay = Previous(last, useDay: true, useDayOfWeek: false), byDayOfWeek = Previous(last, useDay: false, useDayOfWeek: true);
        return byDay is null || byDayOfWeek > byDay ? byDayOfWeek : byDay;
    }

    private DateTime? Previous(DateTime start, bool useDay, bool useDayOfWeek)
    {
        int firstYear = Math.Max(start.Year - YearsToLook, 2);
        TimeSpan time = start.TimeOfDay;
        for (DateTime from = start.Date; PreviousDay(from, firstYear, useDay, useDayOfWeek) is { } day; from = day.AddDays(-1), time = _endOfDay)
        {
            if (PreviousTime(day == from ? time : _endOfDay) is { } match)
                return day + match;
        }
        return null;
    }

    private DateTime? PreviousDay(DateTime day, int firstYear, bool useDay, bool useDayOfWeek)
    {
        while (day.Year >= firstYear)
        {
            CronSet years = this[CronField.Year];
            if (!years.IsAny)
            {
                int year = years.Previous(day.Year);
                if (year < 0)
                    return null;
                if (year != day.Year)
                {
                    day = new DateTime(year, 12, 31);
                    continue;
                }
            }
            CronSet months = this[CronField.Month];
            if (!months.IsAny)
            {
                int month = months.Previous(day.Month);
                if (month != day.Month)
                {
                    day = month > 0 ? LastDay(day.Year, month) : LastDay(day.Year - 1, months.Previous(12));
                    continue;
                }
            }
            int back = useDay ? DaysBackToDayOfMonth(day) : 0;
            if (back == 0)
                back = NthWeekdays != null ? DaysBackToNthWeekday(day) : useDayOfWeek ? DaysBackToWeekday(day) : 0;
            if (back == 0)
                return day;
            day = day.AddDays(-back);
        }
        return null;
    }

    private static DateTime LastDay(int year, int month) => new(year, month, DateTime.DaysInMonth(year, month));

    private int DaysBackToDayOfMonth(DateTime day)
    {
        CronSet days = this[CronField.Day];
        if (days.IsAny || (days.HasLast && day.Day == DateTime.DaysInMonth(day.Year, day.Month)))
            return 0;
        int previous = days.Previous(day.Day);
        // Day 0 is the last of the month before.
        return day.Day - Math.Max(0, previous);
    }

    private int DaysBackToWeekday(DateTime day)
    {
        CronSet days = this[CronField.DayOfWeek];
        if (days.IsAny)
            return 0;
        int today = (int)day.DayOfWeek;
        int previous = days.Previous(today);
        return previous >= 0 ? today - previous : today - days.Previous(6) + 7;
    }

    private int DaysBackToNthWeekday(DateTime day)
    {
        ulong days = NthDays(day.Year, day.Month);
        return day.Day - Math.Max(0, Bits.Previous(days, day.Day));
    }

    private TimeSpan? PreviousTime(TimeSpan from)
    {
        int hour = from.Hours, minute = from.Minutes, second = from.Seconds;
        CronSet hours = this[CronField.Hour], minutes = this[CronField.Minute], seconds = this[CronField.Second];
        while (true)
        {
            int allowedHour = Previous(hours, hour);
            if (allowedHour < 0)
                return null;
            if (allowedHour != hour)
                (hour, minute, second) = (allowedHour, 59, 59);
            int allowedMinute = Previous(minutes, minute);
            if (allowedMinute != minute)
                second = 59;
            int allowedSecond = allowedMinute < 0 ? -1 : Previous(seconds, second);
            if (allowedSecond >= 0)
                return new TimeSpan(hour, allowedMinute, allowedSecond);
            (minute, second) = allowedMinute < 0 ? (-1, 59) : (allowedMinute - 1, 59);
            if (minute < 0)
                (hour, minute) = (hour - 1, 59);
        }
    }

    private static int Previous(CronSet set, int value) => value < 0 ? -1 : set.IsAny ? value : set.Previous(value);
}

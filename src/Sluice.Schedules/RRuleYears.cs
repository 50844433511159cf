using System;
using System.Collections.Generic;

namespace Sluice.Schedules;

/// <summary>The days of every year that a rule's day parts allow, as bits; worked out once for each kind of year.</summary>
/// <remarks>A year's days depend on the weekday it begins with and on whether it, the year before and the year after are leap years; and on Easter, which is added each time.</remarks>
internal sealed class RRuleYears
{
    private const int Words = 6;

    // Filled as asked for: two threads may both fill an entry, with the same bits.
    private readonly ulong[]?[] _kinds = new ulong[]?[7 * 8];

    public RRuleYears(RRuleDays days) => Days = days;

    /// <summary>The day parts themselves.</summary>
    public RRuleDays Days { get; }

    /// <summary>The days that match, from 0, and the first seven of the next year: a week that begins in a year is looked at with that year's weeks to its end.</summary>
    public ulong[] Of(int year)
    {
        int weekday = RRuleDays.Weekday(new DateTime(year, 1, 1));
        int kind = weekday * 8 + (IsLeap(year - 1) ? 4 : 0) + (IsLeap(year) ? 2 : 0) + (IsLeap(year + 1) ? 1 : 0);
        ulong[] days = _kinds[kind] ??= Build(year, weekday);
        return Days.EasterDays == null ? days : WithEaster(days, year);
    }

    /// <summary>The first of the days in a range, or -1.</summary>
    public static int Next(ulong[] days, int from, int to)
    {
        for (int word = from >> 6; from <= to; from = ++word << 6)
        {
            int bit = Bits.Next(days[word], from & 63);
            if (bit >= 0)
                return (word << 6) + bit is var day && day <= to ? day : -1;
        }
        return -1;
    }

    /// <summary>The last of the days in a range, or -1.</summary>
    public static int Previous(ulong[] days, int from, int to)
    {
        for (int word = to >> 6; from <= to; to = (word-- << 6) - 1)
        {
            int bit = Bits.Previous(days[word], to & 63);
            if (bit >= 0)
                return (word << 6) + bit is var day && day >= from ? day : -1;
        }
        return -1;
    }

    /// <summary>How many of the days lie in a range.</summary>
    public static int Count(ulong[] days, int from, int to)
    {
        int count = 0;
        for (int word = from >> 6; word <= to >> 6; word++)
            count += Bits.Count(days[word] & Bits.Range(word == from >> 6 ? from & 63 : 0, word == to >> 6 ? to & 63 : 63));
        return count;
    }

    public static bool Contains(ulong[] days, int day) => (days[day >> 6] & (1UL << (day & 63))) != 0;

    /// <summary>Whether a day counted from Easter is none that dateutil's table of the year has.</summary>
    public static bool IsBeyond(int fromEaster, int year)
    {
        int size = Length(year) + 7;
        long day = Easter(year).DayOfYear - 1 + (long)fromEaster;
        return day >= size || day < -size;
    }

    private static bool IsLeap(int year) => year is > 0 and < 10000 && DateTime.IsLeapYear(year);

    private static int Length(int year) => IsLeap(year) ? 366 : 365;

    private ulong[] Build(int year, int weekday)
    {
        var bits = new ulong[Words];
        int length = Length(year);
        bool[]? inWeeks = Days.Weeks != null ? MarkWeeks(year) : null;
        int month = 1, dayOfMonth = 1, monthLength = 31, yearDay = 1, yearLength = length;
        for (int day = 0; day < length + 7; day++)
        {
            if (Days.Matches(month, dayOfMonth, monthLength, yearDay, yearLength, (weekday + day) % 7) && (inWeeks == null || inWeeks[day]))
                bits[day >> 6] |= 1UL << (day & 63);
            yearDay++;
            if (++dayOfMonth <= monthLength)
                continue;
            dayOfMonth = 1;
            if (++month > 12)
                (month, yearDay, yearLength) = (1, 1, Length(year + 1));
            monthLength = month == 2 ? (yearLength == 366 ? 29 : 28) : month is 4 or 6 or 9 or 11 ? 30 : 31;
        }
        return bits;
    }

    private ulong[] WithEaster(ulong[] days, int year)
    {
        var bits = new ulong[Words];
        int size = Length(year) + 7, easter = Easter(year).DayOfYear - 1;
        foreach (int offset in Days.EasterDays!)
        {
            // dateutil counts what lies before the year from the end of its table.
            long day = easter + (long)offset;
            day = day < 0 ? day + size : day;
            if (day >= 0 && day < size)
                bits[day >> 6] |= 1UL << (int)(day & 63);
        }
        for (int word = 0; word < Words; word++)
            bits[word] &= days[word];
        return bits;
    }

    /// <summary>Marks the days of the year, and of the week after it, that lie in the rule's weeks. Week 1 is the first with four days in the year.</summary>
    private bool[] MarkWeeks(int year)
    {
        int length = Length(year);
        var marks = new bool[length + 7];
        int firstWeek = FirstWeek(year);
        int weeks = (length - firstWeek) / 7 + (length - firstWeek) % 7 / 4;
        foreach (int number in Days.Weeks!)
        {
            int week = number < 0 ? number + weeks + 1 : number;
            if (week > 0 && week <= weeks)
                Mark(marks, firstWeek + (week - 1) * 7);
        }
        int next = firstWeek + weeks * 7;
        if (Days.Weeks.Contains(1) && next < length)
            Mark(marks, next);
        if (firstWeek > 0 && Days.Weeks.Contains(Days.Weeks.Contains(-1) ? -1 : LastWeekOfYearBefore(year, length, firstWeek)))
        {
            for (int day = 0; day < firstWeek; day++)
                marks[day] = true;
        }
        return marks;
    }

    private static void Mark(bool[] marks, int week)
    {
        for (int day = Math.Max(0, week); day < week + 7; day++)
            marks[day] = true;
    }

    /// <summary>The number of the week that the first days of the year belong to.</summary>
    /// <remarks>dateutil takes this year's length where the year before began with its week 1; so it takes the week for the 53rd in years as 2022. Prefect runs it so, and we do.</remarks>
    private int LastWeekOfYearBefore(int year, int length, int firstWeek)
    {
        int before = year > 1 ? FirstWeek(year - 1) : 0;
        return before < 0 ? 52 + (Length(year - 1) - before) % 7 / 4 : 52 + (length - firstWeek) % 7 / 4;
    }

    /// <summary>The day of the year, from 0, that week 1 begins on; negative in the year before.</summary>
    private int FirstWeek(int year)
    {
        int day = (7 - RRuleDays.Weekday(new DateTime(year, 1, 1)) + Days.WeekStart) % 7;
        return day >= 4 ? day - 7 : day;
    }

    /// <summary>Easter Sunday of the Gregorian calendar (Butcher's method).</summary>
    private static DateTime Easter(int year)
    {
        int century = year / 100;
        int moon = (19 * (year % 19) + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
        int weekday = (32 + 2 * (century % 4) + 2 * (year % 100 / 4) - moon - year % 100 % 4) % 7;
        int days = moon + weekday - 7 * ((year % 19 + 11 * moon + 22 * weekday) / 451) + 114;
        return new DateTime(year, days / 31, days % 31 + 1);
    }
}

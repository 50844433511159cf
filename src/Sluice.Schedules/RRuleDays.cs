using System;
using System.Collections.Generic;
using System.Linq;

namespace Sluice.Schedules;

/// <summary>Which days a rule's day parts allow. Immutable.</summary>
internal sealed class RRuleDays
{
    private readonly ulong _months;
    private readonly ulong _monthDays;
    private readonly ulong _monthDaysFromEnd;
    private readonly ulong _weekdays;
    private readonly KeyValuePair<int, int>[] _nthWeekdays;
    private readonly HashSet<int>? _yearDays;
    private readonly bool _nthOfYear;

    public RRuleDays(RRuleParts parts, DateTime start)
    {
        RRuleFrequency frequency = parts.Frequency;
        bool ownDay = parts.HasNoDays;
        _months = Mask(parts.Months) & Bits.Range(1, 12) | (ownDay && frequency == RRuleFrequency.Yearly && parts.Months == null ? 1UL << start.Month : 0);
        AnyMonth = _months == 0 && parts.Months is not { Count: > 0 };
        _monthDays = Mask(parts.MonthDays) | (ownDay && frequency <= RRuleFrequency.Monthly ? 1UL << start.Day : 0);
        _monthDaysFromEnd = Mask(parts.MonthDays?.Select(day => -day));
        // A rule of days that no month has (32) allows none; the day 0 is no restriction at all to dateutil.
        AnyMonthDay = _monthDays == 0 && _monthDaysFromEnd == 0 && parts.MonthDays?.Any(day => day != 0) != true;
        _nthOfYear = frequency == RRuleFrequency.Yearly && parts.Months == null;
        var weekdays = parts.Weekdays ?? new List<KeyValuePair<int, int>>();
        // "The first Monday" has a meaning within months and years only; elsewhere it is every Monday.
        bool useNth = frequency <= RRuleFrequency.Monthly;
        _weekdays = Mask(weekdays.Where(day => day.Value == 0 || !useNth).Select(day => day.Key + 1)) >> 1
            | (ownDay && frequency == RRuleFrequency.Weekly ? 1UL << Weekday(start) : 0);
        _nthWeekdays = weekdays.Where(day => day.Value != 0 && useNth).ToArray();
        _yearDays = parts.YearDays == null ? null : new HashSet<int>(parts.YearDays);
        Weeks = parts.Weeks == null ? null : new HashSet<int>(parts.Weeks);
        EasterDays = parts.EasterDays == null ? null : new HashSet<int>(parts.EasterDays);
        WeekStart = parts.WeekStart;
    }

    /// <summary>Week numbers; negative ones count from the year's end.</summary>
    public HashSet<int>? Weeks { get; }

    /// <summary>Days counted from Easter Sunday.</summary>
    public HashSet<int>? EasterDays { get; }

    /// <summary>The weekday that weeks begin on.</summary>
    public int WeekStart { get; }

    /// <summary>Whether the days are those of <see cref="MonthMask"/>, <see cref="DayMask"/> and <see cref="WeekMask"/>, or of <see cref="NthDays"/> in place of the last, and no others.</summary>
    public bool AreSets => (_nthWeekdays.Length == 0 || (!_nthOfYear && _weekdays == 0)) && _monthDaysFromEnd == 0 && _yearDays == null && Weeks == null && EasterDays == null;

    /// <summary>The months.</summary>
    public ulong MonthMask => AnyMonth ? Bits.Range(1, 12) : _months;

    /// <summary>The days of a month, those counted from its end aside.</summary>
    public ulong DayMask => AnyMonthDay ? Bits.Range(1, 31) : _monthDays & Bits.Range(1, 31);

    /// <summary>The weekdays from Monday, 0, those counted in a month or year aside.</summary>
    public ulong WeekMask => _weekdays == 0 ? Bits.Range(0, 6) : _weekdays;

    /// <summary>Whether weekdays are counted in the month or year.</summary>
    public bool HasNth => _nthWeekdays.Length > 0;

    /// <summary>The days of a month that are the weekdays counted in it.</summary>
    public ulong NthDays(int year, int month)
    {
        int length = DateTime.DaysInMonth(year, month), first = Weekday(new DateTime(year, month, 1));
        ulong days = 0;
        foreach (KeyValuePair<int, int> nth in _nthWeekdays)
        {
            // The first such weekday, or the last, and weeks on from it.
            int earliest = 1 + (nth.Key - first + 7) % 7;
            long day = nth.Value > 0 ? earliest + (nth.Value - 1L) * 7 : earliest + (length - earliest) / 7 * 7 + (nth.Value + 1L) * 7;
            if (day >= 1 && day <= length)
                days |= 1UL << (int)day;
        }
        return days;
    }

    private bool AnyMonth { get; }

    private bool AnyMonthDay { get; }

    /// <summary>Monday is 0.</summary>
    public static int Weekday(DateTime day) => ((int)day.DayOfWeek + 6) % 7;

    private bool IsMonth(int month) => AnyMonth || (_months & (1UL << month)) != 0;

    /// <summary>All but weeks and Easter.</summary>
    public bool Matches(int month, int day, int monthLength, int yearDay, int yearLength, int weekday)
    {
        if (!IsMonth(month))
            return false;
        if (_weekdays != 0 && (_weekdays & (1UL << weekday)) == 0)
            return false;
        if (!AnyMonthDay && (_monthDays & (1UL << day)) == 0 && (_monthDaysFromEnd & (1UL << (monthLength - day + 1))) == 0)
            return false;
        if (_yearDays != null && !_yearDays.Contains(yearDay) && !_yearDays.Contains(yearDay - yearLength - 1))
            return false;
        if (_nthWeekdays.Length == 0)
            return true;
        int before = (_nthOfYear ? yearDay : day) - 1;
        int after = (_nthOfYear ? yearLength : monthLength) - 1 - before;
        foreach (KeyValuePair<int, int> nth in _nthWeekdays)
        {
            if (nth.Key == weekday && (nth.Value > 0 ? before / 7 + 1 == nth.Value : -(after / 7) - 1 == nth.Value))
                return true;
        }
        return false;
    }

    private static ulong Mask(IEnumerable<int>? values) =>
        values == null ? 0 : values.Where(value => value is > 0 and < 64).Aggregate(0UL, (mask, value) => mask | 1UL << value);
}

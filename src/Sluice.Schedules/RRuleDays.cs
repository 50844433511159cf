using System;
using System.Collections.Generic;
using System.Linq;

namespace Sluice.Schedules;

/// <summary>Which days a rule's day parts allow. Immutable; <see cref="RRuleYear"/> asks it with a year at hand.</summary>
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

    private bool AnyMonth { get; }

    private bool AnyMonthDay { get; }

    /// <summary>Monday is 0.</summary>
    public static int Weekday(DateTime day) => ((int)day.DayOfWeek + 6) % 7;

    public bool IsMonth(int month) => AnyMonth || (_months & (1UL << month)) != 0;

    /// <summary>The day itself when its month counts, else the first of the next month that does, or null when none does.</summary>
    public DateTime? NextMonth(DateTime day)
    {
        if (IsMonth(day.Month))
            return day;
        int month = Bits.Next(_months, day.Month + 1);
        if (month > 0)
            return new DateTime(day.Year, month, 1);
        month = Bits.Next(_months, 1);
        return month > 0 ? new DateTime(day.Year + 1, month, 1) : null;
    }

    /// <summary>The day itself when its month counts, else the last of the month before that does, or null when none does.</summary>
    public DateTime? PreviousMonth(DateTime day)
    {
        if (IsMonth(day.Month))
            return day;
        int month = Bits.Previous(_months & Bits.Range(1, 12), day.Month - 1), year = day.Year;
        if (month < 0)
            (month, year) = (Bits.Previous(_months, 12), year - 1);
        return month > 0 && year > 0 ? new DateTime(year, month, DateTime.DaysInMonth(year, month)) : null;
    }

    /// <summary>All but weeks and Easter.</summary>
    public bool Matches(DateTime day)
    {
        if (!IsMonth(day.Month))
            return false;
        if (_weekdays != 0 && (_weekdays & (1UL << Weekday(day))) == 0)
            return false;
        int monthLength = DateTime.DaysInMonth(day.Year, day.Month);
        if (!AnyMonthDay && (_monthDays & (1UL << day.Day)) == 0 && (_monthDaysFromEnd & (1UL << (monthLength - day.Day + 1))) == 0)
            return false;
        int yearLength = DateTime.IsLeapYear(day.Year) ? 366 : 365;
        if (_yearDays != null && !_yearDays.Contains(day.DayOfYear) && !_yearDays.Contains(day.DayOfYear - yearLength - 1))
            return false;
        if (_nthWeekdays.Length == 0)
            return true;
        int before = _nthOfYear ? day.DayOfYear - 1 : day.Day - 1;
        int after = (_nthOfYear ? yearLength : monthLength) - 1 - before;
        int weekday = Weekday(day);
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

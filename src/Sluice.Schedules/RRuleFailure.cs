using System;
using System.Collections.Generic;
using System.Linq;

namespace Sluice.Schedules;

/// <summary>Where dateutil, having accepted a rule, fails on it: its tables do not reach to the 10th Monday of December, nor to 300 days after Easter.</summary>
internal static class RRuleFailure
{
    /// <summary>Up to these numbers a weekday lies in the tables whatever the year and month.</summary>
    private const int SafeNth = 7, SafeLastNth = -50;

    private const int SafeEaster = 258, SafeBeforeEaster = -440;

    /// <summary>The weekdays in dateutil's table, less those before the year's first.</summary>
    private const int TableDays = 385;

    /// <summary>The first moment of the period that it fails at: the calendar's first where it fails at once; null where it never does.</summary>
    public static DateTime? Of(RRule rule)
    {
        RRuleParts parts = rule.Parts;
        RRuleFrequency frequency = parts.Frequency;
        if (parts.CannotRun
            || (frequency == RRuleFrequency.Hourly && (IsOut(parts.Minutes) || IsOut(parts.Seconds) || rule.Hours == 0))
            || (frequency == RRuleFrequency.Minutely && IsOut(parts.Seconds))
            || (frequency >= RRuleFrequency.Minutely && (rule.Hours == 0 || rule.Minutes == 0 || rule.Seconds == 0 || !RRuleClockPeriods.CanMeet(rule))))
        {
            return DateTime.MinValue;
        }
        List<int> nth = frequency > RRuleFrequency.Monthly || parts.Weekdays == null
            ? new List<int>()
            : parts.Weekdays.Where(day => day.Value is > SafeNth or < SafeLastNth).Select(day => day.Value).ToList();
        List<int> easter = parts.EasterDays?.Where(day => day is > SafeEaster or < SafeBeforeEaster).ToList() ?? new List<int>();
        bool noMonth = frequency == RRuleFrequency.Yearly && parts.Months?.Exists(month => month is < 1 or > 12) == true && parts.Weekdays?.Exists(day => day.Value != 0) == true;
        if (noMonth)
            return DateTime.MinValue;
        if (nth.Count == 0 && easter.Count == 0)
            return null;
        bool monthly = frequency == RRuleFrequency.Monthly && nth.Count > 0;
        long step = frequency == RRuleFrequency.Yearly ? 12 * parts.Interval : monthly ? parts.Interval : 12;
        long first = rule.Start.Year * 12L + rule.Start.Month - 1;
        // All is met in a cycle of 400 years.
        for (long month = first, tries = 0; month < 9_999 * 12L && tries < 4_800; month += step, tries++)
        {
            int year = (int)(month / 12);
            if (nth.Exists(n => Months(rule, (int)(month % 12) + 1).Exists(m => IsBeyond(n, year, m))) || easter.Exists(day => RRuleYears.IsBeyond(day, year)))
                return month == first ? DateTime.MinValue : new DateTime(year, frequency == RRuleFrequency.Monthly ? (int)(month % 12) + 1 : 1, 1);
        }
        return null;
    }

    /// <summary>The months that a weekday is counted in; 0 is the year.</summary>
    private static List<int> Months(RRule rule, int month) =>
        rule.Parts.Frequency == RRuleFrequency.Monthly ? new List<int> { month } : rule.Parts.Months ?? new List<int> { 0 };

    private static bool IsBeyond(int nth, int year, int month)
    {
        int table = TableDays - RRuleDays.Weekday(new DateTime(year, 1, 1));
        int first = month == 0 ? 0 : new DateTime(year, month, 1).DayOfYear - 1;
        int last = first + (month == 0 ? (DateTime.IsLeapYear(year) ? 366 : 365) : DateTime.DaysInMonth(year, month)) - 1;
        return nth > 0 ? first + (nth - 1L) * 7 >= table : last + (nth + 1L) * 7 < -table;
    }

    private static bool IsOut(List<int>? values) => values?.Exists(value => value is < 0 or > 59) == true;
}

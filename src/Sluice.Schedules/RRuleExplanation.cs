using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Sluice.Schedules;

/// <summary>Recurrence rules in English: <c>every 2 weeks on Monday and Friday at 09:00</c>.</summary>
internal static class RRuleExplanation
{
    private const int MaxTimes = 6;

    public static string Of(RRuleSet set)
    {
        var parts = set.Rules.Select(Rule).ToList();
        if (set.Dates.Count > 0)
            parts.Add(set.Dates.Count == 1 ? "on 1 date of its own" : $"on {set.Dates.Count} dates of their own");
        string text = parts.Count == 0 ? "never" : Words.Join(parts, "and");
        var except = set.ExcludedRules.Select(Rule).ToList();
        if (set.ExcludedDateCount > 0)
            except.Add(set.ExcludedDateCount == 1 ? "1 date" : $"{set.ExcludedDateCount} dates");
        if (except.Count > 0)
            text += ", except " + Words.Join(except, "and");
        if (set.CannotRun)
            text = "never, as Prefect fails on this rule: " + text;
        return set.HasStart && set.Rules.Count > 0 ? $"{text}, from {Date(set.Rules[0].Start)}" : text;
    }

    private static string Rule(RRule rule)
    {
        RRuleParts parts = rule.Parts;
        string text = Every(parts) + Days(rule) + Times(rule);
        if (parts.SetPositions != null)
            text += $" (of these the {Words.Runs(Sorted(parts.SetPositions), Words.Ordinal)} of each {Unit(parts.Frequency)})";
        if (parts.Until is { } until)
            text += ", until " + Date(until);
        if (parts.Count is { } count)
            text += count == 1 ? ", once" : $", {Math.Max(0, count)} times";
        return text;
    }

    private static string Every(RRuleParts parts) => parts.Interval == 1 ? $"every {Unit(parts.Frequency)}" : $"every {parts.Interval} {Unit(parts.Frequency)}s";

    private static string Unit(RRuleFrequency frequency) => frequency switch
    {
        RRuleFrequency.Yearly => "year",
        RRuleFrequency.Monthly => "month",
        RRuleFrequency.Weekly => "week",
        RRuleFrequency.Daily => "day",
        RRuleFrequency.Hourly => "hour",
        RRuleFrequency.Minutely => "minute",
        _ => "second",
    };

    private static string Days(RRule rule)
    {
        RRuleParts parts = rule.Parts;
        if (parts.HasNoDays && parts.Frequency == RRuleFrequency.Yearly)
            return parts.Months == null ? $" on {Words.Month(rule.Start.Month)} {rule.Start.Day}" : $" on the {Words.Ordinal(rule.Start.Day)} of {Months(parts.Months)}";
        string text = "";
        if (parts.Weekdays != null)
            text += " on " + Weekdays(parts);
        else if (parts.HasNoDays && parts.Frequency == RRuleFrequency.Weekly)
            text += " on " + Weekday(RRuleDays.Weekday(rule.Start));
        if (parts.MonthDays != null)
            text += $" on the {Words.Runs(Sorted(parts.MonthDays), Words.Ordinal)} day of the month";
        else if (parts.HasNoDays && parts.Frequency == RRuleFrequency.Monthly)
            text += $" on the {Words.Ordinal(rule.Start.Day)}";
        if (parts.YearDays != null)
            text += $" on the {Words.Runs(Sorted(parts.YearDays), Words.Ordinal)} day of the year";
        if (parts.Weeks != null)
            text += $" in the {Words.Runs(Sorted(parts.Weeks), Words.Ordinal)} week of the year";
        if (parts.EasterDays != null)
            text += " " + Words.Join(Sorted(parts.EasterDays).ConvertAll(Easter), "and");
        if (parts.Months != null)
            text += " in " + Months(parts.Months);
        return text;
    }

    private static string Weekdays(RRuleParts parts)
    {
        bool useNth = parts.Frequency <= RRuleFrequency.Monthly;
        List<int> plain = Sorted(parts.Weekdays!.Where(day => day.Value == 0 || !useNth).Select(day => day.Key));
        List<string> texts = plain.Count == 0 ? new List<string>() : new List<string> { Words.Runs(plain, Weekday) };
        texts.AddRange(parts.Weekdays!.Where(day => day.Value != 0 && useNth).Select(day => $"the {Words.Ordinal(day.Value)} {Weekday(day.Key)}").Distinct());
        return Words.Join(texts, "and");
    }

    private static string Times(RRule rule)
    {
        RRuleParts parts = rule.Parts;
        List<int> hours = Members(rule.Hours), minutes = Members(rule.Minutes), seconds = Members(rule.Seconds);
        if (parts.Frequency < RRuleFrequency.Hourly && hours.Count * minutes.Count * seconds.Count <= MaxTimes)
        {
            string format = seconds.Count == 1 && seconds[0] == 0 ? @"hh\:mm" : @"hh\:mm\:ss";
            IEnumerable<TimeSpan> times = hours.SelectMany(_ => minutes, (h, m) => new KeyValuePair<int, int>(h, m)).SelectMany(_ => seconds, (t, s) => new TimeSpan(t.Key, t.Value, s));
            return " at " + Words.Join(times.Select(time => time.ToString(format, CultureInfo.InvariantCulture)).ToList(), "and");
        }
        string text = hours.Count is 0 or 24 ? "" : $" in {(hours.Count == 1 ? "hour" : "hours")} {Words.Runs(hours, Words.Number)}";
        if (minutes.Count is > 0 and < 60 && !(parts.Frequency == RRuleFrequency.Hourly && minutes.Count == 1 && minutes[0] == 0))
            text += $" at {(minutes.Count == 1 ? "minute" : "minutes")} {Words.Runs(minutes, Words.Number)}";
        if (seconds.Count is > 0 and < 60 && !(seconds.Count == 1 && seconds[0] == 0))
            text += $" at {(seconds.Count == 1 ? "second" : "seconds")} {Words.Runs(seconds, Words.Number)}";
        return text;
    }

    private static string Months(List<int> months) => Words.Runs(Sorted(months), month => month is >= 1 and <= 12 ? Words.Month(month) : "no month");

    private static string Easter(int day) => day switch
    {
        0 => "on Easter Sunday",
        1 or -1 => "1 day " + (day < 0 ? "before Easter" : "after Easter"),
        _ => $"{Words.Number(Math.Abs(day))} days {(day < 0 ? "before" : "after")} Easter",
    };

    private static string Weekday(int fromMonday) => Words.Weekday((fromMonday + 1) % 7);

    private static List<int> Sorted(IEnumerable<int> values) => values.Distinct().OrderBy(value => value < 0).ThenBy(value => value).ToList();

    private static List<int> Members(ulong mask)
    {
        var members = new List<int>();
        for (int value = Bits.Next(mask, 0); value >= 0; value = Bits.Next(mask, value + 1))
            members.Add(value);
        return members;
    }

    private static string Date(DateTime time) => time.ToString(time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}

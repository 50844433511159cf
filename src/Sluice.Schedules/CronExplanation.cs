using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Sluice.Schedules;

/// <summary>A cron expression in English: <c>at 06:00 every day</c>.</summary>
internal static class CronExplanation
{
    public static string Of(CronExpression cron)
    {
        string text = Times(cron) + " " + Days(cron);
        if (!cron[CronField.Month].IsAny)
            text += " in " + Words.Runs(Values(cron, CronField.Month), Words.Month);
        if (!cron[CronField.Year].IsAny)
            text += " in " + Words.Runs(Values(cron, CronField.Year), Words.Number);
        return text;
    }

    private static string Times(CronExpression cron)
    {
        bool anyHour = cron[CronField.Hour].IsAny, anyMinute = cron[CronField.Minute].IsAny;
        List<int> hours = Values(cron, CronField.Hour), minutes = Values(cron, CronField.Minute), seconds = Values(cron, CronField.Second);
        bool onTheMinute = seconds.Count == 1 && seconds[0] == 0;
        if (!anyHour && !anyMinute && seconds.Count == 1 && hours.Count * minutes.Count <= 6)
        {
            string format = onTheMinute ? @"hh\:mm" : @"hh\:mm\:ss";
            return "at " + Words.Join(hours.SelectMany(_ => minutes, (h, m) => new TimeSpan(h, m, seconds[0]).ToString(format, CultureInfo.InvariantCulture)).ToList(), "and");
        }
        string text = Minutes(anyMinute, minutes, anyHour);
        if (cron[CronField.Second].IsAny)
            text = "every second of " + text;
        else if (!onTheMinute)
            text = $"at {Plural("second", seconds)} of {text}";
        return anyHour ? text : text + " " + Hours(hours);
    }

    private static string Minutes(bool any, List<int> minutes, bool anyHour)
    {
        if (any)
            return "every minute";
        if (minutes.Count == 1 && minutes[0] == 0)
            return "every hour";
        if (minutes.Count == 1)
            return $"{minutes[0]} {(minutes[0] == 1 ? "minute" : "minutes")} past every hour";
        int step = minutes[1] - minutes[0];
        bool even = minutes[0] == 0 && minutes[minutes.Count - 1] + step == 60 && minutes.Select((minute, i) => minute == i * step).All(x => x);
        return even ? $"every {step} minutes" : $"at {Plural("minute", minutes)} of every hour";
    }

    private static string Hours(List<int> hours)
    {
        // What runs through midnight reads better in one piece: 22:00 to 02:59.
        var runs = new List<KeyValuePair<int, int>>();
        foreach (int hour in hours)
        {
            if (runs.Count > 0 && runs[runs.Count - 1].Value == hour - 1)
                runs[runs.Count - 1] = new KeyValuePair<int, int>(runs[runs.Count - 1].Key, hour);
            else
                runs.Add(new KeyValuePair<int, int>(hour, hour));
        }
        if (runs.Count > 1 && runs[0].Key == 0 && runs[runs.Count - 1].Value == 23)
        {
            runs[runs.Count - 1] = new KeyValuePair<int, int>(runs[runs.Count - 1].Key, runs[0].Value);
            runs.RemoveAt(0);
        }
        return Words.Join(runs.ConvertAll(run => $"from {run.Key:00}:00 to {run.Value:00}:59"), "and");
    }

    private static string Days(CronExpression cron)
    {
        bool anyDay = cron[CronField.Day].IsAny;
        bool anyWeekday = cron[CronField.DayOfWeek].IsAny && cron.NthWeekdays == null;
        if (anyDay && anyWeekday)
            return "every day";
        string days = anyDay ? "" : MonthDays(cron);
        if (anyWeekday)
            return "on " + days;
        string weekdays = cron.NthWeekdays != null ? NthWeekdays(cron.NthWeekdays) : Words.Runs(MondayFirst(cron), day => Words.Weekday(day % 7), cron.EitherDay || anyDay ? "and" : "or");
        if (anyDay)
            return "on " + weekdays;
        return cron.EitherDay ? $"on {days}, and on {weekdays}" : $"on {days}, if it is {weekdays}";
    }

    private static string MonthDays(CronExpression cron)
    {
        CronSet set = cron[CronField.Day];
        List<int> days = Values(cron, CronField.Day);
        var parts = new List<string>();
        if (days.Count > 0)
            parts.Add("the " + Words.Runs(days, Words.Ordinal));
        if (set.HasLast)
            parts.Add("the last day");
        return Words.Join(parts, "and") + " of the month";
    }

    private static string NthWeekdays(IReadOnlyList<byte> nth)
    {
        var parts = new List<string>();
        for (int day = 1; day <= 7; day++)
        {
            for (int which = 1; which <= CronExpression.LastNth; which++)
            {
                if ((nth[day % 7] & (1 << which)) != 0)
                    parts.Add($"the {Words.Ordinal(which == CronExpression.LastNth ? -1 : which)} {Words.Weekday(day % 7)}");
            }
        }
        return Words.Join(parts, "and") + " of the month";
    }

    private static List<int> MondayFirst(CronExpression cron) => Values(cron, CronField.DayOfWeek).Select(day => day == 0 ? 7 : day).OrderBy(day => day).ToList();

    private static List<int> Values(CronExpression cron, int field)
    {
        var values = new List<int>();
        for (int value = cron[field].Next(0); value >= 0; value = cron[field].Next(value + 1))
            values.Add(value);
        return values;
    }

    private static string Plural(string unit, List<int> values) => (values.Count == 1 ? unit : unit + "s") + " " + Words.Runs(values, Words.Number);
}

using System;
using System.Collections.Generic;

namespace Sluice.Schedules;

/// <summary>Reads the plain majority of recurrence rules (<c>FREQ=WEEKLY;BYDAY=MO,FR;BYHOUR=6</c>) where they stand. What is unusual or wrong is left to <see cref="RRuleParser"/>.</summary>
internal static class RRuleQuickReader
{
    private static readonly string[] _weekdays = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };

    // In the order of RRuleFrequency.
    private static readonly string[] _frequencies = { "YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY" };

    /// <summary>The parts of the rule that the text is, or null where it is not plain.</summary>
    public static RRuleParts? Read(string text)
    {
        var parts = new RRuleParts();
        bool hasFrequency = false;
        int seen = 0;
        for (int at = 0; ; at++)
        {
            int equals = text.IndexOf('=', at);
            if (equals < 0 || NameOf(text, at, equals - at) is not { } name || (seen & 1 << (int)name) != 0)
                return null;
            seen |= 1 << (int)name;
            at = equals + 1;
            bool isRead;
            switch (name)
            {
                case Part.Frequency:
                    isRead = hasFrequency = ReadFrequency(text, ref at, parts);
                    break;
                case Part.Interval:
                    isRead = ReadNumber(text, ref at, out int interval) && interval > 0;
                    parts.Interval = interval;
                    break;
                case Part.Count:
                    isRead = ReadNumber(text, ref at, out int count);
                    parts.Count = count;
                    break;
                case Part.Month:
                    isRead = (parts.Months = ReadNumbers(text, ref at, 1, 12)) != null;
                    break;
                case Part.MonthDay:
                    isRead = (parts.MonthDays = ReadNumbers(text, ref at, 1, 31)) != null;
                    break;
                case Part.Day:
                    isRead = (parts.Weekdays = ReadWeekdays(text, ref at)) != null;
                    break;
                case Part.Hour:
                    isRead = (parts.Hours = ReadNumbers(text, ref at, 0, 23)) != null;
                    break;
                case Part.Minute:
                    isRead = (parts.Minutes = ReadNumbers(text, ref at, 0, 59)) != null;
                    break;
                case Part.Position:
                    int position = at < text.Length && text[at] == '-' ? -1 : 1;
                    at += position < 0 ? 1 : 0;
                    isRead = ReadNumber(text, ref at, out int nth) && nth is > 0 and <= 366;
                    parts.SetPositions = new List<int> { position * nth };
                    break;
                default:
                    isRead = (parts.Seconds = ReadNumbers(text, ref at, 0, 59)) != null;
                    break;
            }
            if (!isRead)
                return null;
            if (at == text.Length)
                break;
            if (text[at] != ';')
                return null;
        }
        return hasFrequency && !MayMiss(parts) ? parts : null;
    }

    /// <summary>Whether steps of the interval may miss the values of the frequency's own part, which is an error.</summary>
    private static bool MayMiss(RRuleParts parts) => parts.Frequency switch
    {
        RRuleFrequency.Hourly => parts.Hours != null,
        RRuleFrequency.Minutely => parts.Minutes != null,
        RRuleFrequency.Secondly => parts.Seconds != null,
        _ => false,
    };

    private static Part? NameOf(string text, int at, int length) => length switch
    {
        4 when Is(text, at, "FREQ") => Part.Frequency,
        5 when Is(text, at, "BYDAY") => Part.Day,
        5 when Is(text, at, "COUNT") => Part.Count,
        6 when Is(text, at, "BYHOUR") => Part.Hour,
        7 when Is(text, at, "BYMONTH") => Part.Month,
        8 when Is(text, at, "INTERVAL") => Part.Interval,
        8 when Is(text, at, "BYMINUTE") => Part.Minute,
        8 when Is(text, at, "BYSECOND") => Part.Second,
        8 when Is(text, at, "BYSETPOS") => Part.Position,
        10 when Is(text, at, "BYMONTHDAY") => Part.MonthDay,
        _ => null,
    };

    private static bool Is(string text, int at, string name)
    {
        if (text.Length - at < name.Length)
            return false;
        for (int i = 0; i < name.Length; i++)
        {
            if (text[at + i] != name[i])
                return false;
        }
        return true;
    }

    private static bool ReadFrequency(string text, ref int at, RRuleParts parts)
    {
        for (int frequency = 0; frequency < _frequencies.Length; frequency++)
        {
            string known = _frequencies[frequency];
            if (Is(text, at, known))
            {
                at += known.Length;
                parts.Frequency = (RRuleFrequency)frequency;
                return true;
            }
        }
        return false;
    }

    private static List<int>? ReadNumbers(string text, ref int at, int min, int max)
    {
        for (var numbers = new List<int>(); ; at++)
        {
            if (!ReadNumber(text, ref at, out int number) || number < min || number > max)
                return null;
            numbers.Add(number);
            if (at == text.Length || text[at] != ',')
                return numbers;
        }
    }

    /// <summary>Reads <c>MO</c>, <c>2MO</c> and <c>-1MO</c>.</summary>
    private static List<KeyValuePair<int, int>>? ReadWeekdays(string text, ref int at)
    {
        for (var days = new List<KeyValuePair<int, int>>(); ; at++)
        {
            int day = 0, nth = 0, sign = 1;
            if (at < text.Length && text[at] == '-')
            {
                sign = -1;
                at++;
            }
            if ((ReadNumber(text, ref at, out nth) || sign < 0) && nth is < 1 or > 5)
                return null;
            while (day < 7 && !Is(text, at, _weekdays[day]))
                day++;
            if (day == 7)
                return null;
            days.Add(new KeyValuePair<int, int>(day, sign * nth));
            at += 2;
            if (at == text.Length || text[at] != ',')
                return days;
        }
    }

    /// <summary>Reads up to five digits.</summary>
    private static bool ReadNumber(string text, ref int at, out int number)
    {
        number = 0;
        int start = at;
        for (; at < text.Length && at < start + 5 && text[at] is >= '0' and <= '9'; at++)
            number = number * 10 + (text[at] - '0');
        return at > start;
    }

    private enum Part
    {
        Frequency,
        Interval,
        Count,
        Month,
        MonthDay,
        Day,
        Hour,
        Minute,
        Second,
        Position,
    }
}

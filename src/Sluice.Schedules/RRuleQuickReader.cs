using System;
using System.Collections.Generic;

namespace Sluice.Schedules;

/// <summary>Reads the plain majority of recurrence rules (<c>FREQ=WEEKLY;BYDAY=MO,FR;BYHOUR=6</c>) where they stand. What is unusual or wrong is left to <see cref="RRuleParser"/>.</summary>
internal static class RRuleQuickReader
{
    private const string Weekdays = "MOTUWETHFRSASU";

    private static readonly string[] _names = { "FREQ", "INTERVAL", "COUNT", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYHOUR", "BYMINUTE", "BYSETPOS", "BYSECOND" };

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
            if (equals < 0 || NameOf(text, at, equals - at) is var name && (name < 0 || (seen & 1 << name) != 0))
                return null;
            seen |= 1 << name;
            at = equals + 1;
            bool isRead = true;
            switch (_names[name])
            {
                case "FREQ":
                    isRead = hasFrequency = ReadFrequency(text, ref at, parts);
                    break;
                case "INTERVAL":
                    isRead = ReadNumber(text, ref at, out int interval) && interval > 0;
                    parts.Interval = interval;
                    break;
                case "COUNT":
                    isRead = ReadNumber(text, ref at, out int count);
                    parts.Count = count;
                    break;
                case "BYMONTH":
                    isRead = (parts.Months = ReadNumbers(text, ref at, 1, 12)) != null;
                    break;
                case "BYMONTHDAY":
                    isRead = (parts.MonthDays = ReadNumbers(text, ref at, 1, 31)) != null;
                    break;
                case "BYDAY":
                    isRead = (parts.Weekdays = ReadWeekdays(text, ref at)) != null;
                    break;
                case "BYHOUR":
                    isRead = (parts.Hours = ReadNumbers(text, ref at, 0, 23)) != null;
                    break;
                case "BYMINUTE":
                    isRead = (parts.Minutes = ReadNumbers(text, ref at, 0, 59)) != null;
                    break;
                case "BYSETPOS":
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

    private static int NameOf(string text, int at, int length)
    {
        for (int name = 0; name < _names.Length; name++)
        {
            if (_names[name].Length == length && string.CompareOrdinal(text, at, _names[name], 0, length) == 0)
                return name;
        }
        return -1;
    }

    private static bool ReadFrequency(string text, ref int at, RRuleParts parts)
    {
        for (int frequency = 0; frequency < _frequencies.Length; frequency++)
        {
            string known = _frequencies[frequency];
            if (string.CompareOrdinal(text, at, known, 0, known.Length) == 0)
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
            while (day < 7 && string.CompareOrdinal(text, at, Weekdays, day * 2, 2) != 0)
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
}

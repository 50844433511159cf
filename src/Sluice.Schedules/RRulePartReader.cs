using System;
using System.Collections.Generic;
using System.Linq;

namespace Sluice.Schedules;

/// <summary>Reads the parts of one rule: <c>FREQ=WEEKLY;BYDAY=MO,FR</c>.</summary>
internal sealed class RRulePartReader
{
    private const string Known = "FREQ, INTERVAL, COUNT, UNTIL, WKST, BYSETPOS, BYMONTH, BYMONTHDAY, BYYEARDAY, BYWEEKNO, BYDAY, BYHOUR, BYMINUTE, BYSECOND and BYEASTER";

    // In the order of RRuleFrequency.
    private static readonly string[] _frequencies = { "YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY" };
    private static readonly string[] _weekdays = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };

    private readonly RRuleParts _parts = new();
    private ScheduleError? _error;

    public static RRuleParts? Read(RRuleText rule, out ScheduleError? error)
    {
        var reader = new RRulePartReader();
        reader.ReadParts(rule);
        error = reader._error;
        return error == null ? reader._parts : null;
    }

    private void ReadParts(RRuleText rule)
    {
        bool hasFrequency = false;
        foreach (RRuleText part in rule.Split(';'))
        {
            int equals = part.Text.IndexOf('=');
            if (equals < 0 || part.Text.IndexOf('=', equals + 1) >= 0)
                Fail(part, part.Text.Length == 0 ? "a part is missing between semicolons (a rule does not end with one)." : $"'{part.Text}' is not a part of a rule; write it as INTERVAL=2.");
            else
                ReadPart(part.Substring(0, equals), part.Substring(equals + 1));
            hasFrequency |= part.Text.StartsWith("FREQ=", StringComparison.Ordinal);
            if (_error != null)
                return;
        }
        if (!hasFrequency)
            Fail(rule, "FREQ is missing; write it as FREQ=DAILY.");
        else if (_parts.Frequency < RRuleFrequency.Hourly)
            CheckTimes(rule);
    }

    /// <summary>dateutil makes the times of rules of days and longer at once; of shorter ones it does not mind what never comes.</summary>
    private void CheckTimes(RRuleText rule)
    {
        foreach (RRuleText part in rule.Split(';'))
        {
            int equals = part.Text.IndexOf('=');
            RRuleText name = part.Substring(0, equals);
            if (name.Text is not ("BYHOUR" or "BYMINUTE" or "BYSECOND"))
                continue;
            foreach (RRuleText value in part.Substring(equals + 1).Split(','))
                Number(name, value, 0, name.Text == "BYHOUR" ? 23 : 59);
        }
    }

    private void ReadPart(RRuleText name, RRuleText value)
    {
        switch (name.Text)
        {
            case "FREQ": ReadFrequency(value); break;
            case "INTERVAL": _parts.Interval = Number(name, value, 1, 1_000_000_000); break;
            case "COUNT": _parts.Count = Number(name, value, int.MinValue, 1_000_000_000); break;
            case "UNTIL":
                if (RRuleDate.Read(value.Text, out DateTime until, out bool hasOffset) is { } fault)
                    Fail(value, $"UNTIL: '{value.Text}' {fault}; write it as 20261231T235959.");
                _parts.Until = until;
                _parts.UntilHasOffset = hasOffset;
                break;
            case "WKST": _parts.WeekStart = Weekday(name, value); break;
            case "BYSETPOS": _parts.SetPositions = Numbers(name, value, -366, 366); break;
            case "BYMONTH": _parts.Months = Numbers(name, value, int.MinValue, int.MaxValue); break;
            case "BYMONTHDAY": _parts.MonthDays = Numbers(name, value, int.MinValue, int.MaxValue); break;
            case "BYYEARDAY": _parts.YearDays = Numbers(name, value, int.MinValue, int.MaxValue); break;
            case "BYWEEKNO": _parts.Weeks = Numbers(name, value, int.MinValue, int.MaxValue); break;
            case "BYEASTER": _parts.EasterDays = Numbers(name, value, int.MinValue, int.MaxValue); break;
            case "BYHOUR": _parts.Hours = Numbers(name, value, int.MinValue, int.MaxValue); break;
            case "BYMINUTE": _parts.Minutes = Numbers(name, value, int.MinValue, int.MaxValue); break;
            case "BYSECOND": _parts.Seconds = Numbers(name, value, int.MinValue, int.MaxValue); break;
            case "BYDAY" or "BYWEEKDAY": _parts.Weekdays = value.Split(',').Select(day => ReadWeekday(name, day)).ToList(); break;
            default: Fail(name, $"'{name.Text}' is not known; the parts are {Known}."); break;
        }
    }

    private void ReadFrequency(RRuleText value)
    {
        int index = Array.IndexOf(_frequencies, value.Text);
        if (index < 0)
            Fail(value, $"FREQ: '{value.Text}' is not one of {string.Join(", ", _frequencies)}.");
        _parts.Frequency = (RRuleFrequency)Math.Max(0, index);
    }

    private int Number(RRuleText name, RRuleText value, int min, int max)
    {
        if (!value.TryInt(out int number))
            Fail(value, $"{name.Text}: '{value.Text}' is not a whole number.");
        else if (number < min)
            Fail(value, min == int.MinValue ? "" : $"{name.Text}: {value.Text} is below {min}.");
        else if (number > max)
            Fail(value, $"{name.Text}: {value.Text} is above {max}.");
        return number;
    }

    private List<int> Numbers(RRuleText name, RRuleText values, int min, int max)
    {
        var numbers = new List<int>();
        foreach (RRuleText value in values.Split(','))
        {
            int number = Number(name, value, min, max);
            if (number == 0 && min == -366)
                Fail(value, $"{name.Text}: 0 is not a position; the first is 1, the last -1.");
            numbers.Add(number);
        }
        return numbers;
    }

    /// <summary>Reads <c>MO</c>, <c>+1MO</c>, <c>-1MO</c> and <c>MO(+1)</c>.</summary>
    private KeyValuePair<int, int> ReadWeekday(RRuleText name, RRuleText text)
    {
        int bracket = text.Text.IndexOf('(');
        RRuleText day, nth;
        if (bracket >= 0)
        {
            // Up to the next bracket and less its last character, whatever that is: dateutil takes MO(1X for MO(1).
            int next = text.Text.IndexOf('(', bracket + 1);
            int length = (next < 0 ? text.Text.Length : next) - bracket - 2;
            day = text.Substring(0, bracket);
            nth = text.Substring(bracket + 1, Math.Max(0, length));
        }
        else
        {
            int start = 0;
            while (start < text.Text.Length && text.Text[start] is '+' or '-' or >= '0' and <= '9')
                start++;
            nth = text.Substring(0, start);
            day = text.Substring(start);
        }
        int weekday = Weekday(name, day);
        if (bracket < 0 && nth.Text.Length == 0)
            return new KeyValuePair<int, int>(weekday, 0);
        int which = Number(name, nth, int.MinValue, int.MaxValue);
        if (which == 0)
            Fail(text, $"{name.Text}: '{text.Text}' counts from 0; the first is 1, the last -1.");
        return new KeyValuePair<int, int>(weekday, which);
    }

    private int Weekday(RRuleText name, RRuleText text)
    {
        int index = Array.IndexOf(_weekdays, text.Text);
        if (index < 0)
            Fail(text, $"{name.Text}: '{text.Text}' is not one of MO, TU, WE, TH, FR, SA and SU.");
        return index;
    }

    private void Fail(RRuleText text, string message) => _error ??= text.Fail(message);
}

using System;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Sluice.Schedules;

/// <summary>A stretch of a rule's text, upper-cased, that knows where it stands.</summary>
internal readonly struct RRuleText
{
    private static readonly Regex _date = new(
        @"^(\d{4})(-?)(\d\d)\2(\d\d)(?:T?(\d\d)(?:(:?)(\d\d)(?:\6(\d\d)(?:[.,](\d{1,7})\d*)?)?)?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?$",
        RegexOptions.CultureInvariant);

    public RRuleText(string text, int offset)
    {
        Text = text;
        Offset = offset;
    }

    public string Text { get; }

    public int Offset { get; }

    /// <summary>The parts between separators.</summary>
    public RRuleText[] Split(char separator)
    {
        string[] parts = Text.Split(separator);
        var texts = new RRuleText[parts.Length];
        int offset = Offset;
        for (int i = 0; i < parts.Length; i++)
        {
            texts[i] = new RRuleText(parts[i], offset);
            offset += parts[i].Length + 1;
        }
        return texts;
    }

    public RRuleText Substring(int start) => new(Text.Substring(start), Offset + start);

    public RRuleText Substring(int start, int length) => new(Text.Substring(start, length), Offset + start);

    public ScheduleError Fail(string message) => new(Offset, Text.Length, message);

    /// <summary>Reads a whole number, with a sign if it has one; what is beyond a billion is taken for a billion.</summary>
    public bool TryInt(out int value)
    {
        value = 0;
        int start = Text.Length > 0 && Text[0] is '+' or '-' ? 1 : 0;
        if (start == Text.Length)
            return false;
        for (int i = start; i < Text.Length; i++)
        {
            if (Text[i] is < '0' or > '9')
                return false;
            value = (int)Math.Min(value * 10L + (Text[i] - '0'), 1_000_000_000);
        }
        if (Text[0] == '-')
            value = -value;
        return true;
    }

    /// <summary>Reads <c>20260131T060000Z</c>, with dashes and colons too, and shorter down to the date. The wall clock is what is read.</summary>
    public bool TryDate(out DateTime date, out bool hasOffset)
    {
        date = default;
        hasOffset = false;
        Match match = _date.Match(Text);
        if (!match.Success || Text[Text.Length - 1] == '\n')
            return false;
        int hour = Part(match, 5), minute = Part(match, 7), second = Part(match, 8), year = Part(match, 1), month = Part(match, 3), day = Part(match, 4);
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
            return false;
        hasOffset = match.Groups[10].Success;
        date = new DateTime(year, month, day, hour, minute, second);
        return true;
    }

    private static int Part(Match match, int group) => match.Groups[group].Success ? int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture) : 0;
}

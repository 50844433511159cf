using System;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Sluice.Schedules;

/// <summary>A stretch of a rule's text, upper-cased, that knows where it stands.</summary>
internal readonly struct RRuleText
{
    private static readonly Regex _date = new(
        @"^(?:(\d{4})(\d\d)(\d\d)|(\d{4})([-/.])(\d{1,2})\5(\d{1,2}))(?:T|T?(\d\d)(?:(:?)(\d\d)(?:\9(\d\d)(?:[.,]\d+)?)?)?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?$",
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

    /// <summary>Reads a whole number as Python's <c>int</c> does, with sign and underscores; what is beyond a billion is taken for a billion.</summary>
    public bool TryInt(out int value)
    {
        value = 0;
        int start = Text.Length > 0 && Text[0] is '+' or '-' ? 1 : 0;
        bool digit = false;
        for (int i = start; i < Text.Length; i++)
        {
            char c = Digits.ToAscii(Text[i]);
            if (c == '_' && digit && i + 1 < Text.Length)
            {
                digit = false;
                continue;
            }
            digit = c is >= '0' and <= '9';
            if (!digit)
                return false;
            value = (int)Math.Min(value * 10L + (c - '0'), 1_000_000_000);
        }
        if (start == 1 && Text[0] == '-')
            value = -value;
        return digit;
    }

    /// <summary>Reads <c>20260131T060000Z</c>, with separators too, and shorter down to the date. The wall clock is what is read.</summary>
    public bool TryDate(out DateTime date, out bool hasOffset)
    {
        date = default;
        hasOffset = false;
        char[] ascii = Text.ToCharArray();
        for (int i = 0; i < ascii.Length; i++)
            ascii[i] = Digits.ToAscii(ascii[i]);
        Match match = _date.Match(new string(ascii));
        if (!match.Success)
            return false;
        int year = Part(match, 1) + Part(match, 4), month = Part(match, 2) + Part(match, 6), day = Part(match, 3) + Part(match, 7);
        int hour = Part(match, 8), minute = Part(match, 10), second = Part(match, 11);
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
            return false;
        hasOffset = match.Groups[12].Success;
        date = new DateTime(year, month, day, hour, minute, second);
        string offset = match.Groups[12].Value.Replace(":", "");
        return offset.Length == 0 || offset[0] is not ('+' or '-')
            || int.Parse(offset.Substring(1, 2), CultureInfo.InvariantCulture) * 60 + (offset.Length > 3 ? int.Parse(offset.Substring(3), CultureInfo.InvariantCulture) : 0) < 24 * 60;
    }

    private static int Part(Match match, int group) => match.Groups[group].Success ? int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture) : 0;
}

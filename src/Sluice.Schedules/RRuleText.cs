using System;

namespace Sluice.Schedules;

/// <summary>A stretch of a rule's text, upper-cased, that knows where it stands.</summary>
internal readonly struct RRuleText
{
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
}

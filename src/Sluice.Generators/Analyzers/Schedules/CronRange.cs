using System.Globalization;
using Sluice.Schedules;

namespace Sluice.Generators.Analyzers.Schedules;

/// <summary>A range or step in a valid cron expression: <c>3-5</c>, <c>*/15</c>, <c>5/10</c>, <c>fri-mon/2</c>.</summary>
internal sealed class CronRange(int index, int offset, string text, string lowText, string highText, int low, int high, int step)
{
    private static readonly char[] _marks = ['-', '/'];

    public CronField Field => CronField.All[index];

    public bool IsDayOfWeek => index == CronField.DayOfWeek;

    /// <summary>Where the item begins in the expression.</summary>
    public int Offset => offset;

    /// <summary>The item, but for a <c>#2</c> at its end.</summary>
    public string Text => text;

    /// <summary>The first value as written; <c>*</c> where it begins with one.</summary>
    public string LowText => lowText;

    /// <summary>The last value as written; empty in <c>*/15</c> and <c>5/10</c>.</summary>
    public string HighText => highText;

    public int Low => low;

    public int High => high;

    /// <summary>The step; 1 when none is given.</summary>
    public int Step => step;

    /// <summary>How far the last value is from the first, through the end of the range where the item wraps.</summary>
    public int Span => low <= high ? high - low : Field.Max - low + high - Field.Min + 1;

    /// <summary>The ranges of an expression that the parser has accepted.</summary>
    public static IEnumerable<CronRange> Of(string cron)
    {
        IReadOnlyList<CronToken> tokens = CronToken.Split(cron);
        if (tokens.Count is < 5 or > 7)
            yield break;
        foreach (CronToken token in tokens)
        {
            if (token.Text.IndexOfAny(_marks) < 0)
                continue;
            int offset = token.Offset;
            foreach (string item in token.Text.Split(','))
            {
                if (Read(token.Field, offset, item, tokens.Count) is { } range)
                    yield return range;
                offset += item.Length + 1;
            }
        }
    }

    private static CronRange? Read(int field, int offset, string item, int fields)
    {
        CronField range = CronField.All[field];
        int hash = item.IndexOf('#');
        string text = hash < 0 ? item : item.Substring(0, hash);
        int slash = text.IndexOf('/');
        string body = slash < 0 ? text : text.Substring(0, slash);
        int step = 1;
        if (slash >= 0 && (!int.TryParse(text.Substring(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out step) || step < 1))
            step = int.MaxValue;
        if (body == "*")
            return slash < 0 ? null : new(field, offset, text, "*", "", range.Min, range.Max, step);
        int dash = body.IndexOf('-');
        if (dash < 0)
            return slash > 0 && TryValue(field, body, fields, out int single) ? new(field, offset, text, body, "", single, range.Max, step) : null;
        string lowText = body.Substring(0, dash), highText = body.Substring(dash + 1);
        return TryValue(field, lowText, fields, out int low) && TryValue(field, highText, fields, out int high) ? new(field, offset, text, lowText, highText, low, high, step) : null;
    }

    private static bool TryValue(int field, string text, int fields, out int value)
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value))
        {
            value = CronField.All[field].Max;
            return (field == CronField.Day && text is "l" or "L") || CronField.All[field].TryGetNamed(text.ToLowerInvariant(), out value);
        }
        if (field == CronField.DayOfWeek && value == 7 && fields == 5)
            value = 0;
        if (field == CronField.Day && value == 0 && fields == 6)
            value = 1;
        return true;
    }
}

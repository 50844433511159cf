namespace Sluice.Schedules;

/// <summary>Reads the plain majority of cron expressions (<c>*/5 9-17 * * mon-fri</c>) without allocating for it. What is unusual or wrong is left to <see cref="CronParser"/>.</summary>
internal static class CronQuickReader
{
    private static readonly CronSet _star = new(0, beginsWithStar: true) { HasStar = true };
    private static readonly CronSet _absent = new(0, beginsWithStar: false) { HasStar = true };
    private static readonly CronSet _zero = new(1, beginsWithStar: false);

    /// <summary>The expression, or null where it is not plain.</summary>
    public static CronExpression? Read(string text, bool dayOr)
    {
        var sets = new CronSet[7];
        byte[]? nth = null;
        int field = 0;
        for (int at = 0; at < text.Length;)
        {
            if (text[at] == ' ')
            {
                at++;
                continue;
            }
            if (field == 7 || (ReadLast(text, ref at, field, ref nth) ?? ReadField(text, ref at, field)) is not { } set)
                return null;
            sets[field++] = set;
        }
        if (field < 5)
            return null;
        sets[CronField.Second] ??= _zero;
        sets[CronField.Year] ??= _absent;
        return new CronExpression(sets, field, nth, dayOr);
    }

    /// <summary>Reads <c>L</c>, the last day of the month, and <c>L5</c>, its last Friday.</summary>
    private static CronSet? ReadLast(string text, ref int at, int field, ref byte[]? nth)
    {
        if (text[at] is not ('L' or 'l'))
            return null;
        if (field == CronField.Day && IsEnd(text, at + 1))
        {
            at++;
            return new CronSet(0, beginsWithStar: false) { HasLast = true };
        }
        if (field != CronField.DayOfWeek || !IsEnd(text, at + 2) || text[at + 1] is not (>= '0' and <= '6'))
            return null;
        int day = text[at + 1] - '0';
        nth = new byte[7];
        nth[day] = 1 << CronExpression.LastNth;
        at += 2;
        return new CronSet(1UL << day, beginsWithStar: false);
    }

    private static CronSet? ReadField(string text, ref int at, int field)
    {
        bool star = text[at] == '*';
        if (star && IsEnd(text, at + 1))
        {
            at++;
            return _star;
        }
        if (field == CronField.Year)
            return null;
        CronField range = CronField.All[field];
        ulong mask = 0;
        for (; ; at++)
        {
            if (!ReadItem(text, ref at, range, ref mask))
                return null;
            if (IsEnd(text, at))
                break;
            if (text[at] != ',')
                return null;
        }
        // All values count as a star, or not: the parser knows.
        return Bits.Count(mask) > range.Max - range.Min ? null : new CronSet(mask, star);
    }

    /// <summary>Reads <c>*/5</c>, <c>5</c>, <c>5/15</c>, <c>1-5</c> and <c>1-5/2</c>.</summary>
    private static bool ReadItem(string text, ref int at, CronField range, ref ulong mask)
    {
        int low = range.Min, high = range.Max, step = 1;
        bool open = true;
        if (at < text.Length && text[at] == '*')
        {
            at++;
            if (at == text.Length || text[at] != '/')
                return false;
        }
        else
        {
            if (!ReadValue(text, ref at, range, out low))
                return false;
            if (at < text.Length && text[at] == '-')
            {
                at++;
                open = false;
                if (!ReadValue(text, ref at, range, out high))
                    return false;
            }
            else if (at == text.Length || text[at] != '/')
            {
                mask |= 1UL << low;
                return true;
            }
        }
        if (at < text.Length && text[at] == '/')
        {
            at++;
            if (!ReadNumber(text, ref at, out step))
                return false;
        }
        else if (open)
        {
            return false;
        }
        // Wraps, low equal to high, and steps of 0 have rules of their own.
        if (low >= high || step == 0)
            return false;
        for (int value = low; value <= high; value += step)
            mask |= 1UL << value;
        return true;
    }

    private static bool ReadValue(string text, ref int at, CronField range, out int value)
    {
        if (at + 3 <= text.Length && text[at] > '9' && range.Names.Count > 0)
        {
            for (int name = 0; name < range.Names.Count; name++)
            {
                string known = range.Names[name];
                if ((text[at] | 0x20) == known[0] && (text[at + 1] | 0x20) == known[1] && (text[at + 2] | 0x20) == known[2])
                {
                    at += 3;
                    value = range.Min + name;
                    return true;
                }
            }
        }
        return ReadNumber(text, ref at, out value) && value >= range.Min && value <= range.Max;
    }

    private static bool ReadNumber(string text, ref int at, out int value)
    {
        int start = at;
        value = 0;
        for (; at < text.Length && text[at] is >= '0' and <= '9' && at - start < 4; at++)
            value = value * 10 + (text[at] - '0');
        return at > start && (at == text.Length || text[at] is not (>= '0' and <= '9'));
    }

    private static bool IsEnd(string text, int at) => at == text.Length || (at < text.Length && text[at] == ' ');
}

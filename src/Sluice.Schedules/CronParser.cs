using System;
using System.Collections.Generic;

namespace Sluice.Schedules;

/// <summary>Reads cron expressions in the dialect of croniter, which Prefect uses: what it accepts and refuses is accepted and refused here, but for its random and hashed values.</summary>
internal sealed class CronParser
{
    private static readonly Dictionary<string, string> _aliases = new(StringComparer.Ordinal)
    {
        ["@midnight"] = "0 0 * * *",
        ["@hourly"] = "0 * * * *",
        ["@daily"] = "0 0 * * *",
        ["@weekly"] = "0 0 * * 0",
        ["@monthly"] = "0 0 1 * *",
        ["@yearly"] = "0 0 1 1 *",
        ["@annually"] = "0 0 1 1 *",
    };

    // Larger numbers are out of every range; as a step they mean "only the first".
    private const int Huge = 1_000_000;

    private readonly string _text;
    private readonly List<KeyValuePair<int, string>> _tokens;
    private readonly CronSet[] _sets = new CronSet[7];
    private readonly byte[] _nth = new byte[7];
    private ScheduleError? _error;

    private CronParser(string text, List<KeyValuePair<int, string>> tokens)
    {
        _text = text;
        _tokens = tokens;
    }

    public static bool TryParse(string text, bool dayOr, out CronExpression? expression, out ScheduleError? error)
    {
        error = null;
        expression = CronQuickReader.Read(text, dayOr);
        if (expression != null)
            return true;
        string lower = Lower(text);
        List<KeyValuePair<int, string>> tokens = Split(_aliases.TryGetValue(lower, out string? meaning) ? meaning : lower);
        if (tokens.Count is < 5 or > 7)
        {
            error = new ScheduleError(0, text.Length, WrongCount(lower, tokens));
            return false;
        }
        var parser = new CronParser(text, tokens);
        error = parser.Parse();
        if (error == null)
            expression = new CronExpression(parser._sets, tokens.Count, Array.TrueForAll(parser._nth, x => x == 0) ? null : parser._nth, dayOr);
        return error == null;
    }

    private ScheduleError? Parse()
    {
        for (int field = 0; field < 7 && _error == null; field++)
        {
            _sets[field] = new CronSet(field);
            if (field < _tokens.Count)
                ParseField(field, _tokens[field].Key, _tokens[field].Value);
            else if (field == CronField.Second)
                _sets[field].Add(0);
            else
                _sets[field].HasStar = true;
        }
        return _error ?? CheckNth();
    }

    private void ParseField(int field, int offset, string token)
    {
        CronSet set = _sets[field];
        set.BeginsWithStar = token[0] == '*';
        if (IsHashedOrRandom(token))
        {
            Fail(field, offset, token.Length, $"{Quote(offset, token.Length)} is a random or hashed value, which schedules do not support; give a number");
        }
        else if (token.IndexOf('?') >= 0)
        {
            if (token != "?")
                Fail(field, offset, token.Length, $"'?' cannot be combined with other characters in {Quote(offset, token.Length)}; use * there");
            else if (field is not (CronField.Day or CronField.DayOfWeek))
                Fail(field, offset, token.Length, "'?' is allowed in day of month and day of week only; use * here");
            set.HasStar = true;
            return;
        }
        else
        {
            int start = 0;
            foreach (string item in token.Split(','))
            {
                if (_error == null)
                    ParseItem(field, offset + start, item);
                start += item.Length + 1;
            }
        }
        Widen(field);
    }

    /// <summary>A list of all values is <c>*</c>, unless the other day field is restricted: then it still counts as a restriction.</summary>
    private void Widen(int field)
    {
        CronSet set = _sets[field];
        CronField range = CronField.All[field];
        if (set.Count + (set.HasStar ? 1 : 0) + (set.HasLast ? 1 : 0) != range.Max - range.Min + 1)
            return;
        int otherDay = field == CronField.Day ? CronField.DayOfWeek : field == CronField.DayOfWeek ? CronField.Day : -1;
        if (otherDay < 0 || _tokens[otherDay].Value.IndexOf('*') >= 0)
            set.IsWidened = true;
    }

    private void ParseItem(int field, int offset, string item)
    {
        string body = item;
        int nth = 0;
        if (field == CronField.DayOfWeek && !TrySplitNth(offset, item, out body, out nth))
            return;
        CronField range = CronField.All[field];
        string expanded = body.Length > 2 && body.StartsWith("*/", StringComparison.Ordinal) ? $"{range.Min}-{range.Max}{body.Substring(1)}" : body;
        if (!TrySplitRange(expanded, out string low, out string high, out string step))
        {
            int slash = body.LastIndexOf('/');
            if (slash <= 0 || slash == body.Length - 1 || !TrySplitRange($"{body.Substring(0, slash)}-{range.Max}{body.Substring(slash)}", out low, out high, out step))
            {
                AddSingle(field, offset, item.Length, body, nth);
                return;
            }
        }
        int highOffset = expanded == body && body.IndexOf('-') is var dash and > 0 ? offset + dash + 1 : offset;
        AddRange(field, offset, item.Length, low, high, highOffset, step, nth);
    }

    /// <summary>Splits <c>fri#2</c> and <c>l5</c> into a weekday and which one of the month.</summary>
    private bool TrySplitNth(int offset, string item, out string body, out int nth)
    {
        body = item;
        nth = 0;
        if (item.Length > 1 && item[0] == 'l' && IsDigits(item, 1))
        {
            body = item.Substring(1);
            nth = CronExpression.LastNth;
            return true;
        }
        int hash = item.IndexOf('#');
        if (hash < 0)
            return true;
        body = item.Substring(0, hash);
        int dash = body.IndexOf('-');
        CronField days = CronField.All[CronField.DayOfWeek];
        bool whole = dash < 0
            ? IsWord(body)
            : days.TryGetNamed(body.Substring(0, dash), out _) && days.TryGetNamed(body.Substring(dash + 1), out _);
        if (!whole || hash == item.Length - 1 || !IsDigits(item, hash + 1))
        {
            Fail(CronField.DayOfWeek, offset, item.Length, $"{Quote(offset, item.Length)} is not a weekday of the month; write it as fri#2, mon-fri#1 or L5");
            return false;
        }
        nth = Number(item.Substring(hash + 1));
        if (nth is < 1 or > 5)
            Fail(CronField.DayOfWeek, offset + hash + 1, item.Length - hash - 1, $"{Quote(offset + hash + 1, item.Length - hash - 1)} in {Quote(offset, item.Length)} is not in 1-5; for the last one of the month write L5");
        return _error == null;
    }

    /// <summary>Splits <c>low-high</c> and <c>low-high/step</c>.</summary>
    private static bool TrySplitRange(string text, out string low, out string high, out string step)
    {
        low = high = step = "";
        int dash = text.IndexOf('-');
        if (dash <= 0)
            return false;
        low = text.Substring(0, dash);
        high = text.Substring(dash + 1);
        int slash = high.IndexOf('/');
        if (slash >= 0)
        {
            step = high.Substring(slash + 1);
            high = high.Substring(0, slash);
            if (step.Length == 0 || !IsDigits(step, 0))
                return false;
        }
        return high.Length > 0 && high.IndexOf('-') < 0;
    }

    private void AddRange(int field, int offset, int length, string lowText, string highText, int highOffset, string stepText, int nth)
    {
        CronField range = CronField.All[field];
        if (field == CronField.Day && highText == "l")
            highText = "31";
        if (!TryValue(field, lowText, out int low))
        {
            FailValue(field, offset, lowText == "l" ? length : lowText.Length, lowText);
            return;
        }
        if (!TryValue(field, highText, out int high))
        {
            FailValue(field, highOffset, highText.Length, highText);
            return;
        }
        if (Math.Max(low, high) > range.Max)
        {
            bool lowAtFault = low > range.Max;
            FailValue(field, lowAtFault ? offset : highOffset, lowAtFault ? lowText.Length : highText.Length, lowAtFault ? lowText : highText);
            return;
        }
        int step = stepText.Length == 0 ? 1 : Number(stepText);
        if (step == 0)
        {
            Fail(field, offset + length - stepText.Length, stepText.Length, "a step of 0 never moves on; use 1 or more");
            return;
        }
        if (low == high)
        {
            // A quirk to keep: 3-3 is the whole cycle.
            AddAll(field, range.Min, range.Max, step, nth);
        }
        else if (low < range.Min)
        {
            FailValue(field, offset, lowText.Length, lowText);
        }
        else if (low < high)
        {
            AddAll(field, low, high, step, nth);
        }
        else
        {
            AddAll(field, low, range.Max, step, nth);
            // A quirk to keep: the step is carried over the wrap only where it leaves the range, and then by the rest to the range's last value.
            int last = low + (range.Max - low) / step * step;
            int skip = last - range.Min + step > range.Max - range.Min + 1 && range.Max - last < step ? step - (range.Max - last) : 0;
            AddAll(field, range.Min + skip, high, step, nth);
        }
    }

    private void AddAll(int field, int low, int high, int step, int nth)
    {
        for (int value = low; value <= high; value += step)
            Add(field, value, nth);
    }

    private void AddSingle(int field, int offset, int length, string text, int nth)
    {
        if (text == "*" && nth == 0)
        {
            _sets[field].HasStar = true;
            return;
        }
        if (field == CronField.Day && text == "l")
        {
            _sets[field].HasLast = true;
            return;
        }
        CronField range = CronField.All[field];
        if (!TryValue(field, text, out int value) || value < range.Min || value > range.Max)
            FailValue(field, offset, length, text);
        else
            Add(field, value, nth);
    }

    private void Add(int field, int value, int nth)
    {
        _sets[field].Add(value);
        if (nth > 0)
            _nth[value] |= (byte)(1 << nth);
    }

    /// <summary>Reads a number or name. 7 is Sunday in five fields; with seconds croniter knows it no more, but takes day 0 for 1.</summary>
    private bool TryValue(int field, string text, out int value)
    {
        if (text.Length == 0 || !IsDigits(text, 0))
            return CronField.All[field].TryGetNamed(text, out value);
        value = Number(text);
        if (field == CronField.DayOfWeek && value == 7 && _tokens.Count == 5)
            value = 0;
        if (field == CronField.Day && value == 0 && _tokens.Count == 6)
            value = 1;
        return true;
    }

    private ScheduleError? CheckNth()
    {
        CronSet days = _sets[CronField.DayOfWeek];
        if (Array.TrueForAll(_nth, x => x == 0) || days.Count + (days.HasStar ? 1 : 0) == 7)
            return null;
        for (int day = 0; day < 7; day++)
        {
            if (days.Contains(day) && _nth[day] == 0)
            {
                KeyValuePair<int, string> token = _tokens[CronField.DayOfWeek];
                Fail(CronField.DayOfWeek, token.Key, token.Value.Length, $"{Quote(token.Key, token.Value.Length)} mixes plain weekdays with weekdays of the month (fri#2, L5); use one kind");
                break;
            }
        }
        return _error;
    }

    private void FailValue(int field, int offset, int length, string text)
    {
        CronField range = CronField.All[field];
        string shown = Quote(offset, length);
        string reason =
            text.Length == 0 ? "a value is missing" :
            IsDigits(text, 0) ? field == CronField.DayOfWeek && Number(text) == 7
                ? "7 is not a weekday in expressions with seconds; Sunday is 0 there"
                : $"{shown} is not in {range.Allowed}{(_tokens.Count > 5 && field < CronField.Second ? SecondsHint : "")}" :
            text.IndexOf('w') >= 0 && field == CronField.Day ? $"{shown}: the nearest weekday (W) is not supported" :
            field == CronField.DayOfWeek && text.Length == 2 && text[1] == 'l' && char.IsDigit(text[0]) ? $"{shown} is not a weekday; the last one of the month is written L{text[0]}" :
            field == CronField.DayOfWeek && text == "l" ? $"{shown} needs a weekday, as L5 for the last Friday" :
            field == CronField.Day && text[0] == 'l' ? $"{shown}: only L alone, the last day of the month, is supported" :
            text.Length > 3 && range.TryGetNamed(text.Substring(0, 3), out _) ? $"{shown} is not a name; names have three letters: {text.Substring(0, 3)}" :
            $"{shown} is not one of {range.Allowed}";
        Fail(field, offset, length, reason);
    }

    private const string SecondsHint = " (the fields are minute hour day month weekday second year: seconds come sixth)";

    private void Fail(int field, int offset, int length, string reason) =>
        _error ??= new ScheduleError(offset, length, $"{CronField.All[field].Name}: {reason}.");

    private string Quote(int offset, int length) => $"'{_text.Substring(offset, length)}'";

    private static string WrongCount(string text, List<KeyValuePair<int, string>> tokens)
    {
        if (tokens.Count == 0)
            return "the cron expression is empty; it needs 5 fields: minute hour day month weekday.";
        string first = tokens[0].Value;
        if (first[0] == '@')
            return $"'{text.Trim()}' is not known; the aliases are @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually.";
        string counted = tokens.Count == 1 ? "1 field" : $"{tokens.Count} fields";
        return $"it has {counted}; a cron expression has 5 (minute hour day month weekday), 6 (and second) or 7 (and year).";
    }

    private static bool IsHashedOrRandom(string token)
    {
        if (token.Length == 0 || token[0] is not ('h' or 'r'))
            return false;
        int at = 1;
        if (at < token.Length && token[at] == '(')
        {
            int close = token.IndexOf(')');
            int dash = token.IndexOf('-');
            if (close < 0 || dash < 3 || close < dash + 2 || !IsDigits(token.Substring(2, dash - 2), 0) || !IsDigits(token.Substring(dash + 1, close - dash - 1), 0))
                return false;
            at = close + 1;
        }
        return at == token.Length || token[at] == '/' && at + 1 < token.Length && IsDigits(token, at + 1);
    }

    private static List<KeyValuePair<int, string>> Split(string text)
    {
        var tokens = new List<KeyValuePair<int, string>>();
        int start = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            bool space = i == text.Length || char.IsWhiteSpace(text[i]) || text[i] is >= '\x1c' and <= '\x1f';
            if (!space && start < 0)
                start = i;
            if (space && start >= 0)
            {
                tokens.Add(new KeyValuePair<int, string>(start, text.Substring(start, i - start)));
                start = -1;
            }
        }
        return tokens;
    }

    /// <summary>Lower case, and digits of all scripts as 0-9: Python takes them for numbers.</summary>
    private static string Lower(string text)
    {
        char[] lower = text.ToCharArray();
        for (int i = 0; i < lower.Length; i++)
        {
            if (lower[i] is >= 'A' and <= 'Z')
                lower[i] = (char)(lower[i] + ('a' - 'A'));
            else if (lower[i] > '9')
                lower[i] = Digits.ToAscii(lower[i]);
        }
        return new string(lower);
    }

    private static bool IsDigits(string text, int from)
    {
        for (int i = from; i < text.Length; i++)
        {
            if (text[i] is < '0' or > '9')
                return false;
        }
        return true;
    }

    private static bool IsWord(string text)
    {
        foreach (char c in text)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '_'))
                return false;
        }
        return text.Length > 0;
    }

    private static int Number(string digits)
    {
        int value = 0;
        foreach (char c in digits)
            value = Math.Min(value * 10 + (c - '0'), Huge);
        return value;
    }
}

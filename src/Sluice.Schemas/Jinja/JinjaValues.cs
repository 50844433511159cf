using System.Globalization;
using System.Text;

namespace Sluice.Schemas.Jinja;

/// <summary>
/// Values of templates as Python has them: null, bool, long, double, string, list, mapping, undefined. What cannot be said in 64 bits is refused.
/// </summary>
internal static class JinjaValues
{
    private const int DeepestValue = 60;

    public static string Kind(object? value) => value switch
    {
        null => "None",
        bool => "bool",
        long => "int",
        double => "float",
        string => "str",
        JinjaList list => list.IsTuple ? "tuple" : "list",
        JinjaMap => "dict",
        JinjaUndefined undefined => $"the undefined '{undefined.Name}'",
        _ => "function",
    };

    public static bool Truth(object? value) => value switch
    {
        null or JinjaUndefined => false,
        bool flag => flag,
        long number => number != 0,
        double number => number != 0,
        string text => text.Length > 0,
        JinjaList list => list.Count > 0,
        JinjaMap map => map.Count > 0 || map.IsNamespace,
        _ => true,
    };

    /// <summary>As Python's <c>str</c>.</summary>
    public static string Text(object? value, JinjaBudget budget, int line) =>
        budget.Text(line, value is string text ? text : value is JinjaUndefined ? "" : Literal(value, budget, line));

    /// <summary>As Python's <c>repr</c>.</summary>
    public static string Literal(object? value, JinjaBudget budget, int line)
    {
        var text = new StringBuilder();
        Literal(text, value, budget, line, 0);
        return text.ToString();
    }

    private static void Literal(StringBuilder text, object? value, JinjaBudget budget, int line, int depth)
    {
        Step(budget, line, depth);
        switch (value)
        {
            case null:
                text.Append("None");
                break;
            case bool flag:
                text.Append(flag ? "True" : "False");
                break;
            case long number:
                text.Append(number);
                break;
            case double number:
                text.Append(Real(number));
                break;
            case string one:
                budget.Room(line, one.Length);
                text.Append(Quoted(one));
                break;
            case JinjaUndefined:
                text.Append("Undefined");
                break;
            case JinjaList list:
                text.Append(list.IsTuple ? '(' : '[');
                for (int i = 0; i < list.Count; i++)
                {
                    text.Append(i > 0 ? ", " : "");
                    Literal(text, list[i], budget, line, depth + 1);
                }
                text.Append(!list.IsTuple ? "]" : list.Count == 1 ? ",)" : ")");
                break;
            case JinjaMap map:
                text.Append('{');
                int at = 0;
                foreach (var (key, member) in map)
                {
                    budget.Room(line, key.Length);
                    text.Append(at++ > 0 ? ", " : "").Append(Quoted(key)).Append(": ");
                    Literal(text, member, budget, line, depth + 1);
                }
                text.Append('}');
                break;
            default:
                throw new JinjaException(line, "A function is no text");
        }
        budget.Fits(line, text.Length);
    }

    /// <summary>The items of what can be gone through.</summary>
    public static List<object?> Items(object? value, JinjaBudget budget, int line)
    {
        budget.Many(line, value switch { JinjaList list => list.Count, JinjaMap map => map.Count, string text => text.Length, _ => 0 });
        return value switch
        {
            JinjaList list => list,
            JinjaMap map => [.. map.Keys],
            string text => [.. text.EnumerateRunes().Select(rune => (object?)rune.ToString())],
            JinjaUndefined => [],
            _ => throw new JinjaException(line, $"'{Kind(value)}' object is not iterable"),
        };
    }

    /// <summary>How many items there are. Those of a text are counted, not made.</summary>
    public static long Count(object? value, JinjaBudget budget, int line)
    {
        if (value is not string text)
            return value is JinjaList list ? list.Count : value is JinjaMap map ? map.Count : Items(value, budget, line).Count;
        budget.Room(line, text.Length);
        long count = 0;
        foreach (Rune _ in text.EnumerateRunes())
            count++;
        return count;
    }

    /// <summary>The texts one after the other. Nothing longer than allowed is made on the way.</summary>
    public static string Join(string separator, IEnumerable<string> parts, JinjaBudget budget, int line)
    {
        var joined = new StringBuilder();
        bool first = true;
        foreach (string part in parts)
        {
            joined.Append(first ? "" : separator).Append(part);
            budget.Fits(line, joined.Length);
            first = false;
        }
        return budget.Text(line, joined.ToString());
    }

    private static void Step(JinjaBudget budget, int line, int depth)
    {
        budget.Spend(line);
        if (depth > DeepestValue)
            throw new JinjaException(line, "A value nests too deeply");
    }

    public static string Key(object? value, int line) => value as string ?? throw new JinjaException(line, $"keys of a mapping must be texts, not {Kind(value)}");

    /// <summary>A member by attribute or subscript; what is not there is undefined.</summary>
    public static object? Member(object? owner, object? key, bool isAttribute, JinjaBudget budget, int line)
    {
        switch (owner)
        {
            case JinjaUndefined undefined:
                return new JinjaUndefined(undefined.Name);
            case JinjaMap map when key is string name:
                return map.TryGetValue(name, out object? held) ? held : new JinjaUndefined(name);
            case JinjaList list when key is long at:
                return at >= -list.Count && at < list.Count ? list[(int)(at < 0 ? at + list.Count : at)] : new JinjaUndefined(at.ToString(CultureInfo.InvariantCulture));
            case string text when key is long at:
                return Letter(text, at, budget, line) ?? (object)new JinjaUndefined("letter");
            default:
                // Python's own attributes, which begin with an underscore, are not for templates; there is nothing behind any other either.
                if (isAttribute && key is string { Length: > 0 } hidden && hidden[0] == '_')
                    throw new JinjaException(line, $"access to attribute '{hidden}' of '{Kind(owner)}' object is unsafe.");
                return new JinjaUndefined(Text(key, budget, line));
        }
    }

    /// <summary>One letter of a text, counted from its end where the place is negative; null where there is none.</summary>
    private static string? Letter(string text, long at, JinjaBudget budget, int line)
    {
        if (at < 0)
            at += Count(text, budget, line);
        budget.Room(line, text.Length);
        foreach (Rune letter in text.EnumerateRunes())
        {
            if (at-- == 0)
                return letter.ToString();
        }
        return null;
    }

    public static bool Same(object? left, object? right, JinjaBudget budget, int line, int depth = 0)
    {
        Step(budget, line, depth);
        if (ReferenceEquals(left, right))
            return true;
        if (Number(left) is { } x && Number(right) is { } y)
            return x is long whole && y is long one ? whole == one : Convert.ToDouble(x, CultureInfo.InvariantCulture).Equals(Convert.ToDouble(y, CultureInfo.InvariantCulture));
        switch (left, right)
        {
            case (JinjaUndefined, JinjaUndefined):
                return true;
            case (string text, string other):
                budget.Room(line, Math.Min(text.Length, other.Length));
                return text == other;
            case (JinjaList list, JinjaList other):
                if (list.IsTuple != other.IsTuple || list.Count != other.Count)
                    return false;
                for (int i = 0; i < list.Count; i++)
                {
                    if (!Same(list[i], other[i], budget, line, depth + 1))
                        return false;
                }
                return true;
            case (JinjaMap map, JinjaMap other):
                if (map.Count != other.Count)
                    return false;
                foreach (var (key, member) in map)
                {
                    if (!other.TryGetValue(key, out object? value) || !Same(member, value, budget, line, depth + 1))
                        return false;
                }
                return true;
            default:
                return Equals(left, right);
        }
    }

    public static bool Holds(object? left, string op, object? right, JinjaBudget budget, int line) => op switch
    {
        "==" => Same(left, right, budget, line),
        "!=" => !Same(left, right, budget, line),
        "in" => In(left, right, budget, line),
        "not in" => !In(left, right, budget, line),
        "<" => Compare(left, right, budget, line) < 0,
        "<=" => Compare(left, right, budget, line) <= 0,
        ">" => Compare(left, right, budget, line) > 0,
        _ => Compare(left, right, budget, line) >= 0,
    };

    public static int Compare(object? left, object? right, JinjaBudget budget, int line, int depth = 0)
    {
        Step(budget, line, depth);
        if (Number(left) is { } x && Number(right) is { } y)
            return x is long whole && y is long one ? whole.CompareTo(one) : Convert.ToDouble(x, CultureInfo.InvariantCulture).CompareTo(Convert.ToDouble(y, CultureInfo.InvariantCulture));
        switch (left, right)
        {
            case (string text, string other):
                budget.Room(line, Math.Min(text.Length, other.Length));
                return string.CompareOrdinal(text, other);
            case (JinjaList list, JinjaList other):
                for (int i = 0; i < Math.Min(list.Count, other.Count); i++)
                {
                    if (Compare(list[i], other[i], budget, line, depth + 1) is not 0 and var order)
                        return order;
                }
                return list.Count.CompareTo(other.Count);
            case (JinjaUndefined undefined, _):
                throw new JinjaException(line, $"'{undefined.Name}' is undefined");
            case (_, JinjaUndefined undefined):
                throw new JinjaException(line, $"'{undefined.Name}' is undefined");
            default:
                throw new JinjaException(line, $"'{Kind(left)}' and '{Kind(right)}' cannot be ordered");
        }
    }

    public static object? Calculate(object? left, string op, object? right, JinjaBudget budget, int line)
    {
        switch (left, op, right)
        {
            case (_, "~", _):
                return budget.Text(line, Text(left, budget, line) + Text(right, budget, line));
            case (string one, "+", string other):
                return budget.Text(line, one + other);
            case (JinjaList one, "+", JinjaList other) when one.IsTuple == other.IsTuple:
                budget.Spend(line, one.Count + other.Count);
                return new JinjaList(one.Concat(other)) { IsTuple = one.IsTuple };
            case (string text, "*", long times):
                budget.Room(line, text.Length * Math.Clamp(times, 0, int.MaxValue));
                return new StringBuilder().Insert(0, text, (int)Math.Clamp(times, 0, int.MaxValue)).ToString();
            case (long, "*", string):
                return Calculate(right, op, left, budget, line);
            case (JinjaUndefined undefined, _, _):
                throw new JinjaException(line, $"'{undefined.Name}' is undefined");
            case (_, _, JinjaUndefined undefined):
                throw new JinjaException(line, $"'{undefined.Name}' is undefined");
        }
        if (Number(left) is not { } x || Number(right) is not { } y)
            throw new JinjaException(line, $"unsupported operand type(s) for {op}: '{Kind(left)}' and '{Kind(right)}'");
        try
        {
            return x is long a && y is long b ? Whole(a, op, b, line) : Real(Convert.ToDouble(x, CultureInfo.InvariantCulture), op, Convert.ToDouble(y, CultureInfo.InvariantCulture), line);
        }
        catch (OverflowException)
        {
            throw new JinjaException(line, "A number is too large");
        }
    }

    /// <summary>A long or a double; truth counts as 0 and 1, as in Python.</summary>
    public static object? Number(object? value) => value switch { bool flag => flag ? 1L : 0L, long or double => value, _ => null };

    private static bool In(object? item, object? holder, JinjaBudget budget, int line) => holder switch
    {
        string text when item is string part => budget.Searched(line, text, part).Contains(part, StringComparison.Ordinal),
        string => throw new JinjaException(line, $"'in <string>' requires string as left operand, not {Kind(item)}"),
        JinjaMap map => item is string key && map.ContainsKey(key),
        _ => Items(holder, budget, line).Exists(other => Same(item, other, budget, line)),
    };

    private static object Whole(long a, string op, long b, int line)
    {
        checked
        {
            switch (op)
            {
                case "+":
                    return a + b;
                case "-":
                    return a - b;
                case "*":
                    return a * b;
                case "**" when b >= 0:
                    if (a is 0 or 1 or -1)
                        return b == 0 ? 1L : a == -1 && b % 2 == 0 ? 1L : a;
                    long power = 1;
                    for (long i = 0; i < b; i++)
                        power *= a; // too large after 63 times at most
                    return power;
            }
        }
        if (op is "/" or "**")
            return Real(a, op, b, line);
        if (b == 0)
            throw new JinjaException(line, "integer division or modulo by zero");
        long quotient = b == -1 ? checked(-a) : a / b, rest = b == -1 ? 0 : a % b;
        bool down = rest != 0 && (rest < 0) != (b < 0);
        return op == "//" ? (down ? quotient - 1 : quotient) : down ? rest + b : rest;
    }

    private static object Real(double a, string op, double b, int line)
    {
        if (b == 0 && op is ("/" or "//" or "%"))
            throw new JinjaException(line, "division by zero");
        double result = op switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "/" => a / b,
            "//" => Math.Floor(a / b),
            "%" => a - b * Math.Floor(a / b),
            _ => Math.Pow(a, b),
        };
        return double.IsFinite(result) ? result : throw new OverflowException();
    }

    /// <summary>As Python writes it: at least one decimal, and an exponent from 1e16 and below 1e-4.</summary>
    private static string Real(double number)
    {
        if (!double.IsFinite(number))
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        string round = number.ToString("E16", CultureInfo.InvariantCulture);
        int exponent = int.Parse(round[(round.IndexOf('E', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture);
        string shortest = number.ToString("R", CultureInfo.InvariantCulture);
        string sign = shortest.StartsWith('-') ? "-" : "";
        string digits = new([.. shortest.TrimStart('-').Split('E')[0].Where(char.IsAsciiDigit)]);
        digits = digits.TrimStart('0') is { Length: > 0 } significant ? significant : "0";
        if (digits == "0")
            return sign + "0.0";
        digits = digits.TrimEnd('0');
        if (exponent is < -4 or >= 16)
        {
            string power = FormattableString.Invariant($"e{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent):00}");
            return sign + (digits.Length == 1 ? digits : $"{digits[0]}.{digits[1..]}") + power;
        }
        return exponent < 0 ? $"{sign}0.{new string('0', -exponent - 1)}{digits}"
            : digits.Length <= exponent + 1 ? $"{sign}{digits.PadRight(exponent + 1, '0')}.0"
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    private static string Quoted(string text)
    {
        char quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        var quoted = new StringBuilder().Append(quote);
        foreach (char c in text)
        {
            _ = c switch
            {
                '\\' => quoted.Append(@"\\"),
                '\n' => quoted.Append(@"\n"),
                '\r' => quoted.Append(@"\r"),
                '\t' => quoted.Append(@"\t"),
                _ when c == quote => quoted.Append('\\').Append(c),
                < ' ' or '\x7f' => quoted.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => quoted.Append(c),
            };
        }
        return quoted.Append(quote).ToString();
    }
}

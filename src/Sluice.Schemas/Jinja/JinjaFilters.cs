using System.Globalization;
using System.Text;

namespace Sluice.Schemas.Jinja;

/// <summary>Jinja's filters: those that stand behind a bar.</summary>
internal static class JinjaFilters
{
    public static object? Apply(string name, object? value, JinjaGiven given)
    {
        int line = given.Line;
        List<object?> Items() => JinjaValues.Items(value, given.Budget, line);
        string Text() => JinjaValues.Text(value, given.Budget, line);
        switch (name)
        {
            case "abs":
                return JinjaValues.Number(value) switch
                {
                    long.MinValue => throw new JinjaException(line, "A number is too large"),
                    long number => (object)Math.Abs(number),
                    double number => Math.Abs(number),
                    _ => throw new JinjaException(line, $"abs needs a number, not {JinjaValues.Kind(value)}"),
                };
            case "attr":
                return JinjaValues.Member(value, given.Text(0, "name", ""), true, given.Budget, line);
            case "batch":
                return Batch(Items(), given);
            case "capitalize":
                return Capital(Text());
            case "center":
                return Center(Text(), given);
            case "count" or "length":
                return JinjaValues.Count(value, given.Budget, line);
            case "default" or "d":
                return value is JinjaUndefined || given.Flag(1, "boolean", false) && !JinjaValues.Truth(value) ? given.Get(0, "default_value", "") : value;
            case "dictsort":
                return new JinjaList(Pairs(Map(value, line), given).OrderBy(pair => (string)((JinjaList)pair!)[0]!, StringComparer.OrdinalIgnoreCase));
            case "escape" or "e" or "forceescape":
                return given.Budget.Text(line, Text().Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
                    .Replace(">", "&gt;", StringComparison.Ordinal).Replace("'", "&#39;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal));
            case "first":
                return value is string or JinjaList ? JinjaValues.Member(value, 0L, false, given.Budget, line) : Items() is [var first, ..] ? first : new JinjaUndefined("first");
            case "float":
                return Number(value) ?? (given.Has(0, "default") ? given.Get(0, "default") : 0.0);
            case "indent":
                return Indent(Text(), given);
            case "int":
                return Whole(value, given);
            case "items":
                return value is JinjaUndefined ? new JinjaList([]) : Pairs(Map(value, line), given);
            case "join":
                IEnumerable<object?> parts = given.Has(1, "attribute") ? Items().Select(item => Attribute(item, given.Get(1, "attribute"), given)) : Items();
                return JinjaValues.Join(given.Text(0, "d", ""), parts.Select(part => JinjaValues.Text(part, given.Budget, line)), given.Budget, line);
            case "last":
                return value is string or JinjaList ? JinjaValues.Member(value, -1L, false, given.Budget, line) : Items() is [.., var last] ? last : new JinjaUndefined("last");
            case "list":
                return new JinjaList(Items());
            case "lower":
                return Text().ToLowerInvariant();
            case "map":
                return new JinjaList(Items().Select(item => Mapped(item, given)));
            case "max" or "min":
                return Extreme(Items(), name == "max", given);
            case "reject" or "rejectattr" or "select" or "selectattr":
                bool byAttribute = name.EndsWith("attr", StringComparison.Ordinal), keeps = name.StartsWith("select", StringComparison.Ordinal);
                return new JinjaList(Items().Where(item => Chosen(item, byAttribute, given) == keeps));
            case "replace":
                return Replace(Text(), given.Text(0, "old", ""), given.Text(1, "new", ""), given);
            case "reverse":
                List<object?> reversed = [.. Items()];
                reversed.Reverse();
                return value is string ? string.Concat(reversed) : new JinjaList(reversed);
            case "round":
                return Round(value, given);
            case "safe" or "string":
                return Text();
            case "slice" or "groupby" or "random" or "pprint" or "urlize" or "wordwrap" or "xmlattr" or "filesizeformat" or "format" or "striptags":
                throw new JinjaException(line, $"The filter '{name}' is not supported");
            case "sort":
                return Sort(Items(), given);
            case "sum":
                IEnumerable<object?> terms = given.Has(0, "attribute") && given.Get(0, "attribute") is { } of ? Items().Select(item => Attribute(item, of, given)) : Items();
                return terms.Aggregate(given.Get(1, "start", 0L), (sum, term) => JinjaValues.Calculate(sum, "+", term, given.Budget, line));
            case "title":
                return Title(Text());
            case "tojson":
                return JinjaJson.Write(value, given);
            case "trim":
                return given.Has(0, "chars") ? Text().Trim(given.Budget.Cutting(line, Text(), given.Text(0, "chars", "").ToCharArray())) : Text().Trim();
            case "truncate":
                return Truncate(Text(), given);
            case "unique":
                return Unique(Items(), given);
            case "upper":
                return Text().ToUpperInvariant();
            case "urlencode":
                return given.Budget.Text(line, Uri.EscapeDataString(Text()).Replace("%2F", "/", StringComparison.Ordinal));
            case "wordcount":
                given.Budget.Many(line, Text().Length);
                return (long)Text().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
            default:
                throw new JinjaException(line, $"No filter named '{name}'.");
        }
    }

    public static string Capital(string text) => text.Length == 0 ? "" : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();

    /// <summary>Each word with a capital, where a word begins after what is no letter or digit.</summary>
    public static string Title(string text)
    {
        var title = new StringBuilder(text.Length);
        bool begins = true;
        foreach (char c in text)
        {
            title.Append(begins ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c));
            begins = char.IsWhiteSpace(c) || c is '-' or '(' or '{' or '[' or '<';
        }
        return title.ToString();
    }

    public static string Replace(string text, string old, string fresh, JinjaGiven given)
    {
        long most = given.Get(2, "count") is long count and >= 0 ? count : long.MaxValue;
        var replaced = new StringBuilder();
        int at = 0;
        if (old.Length == 0)
        {
            given.Budget.Room(given.Line, (long)(text.Length + 1) * (fresh.Length + 1));
            for (; at <= text.Length; at++)
                replaced.Append(most-- > 0 ? fresh : "").Append(at < text.Length ? text[at].ToString() : "");
            return replaced.ToString();
        }
        given.Budget.Searched(given.Line, text, old);
        for (int next; most > 0 && (next = text.IndexOf(old, at, StringComparison.Ordinal)) >= 0; most--)
        {
            replaced.Append(text, at, next - at).Append(fresh);
            given.Budget.Fits(given.Line, replaced.Length);
            at = next + old.Length;
        }
        return given.Budget.Text(given.Line, replaced.Append(text, at, text.Length - at).ToString());
    }

    public static JinjaList Pairs(JinjaMap map, JinjaGiven given)
    {
        given.Budget.Spend(given.Line, map.Count);
        return new(map.Select(member => (object?)new JinjaList([member.Key, member.Value]) { IsTuple = true }));
    }

    private static JinjaMap Map(object? value, int line) => value as JinjaMap ?? throw new JinjaException(line, $"a mapping is needed, not {JinjaValues.Kind(value)}");

    /// <summary>A member by a path, as <c>a.b.0</c>.</summary>
    private static object? Attribute(object? item, object? path, JinjaGiven given)
    {
        string steps = JinjaValues.Text(path, given.Budget, given.Line);
        given.Budget.Many(given.Line, steps.Length);
        foreach (string step in steps.Split('.'))
            item = JinjaValues.Member(item, long.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out long at) ? at : step, false, given.Budget, given.Line);
        return item;
    }

    private static object? Mapped(object? item, JinjaGiven given)
    {
        given.Budget.Spend(given.Line, 1 + given.Values.Count / 8);
        if (given.Named.TryGetValue("attribute", out object? path))
            return Attribute(item, path, given) is JinjaUndefined missing ? given.Named.GetValueOrDefault("default", missing) : Attribute(item, path, given);
        return given.Values.Count > 0 ? Apply(JinjaValues.Text(given.Values[0], given.Budget, given.Line), item, given with { Values = [.. given.Values.Skip(1)] })
            : throw new JinjaException(given.Line, "map requires a filter argument");
    }

    private static bool Chosen(object? item, bool byAttribute, JinjaGiven given)
    {
        given.Budget.Spend(given.Line, 1 + given.Values.Count / 8);
        List<object?> rest = given.Values;
        if (byAttribute)
        {
            item = Attribute(item, rest.Count > 0 ? rest[0] : throw new JinjaException(given.Line, "the name of an attribute is needed"), given);
            rest = [.. rest.Skip(1)];
        }
        return rest.Count == 0 ? JinjaValues.Truth(item) : JinjaTests.Holds(JinjaValues.Text(rest[0], given.Budget, given.Line), item, given with { Values = [.. rest.Skip(1)] });
    }

    private static object? Extreme(List<object?> items, bool max, JinjaGiven given)
    {
        if (items.Count == 0)
            return new JinjaUndefined("the extreme of nothing");
        object? path = given.Get(1, "attribute");
        object? best = items[0];
        foreach (object? item in items.Skip(1))
        {
            given.Budget.Spend(given.Line);
            int order = JinjaValues.Compare(Sorted(item, path, given), Sorted(best, path, given), given.Budget, given.Line);
            if (max ? order > 0 : order < 0)
                best = item;
        }
        return best;
    }

    private static JinjaList Sort(List<object?> items, JinjaGiven given)
    {
        object? path = given.Get(2, "attribute");
        bool exact = given.Flag(1, "case_sensitive", false);
        var order = Comparer<object?>.Create((one, other) =>
        {
            given.Budget.Spend(given.Line);
            return JinjaValues.Compare(one, other, given.Budget, given.Line);
        });
        try
        {
            object? Key(object? item) => Sorted(item, path, given, exact);
            return new(given.Flag(0, "reverse", false) ? items.OrderByDescending(Key, order) : items.OrderBy(Key, order));
        }
        catch (InvalidOperationException error) when (error.InnerException is JinjaException inner)
        {
            throw new JinjaException(inner.Line, inner.Message);
        }
    }

    private static JinjaList Unique(List<object?> items, JinjaGiven given)
    {
        var unique = new JinjaList([]);
        foreach (object? item in items)
        {
            object? key = Sorted(item, null, given);
            if (!unique.Exists(known => JinjaValues.Same(Sorted(known, null, given), key, given.Budget, given.Line)))
                unique.Add(item);
        }
        return unique;
    }

    private static object? Sorted(object? item, object? path, JinjaGiven given, bool exact = false)
    {
        object? key = path is null ? item : Attribute(item, path, given);
        return key is string text && !exact ? given.Budget.Text(given.Line, text).ToLowerInvariant() : key;
    }

    private static JinjaList Batch(List<object?> items, JinjaGiven given)
    {
        int size = (int)Math.Clamp(given.Integer(0, "linecount", 1), 1, 10_000);
        given.Budget.Spend(given.Line, items.Count);
        JinjaList[] rows = [.. items.Chunk(size).Select(row => new JinjaList(row))];
        if (rows.Length > 0 && given.Get(1, "fill_with") is { } fill)
        {
            given.Budget.Spend(given.Line, size);
            while (rows[^1].Count < size)
                rows[^1].Add(fill);
        }
        return new(rows);
    }

    private static string Center(string text, JinjaGiven given)
    {
        int width = (int)Math.Clamp(given.Integer(0, "width", 80), 0, int.MaxValue);
        given.Budget.Room(given.Line, width);
        int room = Math.Max(0, width - text.Length);
        int left = room / 2 + (room & width & 1);
        return new string(' ', left) + text + new string(' ', room - left);
    }

    private static string Indent(string text, JinjaGiven given)
    {
        string space = given.Get(0, "width", 4L) is string own ? own : new string(' ', (int)Math.Clamp(given.Integer(0, "width", 4), 0, 1000));
        bool first = given.Flag(1, "first", false), blank = given.Flag(2, "blank", false);
        given.Budget.Many(given.Line, text.Length);
        string[] lines = text.Split('\n');
        given.Budget.Room(given.Line, text.Length + (long)lines.Length * space.Length);
        return string.Join('\n', lines.Select((line, i) => (i == 0 ? first : line.Length > 0 || blank) ? space + line : line));
    }

    private static object? Number(object? value) => value switch
    {
        bool flag => flag ? 1.0 : 0.0,
        long number => (double)number,
        double => value,
        string text when double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) => number,
        _ => null,
    };

    private static object? Whole(object? value, JinjaGiven given)
    {
        if (value is string text && long.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
            return whole;
        return value is long ? value
            : Number(value) is double number ? Math.Abs(number) < long.MaxValue ? (long)number : throw new JinjaException(given.Line, "A number is too large")
            : given.Has(0, "default") ? given.Get(0, "default") : 0L;
    }

    private static object? Round(object? value, JinjaGiven given)
    {
        if (Number(value) is not double number || value is string)
            throw new JinjaException(given.Line, $"round needs a number, not {JinjaValues.Kind(value)}");
        int digits = (int)given.Integer(0, "precision", 0);
        string method = given.Text(1, "method", "common");
        if (digits is < -15 or > 15 || method is not ("common" or "ceil" or "floor"))
            throw new JinjaException(given.Line, "round takes a precision of -15 to 15 and the method common, ceil or floor");
        if (method == "common" && value is long)
            return digits >= 0 ? value : (long)(Math.Round(number / Math.Pow(10, -digits), MidpointRounding.ToEven) * Math.Pow(10, -digits));
        double scale = Math.Pow(10, digits);
        return method switch
        {
            "ceil" => Math.Ceiling(number * scale) / scale,
            "floor" => Math.Floor(number * scale) / scale,
            _ when digits >= 0 => Math.Round(number, digits, MidpointRounding.ToEven),
            _ => Math.Round(number * scale, MidpointRounding.ToEven) / scale,
        };
    }

    private static string Truncate(string text, JinjaGiven given)
    {
        int length = (int)Math.Clamp(given.Integer(0, "length", 255), 0, int.MaxValue);
        string end = given.Text(2, "end", "...");
        if (length < end.Length)
            throw new JinjaException(given.Line, $"expected length >= {end.Length.ToString(CultureInfo.InvariantCulture)}, got {length.ToString(CultureInfo.InvariantCulture)}");
        if (text.Length <= length + given.Integer(3, "leeway", 5))
            return text;
        string cut = text[..Math.Min(text.Length, length - end.Length)];
        int space = given.Flag(1, "killwords", false) ? -1 : cut.LastIndexOf(' ');
        return given.Budget.Text(given.Line, (space < 0 ? cut : cut[..space]) + end);
    }
}

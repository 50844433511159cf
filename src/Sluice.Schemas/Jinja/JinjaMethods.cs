using System.Globalization;

namespace Sluice.Schemas.Jinja;

/// <summary>What templates may call: methods of texts, lists and mappings that change nothing, and a few functions.</summary>
internal static class JinjaMethods
{
    /// <summary>Prefect's limit.</summary>
    private const int LongestRange = 100;

    public static object? Global(string name, JinjaGiven given)
    {
        switch (name)
        {
            case "range":
                return Range(given);
            case "dict" when given.Values.Count == 0:
            case "namespace" when given.Values.Count == 0:
                var map = new JinjaMap { IsNamespace = name == "namespace" };
                foreach (var (key, value) in given.Named)
                    map[key] = value;
                return map;
            default:
                throw new JinjaException(given.Line, $"'{name}' takes named arguments only");
        }
    }

    public static object? Call(object? owner, string name, JinjaGiven given)
    {
        object? result = owner switch
        {
            string text => OfText(text, name, given),
            JinjaMap map => OfMap(map, name, given),
            JinjaList list when name == "count" => (long)list.Count(item => JinjaValues.Same(item, given.Get(0, "value"), given.Budget, given.Line)),
            JinjaList list when name == "index" => list.FindIndex(item => JinjaValues.Same(item, given.Get(0, "value"), given.Budget, given.Line)) is >= 0 and var at
                ? (long)at : throw new JinjaException(given.Line, "the value is not in the list"),
            JinjaUndefined undefined => throw new JinjaException(given.Line, $"'{undefined.Name}' is undefined"),
            _ => Unknown,
        };
        return ReferenceEquals(result, Unknown)
            ? throw new JinjaException(given.Line, $"'{JinjaValues.Kind(owner)}' has no method '{name}' that a template may call")
            : result;
    }

    private static readonly object Unknown = new();

    private static object? OfMap(JinjaMap map, string name, JinjaGiven given) => name switch
    {
        "get" => map.TryGetValue(JinjaValues.Text(given.Get(0, "key"), given.Budget, given.Line), out object? value) ? value : given.Get(1, "default"),
        "keys" => new JinjaList(JinjaValues.Items(map, given.Budget, given.Line)),
        "values" => new JinjaList(JinjaValues.Items(map, given.Budget, given.Line).Select(key => map[(string)key!])),
        "items" => JinjaFilters.Pairs(map, given),
        _ => Unknown,
    };

    private static object? OfText(string text, string name, JinjaGiven given)
    {
        string Argument(int place) => given.Values.Count > place && given.Values[place] is string value
            ? value : throw new JinjaException(given.Line, $"'{name}' needs a text");
        char[]? Letters() => given.Budget.Cutting(given.Line, text, given.Values.Count == 0 ? null : Argument(0).ToCharArray());
        given.Budget.Room(given.Line, text.Length);
        switch (name)
        {
            case "upper":
                return text.ToUpperInvariant();
            case "lower":
                return text.ToLowerInvariant();
            case "strip":
                return text.Trim(Letters());
            case "lstrip":
                return text.TrimStart(Letters());
            case "rstrip":
                return text.TrimEnd(Letters());
            case "title":
                return JinjaFilters.Title(text);
            case "capitalize":
                return JinjaFilters.Capital(text);
            case "startswith":
                return text.StartsWith(Argument(0), StringComparison.Ordinal);
            case "endswith":
                return text.EndsWith(Argument(0), StringComparison.Ordinal);
            case "find":
                return (long)given.Budget.Searched(given.Line, text, Argument(0)).IndexOf(Argument(0), StringComparison.Ordinal);
            case "count":
                return Argument(0).Length == 0 ? text.Length + 1L : (text.Length - given.Budget.Searched(given.Line, text, Argument(0)).Replace(Argument(0), "", StringComparison.Ordinal).Length) / (long)Argument(0).Length;
            case "replace":
                return JinjaFilters.Replace(text, Argument(0), Argument(1), given);
            case "split":
                return Split(text, given);
            case "join":
                return JinjaValues.Join(text, JinjaValues.Items(given.Get(0, "iterable"), given.Budget, given.Line)
                    .Select(item => item as string ?? throw new JinjaException(given.Line, $"'join' needs texts, not {JinjaValues.Kind(item)}")), given.Budget, given.Line);
            case "isdigit":
                return text.Length > 0 && text.All(char.IsDigit);
            case "isalpha":
                return text.Length > 0 && text.All(char.IsLetter);
            case "zfill":
                int width = (int)Math.Clamp(given.Integer(0, "width", 0), 0, int.MaxValue);
                given.Budget.Room(given.Line, width);
                bool signed = text.StartsWith('-') || text.StartsWith('+');
                return signed ? text[0] + text[1..].PadLeft(Math.Max(0, width - 1), '0') : text.PadLeft(width, '0');
            default:
                return Unknown;
        }
    }

    private static JinjaList Split(string text, JinjaGiven given)
    {
        given.Budget.Many(given.Line, text.Length);
        long most = given.Integer(1, "maxsplit", -1);
        int count = most < 0 || most >= int.MaxValue ? int.MaxValue : (int)most + 1;
        if (given.Get(0, "sep") is not { } separator)
            return new(text.Split((char[]?)null, count, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return separator is string { Length: > 0 } sep ? new(given.Budget.Searched(given.Line, text, sep).Split(sep, count)) : throw new JinjaException(given.Line, "empty separator");
    }

    private static JinjaList Range(JinjaGiven given)
    {
        long[] bounds = [.. given.Values.Select((_, i) => given.Integer(i, "bound", 0))];
        (long from, long to, long step) = bounds.Length switch
        {
            1 => (0, bounds[0], 1L),
            2 => (bounds[0], bounds[1], 1L),
            3 => (bounds[0], bounds[1], bounds[2]),
            _ => throw new JinjaException(given.Line, "range takes 1 to 3 numbers"),
        };
        if (step == 0)
            throw new JinjaException(given.Line, "range() arg 3 must not be zero");
        decimal count = Math.Max(0, Math.Ceiling(((decimal)to - from) / step));
        if (count > LongestRange)
            throw new JinjaException(given.Line, $"Range too big. The sandbox blocks ranges larger than {LongestRange.ToString(CultureInfo.InvariantCulture)}.");
        return new(Enumerable.Range(0, (int)count).Select(i => (object?)(from + i * step)));
    }
}

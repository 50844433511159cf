using System.Globalization;
using System.Text;

namespace Sluice.Schemas.Jinja;

/// <summary>The filter <c>tojson</c>: keys in order, nothing that HTML could take for a tag.</summary>
internal static class JinjaJson
{
    private const int Deepest = 60;

    public static string Write(object? value, JinjaGiven given)
    {
        var text = new StringBuilder();
        int? indent = given.Get(0, "indent") is long spaces ? (int)Math.Clamp(spaces, 0, 16) : null;
        Write(text, value, indent, 0, given);
        return given.Budget.Text(given.Line, text.ToString());
    }

    private static void Write(StringBuilder text, object? value, int? indent, int depth, JinjaGiven given)
    {
        given.Budget.Spend(given.Line);
        given.Budget.Fits(given.Line, text.Length);
        if (depth > Deepest)
            throw new JinjaException(given.Line, "A value nests too deeply");
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case bool flag:
                text.Append(flag ? "true" : "false");
                break;
            case string one:
                Quoted(text, one, given);
                break;
            case JinjaList list:
                Many(text, '[', ']', list, item => Write(text, item, indent, depth + 1, given), indent, depth);
                break;
            case JinjaMap map:
                Many(text, '{', '}', [.. map.OrderBy(member => member.Key, StringComparer.Ordinal)], member =>
                {
                    Quoted(text, member.Key, given);
                    text.Append(": ");
                    Write(text, member.Value, indent, depth + 1, given);
                }, indent, depth);
                break;
            case long or double:
                text.Append(JinjaValues.Literal(value, given.Budget, given.Line));
                break;
            default:
                throw new JinjaException(given.Line, $"{JinjaValues.Kind(value)} is not JSON serializable");
        }
    }

    private static void Many<T>(StringBuilder text, char open, char close, List<T> items, Action<T> write, int? indent, int depth)
    {
        text.Append(open);
        for (int i = 0; i < items.Count; i++)
        {
            text.Append(i == 0 ? "" : indent is null ? ", " : ",");
            if (indent is { } spaces)
                text.Append('\n').Append(' ', spaces * (depth + 1));
            write(items[i]);
        }
        if (indent is { } width && items.Count > 0)
            text.Append('\n').Append(' ', width * depth);
        text.Append(close);
    }

    private static void Quoted(StringBuilder text, string value, JinjaGiven given)
    {
        given.Budget.Room(given.Line, value.Length);
        text.Append('"');
        foreach (char c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append(@"\\"),
                '\n' => text.Append(@"\n"),
                '\r' => text.Append(@"\r"),
                '\t' => text.Append(@"\t"),
                '\b' => text.Append(@"\b"),
                '\f' => text.Append(@"\f"),
                < ' ' or '<' or '>' or '&' or '\'' or >= '\x7f' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }
        text.Append('"');
    }
}

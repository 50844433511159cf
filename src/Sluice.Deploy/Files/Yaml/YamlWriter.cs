using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Deploy.Files.Yaml;

/// <summary>Writes JSON as YAML in the layout of Prefect's files: two spaces, lists not indented, no anchors. Every reader of YAML 1.1 and 1.2 reads the same values.</summary>
internal static class YamlWriter
{
    /// <summary>A key with its value, on as many lines as that needs, each ended by a line feed.</summary>
    public static string Entry(string key, JsonNode? value, int indent = 0)
    {
        var text = new StringBuilder();
        Append(text, key, value, indent);
        return text.ToString();
    }

    /// <summary>An item of a list, likewise.</summary>
    public static string Item(JsonNode? value, int indent)
    {
        var text = new StringBuilder();
        AppendItem(text, value, indent);
        return text.ToString();
    }

    /// <summary>Whether a value stands on the line of its key.</summary>
    public static bool IsInline(JsonNode? value) => value switch
    {
        JsonObject map => map.Count == 0,
        JsonArray list => list.Count == 0,
        JsonValue one when one.TryGetValue(out string? text) => !IsBlock(text),
        _ => true,
    };

    /// <summary>A value on one line.</summary>
    public static string Inline(JsonNode? value)
    {
        switch (value)
        {
            case null:
                return "null";
            case JsonObject map:
                return $"{{{string.Join(", ", map.Select(pair => $"{Text(pair.Key, flow: true)}: {InFlow(pair.Value)}"))}}}";
            case JsonArray list:
                return $"[{string.Join(", ", list.Select(InFlow))}]";
        }
        JsonElement element = JsonElement.Parse(value.ToJsonString());
        return element.ValueKind switch
        {
            JsonValueKind.String => Text(element.GetString()!, flow: false),
            JsonValueKind.Number => Number(element.GetRawText()),
            _ => element.GetRawText(),
        };
    }

    private static string InFlow(JsonNode? value) =>
        value is JsonValue one && one.GetValueKind() == JsonValueKind.String ? Text(one.GetValue<string>(), flow: true) : Inline(value);

    private static void Append(StringBuilder text, string key, JsonNode? value, int indent)
    {
        text.Append(' ', indent).Append(Text(key, flow: true)).Append(':');
        AppendValue(text, value, indent, listIndent: indent);
    }

    private static void AppendValue(StringBuilder text, JsonNode? value, int indent, int listIndent)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } map:
                text.Append('\n');
                foreach ((string key, JsonNode? member) in map)
                    Append(text, key, member, indent + 2);
                break;
            case JsonArray { Count: > 0 } list:
                text.Append('\n');
                foreach (JsonNode? item in list)
                    AppendItem(text, item, listIndent);
                break;
            case JsonValue one when one.TryGetValue(out string? block) && IsBlock(block):
                text.Append(block.EndsWith('\n') ? " |\n" : " |-\n");
                foreach (string line in block.TrimEnd('\n').Split('\n'))
                    text.Append(' ', line.Length > 0 ? indent + 2 : 0).Append(line).Append('\n');
                break;
            default:
                text.Append(' ').Append(Inline(value)).Append('\n');
                break;
        }
    }

    private static void AppendItem(StringBuilder text, JsonNode? value, int indent)
    {
        text.Append(' ', indent).Append('-');
        if (value is not JsonObject { Count: > 0 } map)
        {
            text.Append(' ').Append(Inline(value)).Append('\n');
            return;
        }
        var members = new StringBuilder();
        foreach ((string key, JsonNode? member) in map)
            Append(members, key, member, indent + 2);
        // The first member stands behind the dash.
        text.Append(' ').Append(members, indent + 2, members.Length - indent - 2);
    }

    /// <summary>Whether a text is written as lines of their own: several lines that every reader gives back as they are.</summary>
    private static bool IsBlock(string text) =>
        text.Contains('\n', StringComparison.Ordinal) && !text.EndsWith("\n\n", StringComparison.Ordinal) && text[0] is not (' ' or '\n')
        && text.Split('\n').All(line => !line.EndsWith(' ') && line.All(c => !IsSpecial(c)));

    private static bool IsSpecial(char c) => char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF';

    private static string Text(string text, bool flow)
    {
        if (PlainScalar.IsSafe(text) && (!flow || text.IndexOfAny([',', '[', ']', '{', '}', '#', ':']) < 0))
            return text;
        if (!text.Any(IsSpecial))
            return $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
        var quoted = new StringBuilder("\"");
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                quoted.Append(c).Append(text[++i]);
            else if (c is '"' or '\\')
                quoted.Append('\\').Append(c);
            else if (c == '\n')
                quoted.Append("\\n");
            else if (c == '\t')
                quoted.Append("\\t");
            else if (char.IsSurrogate(c))
                // A half of a character is no text to YAML.
                quoted.Append('\uFFFD');
            else if (IsSpecial(c))
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else
                quoted.Append(c);
        }
        return quoted.Append('"').ToString();
    }

    /// <summary>YAML 1.1 takes an exponent only behind a fraction, and with its sign.</summary>
    private static string Number(string raw)
    {
        int at = raw.IndexOfAny(['e', 'E']);
        if (at < 0)
            return raw;
        string mantissa = raw[..at], exponent = raw[(at + 1)..];
        return $"{mantissa}{(mantissa.Contains('.', StringComparison.Ordinal) ? "" : ".0")}e{(exponent[0] is '+' or '-' ? "" : "+")}{exponent}";
    }
}

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sluice.Schemas;

/// <summary>JSON values as text: to compare them, and to show them.</summary>
internal static class JsonText
{
    private const int ShownLength = 60;
    private static readonly JsonWriterOptions _readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1000 };

    /// <summary>One text for equal values: members sorted, 1.0 as 1.</summary>
    public static string Canonical(JsonElement value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.ToString();
    }

    /// <summary>The value for a message, shortened, and its secrets hidden.</summary>
    public static string Show(JsonElement value, SchemaNode schema)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, _readable))
            SecretMask.Write(writer, value, [schema]);
        using JsonDocument masked = JsonDocument.Parse(stream.ToArray(), new JsonDocumentOptions { MaxDepth = 1000 });
        return Show(masked.RootElement);
    }

    /// <summary>The value for a message, shortened.</summary>
    public static string Show(JsonElement value)
    {
        string text = value.ValueKind == JsonValueKind.String ? Quote(value.GetString()!) : Compact(value);
        if (text.Length <= ShownLength)
            return text;
        int end = char.IsHighSurrogate(text[ShownLength - 1]) ? ShownLength - 1 : ShownLength;
        return text[..end] + "…";
    }

    /// <summary>Whether all its texts are Unicode: JSON's grammar lets half of a surrogate pair stand in a string, which then has no value.</summary>
    public static bool IsUnicode(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString() is not null,
                JsonValueKind.Object => value.EnumerateObject().All(member => member.Name is not null && IsUnicode(member.Value)),
                JsonValueKind.Array => value.EnumerateArray().All(IsUnicode),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string Compact(JsonElement value)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, _readable))
            value.WriteTo(writer);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>As people write it: the writer would escape emoji.</summary>
    private static string Quote(string text) =>
        "\"" + string.Concat(text.Select(c => c is '"' or '\\' ? "\\" + c : char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString())) + "\"";

    private static void Append(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach (JsonProperty member in value.EnumerateObject().OrderBy(x => x.Name, StringComparer.Ordinal))
                {
                    AppendString(text, member.Name);
                    text.Append(':');
                    Append(text, member.Value);
                    text.Append(',');
                }
                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach (JsonElement item in value.EnumerateArray())
                {
                    Append(text, item);
                    text.Append(',');
                }
                text.Append(']');
                break;
            case JsonValueKind.Number:
                text.Append(JsonNumber.Of(value));
                break;
            case JsonValueKind.String:
                AppendString(text, value.GetString()!);
                break;
            default:
                text.Append(value.ValueKind);
                break;
        }
    }

    private static void AppendString(StringBuilder text, string value) => text.Append('"').Append(value.Length).Append(':').Append(value);
}

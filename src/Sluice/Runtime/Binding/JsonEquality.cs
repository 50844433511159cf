using System.Text;
using System.Text.Json;

namespace Sluice.Runtime.Binding;

/// <summary>One text for equal JSON, as <c>uniqueItems</c> compares: members sorted, 1.0 as 1.</summary>
internal static class JsonEquality
{
    public static string Canonical(JsonElement json) => Append(new StringBuilder(), json).ToString();

    private static StringBuilder Append(StringBuilder text, JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach (JsonProperty member in json.EnumerateObject().OrderBy(JsonBinder.NameOrNothing, StringComparer.Ordinal))
                {
                    Quote(text, JsonBinder.NameOrNothing(member)).Append(':');
                    Append(text, member.Value).Append(',');
                }
                return text.Append('}');
            case JsonValueKind.Array:
                text.Append('[');
                foreach (JsonElement item in json.EnumerateArray())
                    Append(text, item).Append(',');
                return text.Append(']');
            case JsonValueKind.String:
                return Quote(text, JsonBinder.TextOrNothing(json));
            case JsonValueKind.Number:
                return text.Append(NumberText.Of(json.GetRawText()).ToString());
            default:
                return text.Append(json.ValueKind);
        }
    }

    private static StringBuilder Quote(StringBuilder text, string value) => text.Append('"').Append(value.Length).Append(':').Append(value);
}

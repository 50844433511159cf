using System.Globalization;
using System.Text;
using Sluice.Runtime.Binding;

namespace Sluice.Generators.Json;

/// <summary>One text for equal JSON, as <c>uniqueItems</c> compares: members sorted, 1.0 as 1.</summary>
internal static class JsonEquality
{
    public static string Canonical(JsonNode json) => Append(new StringBuilder(), json).ToString();

    private static StringBuilder Append(StringBuilder text, JsonNode json)
    {
        switch (json.Kind)
        {
            case JsonKind.Object:
                text.Append('{');
                foreach (JsonMember member in json.Members.OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    Quote(text, member.Name).Append(':');
                    Append(text, member.Value).Append(',');
                }
                return text.Append('}');
            case JsonKind.Array:
                text.Append('[');
                foreach (JsonNode item in json.Items)
                    Append(text, item).Append(',');
                return text.Append(']');
            case JsonKind.String:
                return Quote(text, json.Text);
            case JsonKind.Number:
                return text.Append(NumberText.Of(json.Text).ToString());
            default:
                return text.Append(json.Kind);
        }
    }

    private static StringBuilder Quote(StringBuilder text, string value) =>
        text.Append('"').Append(value.Length.ToString(CultureInfo.InvariantCulture)).Append(':').Append(value);
}

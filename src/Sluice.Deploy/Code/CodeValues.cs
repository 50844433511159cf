using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Deploy.Code;

/// <summary>Values of a program as JSON.</summary>
internal static class CodeValues
{
    /// <exception cref="ArgumentException">It is of a type that has no JSON of its own.</exception>
    public static JsonElement ToJson(string name, object? value)
    {
        using JsonDocument document = JsonDocument.Parse(ToNode(name, value)?.ToJsonString() ?? "null");
        return document.RootElement.Clone();
    }

    private static JsonNode? ToNode(string name, object? value) => value switch
    {
        null => null,
        JsonNode node => node.DeepClone(),
        JsonElement json => JsonNode.Parse(json.GetRawText()),
        string text => text,
        bool flag => flag,
        Enum member => member.ToString(),
        sbyte or byte or short or ushort or int or uint or long => Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture),
        ulong number => number,
        float or double => Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture),
        decimal number => number,
        Guid id => id,
        DateTime time => time,
        DateTimeOffset time => time,
        DateOnly date => date.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
        TimeSpan duration => System.Xml.XmlConvert.ToString(duration),
        Uri uri => uri.OriginalString,
        IEnumerable<KeyValuePair<string, object?>> members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, ToNode(name, member.Value)))),
        IDictionary => throw Unwritable(name, value),
        IEnumerable items => new JsonArray([.. items.Cast<object?>().Select(item => ToNode(name, item))]),
        _ => throw Unwritable(name, value),
    };

    private static ArgumentException Unwritable(string name, object value) =>
        new($"'{name}' is a {value.GetType()}, which has no JSON of its own: give a JsonElement, as JsonSerializer.SerializeToElement(value).", nameof(value));
}

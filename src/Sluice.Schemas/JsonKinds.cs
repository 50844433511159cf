using System.Text.Json;

namespace Sluice.Schemas;

/// <summary>The types of JSON Schema.</summary>
[Flags]
internal enum JsonKinds
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Integer = 4,
    Number = 8,
    String = 16,
    Array = 32,
    Object = 64,
}

internal static class JsonKindsExtensions
{
    private static readonly (JsonKinds Kind, string Name, string Phrase)[] _names =
    [
        (JsonKinds.Null, "null", "null"),
        (JsonKinds.Boolean, "boolean", "a boolean"),
        (JsonKinds.Integer, "integer", "an integer"),
        (JsonKinds.Number, "number", "a number"),
        (JsonKinds.String, "string", "a string"),
        (JsonKinds.Array, "array", "an array"),
        (JsonKinds.Object, "object", "an object"),
    ];

    /// <summary>The names, for messages.</summary>
    public static string AllNames => string.Join(", ", _names.Select(x => x.Name));

    public static bool TryParse(string? name, out JsonKinds kind)
    {
        kind = _names.FirstOrDefault(x => x.Name == name).Kind;
        return kind != JsonKinds.None;
    }

    /// <summary>As in "is not …": <c>an integer</c>, <c>a string or null</c>.</summary>
    public static string Phrase(this JsonKinds kinds) => string.Join(" or ", _names.Where(x => (kinds & x.Kind) != 0).OrderBy(x => x.Kind == JsonKinds.Null).Select(x => x.Phrase));

    /// <summary>The types a value has: 3.0 is an integer and a number.</summary>
    public static JsonKinds KindsOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => JsonKinds.Null,
        JsonValueKind.True or JsonValueKind.False => JsonKinds.Boolean,
        JsonValueKind.String => JsonKinds.String,
        JsonValueKind.Array => JsonKinds.Array,
        JsonValueKind.Object => JsonKinds.Object,
        _ => JsonNumber.Of(value).IsInteger ? JsonKinds.Integer | JsonKinds.Number : JsonKinds.Number,
    };
}

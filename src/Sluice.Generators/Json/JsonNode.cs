namespace Sluice.Generators.Json;

/// <summary>A JSON value with its place in the text. Analyzers have no System.Text.Json to lean on, and it would not tell places.</summary>
/// <param name="Text">A string's value, a number's text, else empty.</param>
/// <param name="Items">An array's items.</param>
/// <param name="Members">An object's members.</param>
internal sealed record JsonNode(JsonKind Kind, int Offset, int Length, string Text, IReadOnlyList<JsonNode> Items, IReadOnlyList<JsonMember> Members);

/// <summary>A member of an object; the place is the name's, with its quotes.</summary>
internal sealed record JsonMember(string Name, int Offset, int Length, JsonNode Value);

internal enum JsonKind
{
    Null,
    True,
    False,
    Number,
    String,
    Array,
    Object,
}

using System.Text.Json;

namespace Sluice.Runtime.Binding;

/// <summary>JSON that System.Text.Json parsed.</summary>
internal sealed class ElementView(JsonElement element) : JsonView
{
    public JsonElement Element { get; } = element;

    public override string Type => Element.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => "number",
        JsonValueKind.String => "string",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        _ => "null",
    };

    public override string? Text => Element.ValueKind switch
    {
        JsonValueKind.Array or JsonValueKind.Object => null,
        JsonValueKind.String => JsonBinder.TextOrNothing(Element),
        _ => Element.GetRawText(),
    };

    public override IEnumerable<JsonView> Items =>
        Element.ValueKind == JsonValueKind.Array ? Element.EnumerateArray().Select(item => (JsonView)new ElementView(item)) : [];

    public override IEnumerable<KeyValuePair<string, JsonView>> Members => Element.ValueKind == JsonValueKind.Object
        ? Element.EnumerateObject().Select(member => KeyValuePair.Create(JsonBinder.NameOrNothing(member), (JsonView)new ElementView(member.Value)))
        : [];
}

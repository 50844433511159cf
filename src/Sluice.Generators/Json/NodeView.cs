using Sluice.Runtime.Binding;

namespace Sluice.Generators.Json;

/// <summary>JSON of an attribute, for what judges it at compile time as at run time.</summary>
internal sealed class NodeView(JsonNode node) : JsonView
{
    public JsonNode Node { get; } = node;

    public override string Type => Node.Kind switch
    {
        JsonKind.Null => "null",
        JsonKind.True or JsonKind.False => "boolean",
        JsonKind.Number => "number",
        JsonKind.String => "string",
        JsonKind.Array => "array",
        _ => "object",
    };

    public override string? Text => Node.Kind switch
    {
        JsonKind.Null => "null",
        JsonKind.True => "true",
        JsonKind.False => "false",
        JsonKind.Number or JsonKind.String => Node.Text,
        _ => null,
    };

    public override IEnumerable<JsonView> Items => Node.Items.Select(item => new NodeView(item));

    public override IEnumerable<KeyValuePair<string, JsonView>> Members => Node.Members.Select(member => new KeyValuePair<string, JsonView>(member.Name, new NodeView(member.Value)));
}

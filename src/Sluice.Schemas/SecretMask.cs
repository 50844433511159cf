using System.Text.Json;

namespace Sluice.Schemas;

/// <summary>Hides secrets in values: whatever stands where the schema has <c>format: password</c> or <c>writeOnly</c>.</summary>
internal static class SecretMask
{
    /// <summary>What stands in a secret's place; Prefect shows as many stars.</summary>
    public const string Mask = "********";

    // Values nest no deeper than schemas walk; what does is not shown.
    private const int MaxDepth = 500;

    /// <summary>Writes a value, to which the schemas apply, its secrets hidden.</summary>
    public static void Write(Utf8JsonWriter writer, JsonElement value, IReadOnlyList<SchemaNode> schemas, int depth = 0)
    {
        List<SchemaNode> all = [];
        foreach (SchemaNode schema in schemas)
            Collect(schema, all);
        if (depth > MaxDepth || (value.ValueKind != JsonValueKind.Null && all.Exists(schema => schema.IsSecret)))
        {
            writer.WriteStringValue(Mask);
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            writer.WriteStartObject();
            foreach (JsonProperty member in value.EnumerateObject())
            {
                writer.WritePropertyName(member.Name);
                Write(writer, member.Value, [.. all.SelectMany(schema => schema.ForMember(member.Name))], depth + 1);
            }
            writer.WriteEndObject();
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            writer.WriteStartArray();
            int index = 0;
            foreach (JsonElement item in value.EnumerateArray())
            {
                Write(writer, item, [.. all.Select(schema => schema.ForItem(index)).OfType<SchemaNode>()], depth + 1);
                index++;
            }
            writer.WriteEndArray();
        }
        else
        {
            value.WriteTo(writer);
        }
    }

    private static void Collect(SchemaNode schema, List<SchemaNode> all)
    {
        if (all.Contains(schema))
            return;
        all.Add(schema);
        foreach (SchemaNode part in schema.InPlace())
            Collect(part, all);
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Orchestration;
using Sluice.Storage.Blocks;

namespace Sluice.Cli.Blocks;

/// <summary>
/// Finds the type and schema that a block is saved under. A schema of the server's own that has all the fields and masks the secrets is taken, so that Prefect's
/// Python classes load the block as theirs; otherwise ours is registered, as Prefect's client does with its own.
/// </summary>
internal static class BlockSchemaChoice
{
    public static async Task<BlockSchema> ForAsync(IOrchestrationApi api, BlockKind kind, IReadOnlyCollection<string> fields, CancellationToken cancellationToken)
    {
        BlockType type = await TypeAsync(api, kind, cancellationToken);
        IReadOnlyList<BlockSchema> known = await api.ListBlockSchemasAsync(new() { BlockSchemas = new() { BlockTypeId = new() { Any = [type.Id] } } }, cancellationToken);
        BlockField[] used = [.. kind.Fields.Where(field => fields.Contains(field.Name))];
        if (known.FirstOrDefault(schema => Fits(schema.Fields, used)) is { } fitting)
            return fitting;
        try
        {
            return await api.EnsureBlockSchemaAsync(
                new() { BlockTypeId = type.Id, Fields = JsonElement.Parse(FieldsOf(kind).ToJsonString()), Capabilities = kind.Capabilities }, cancellationToken);
        }
        catch (OrchestrationException e) when (e.Kind == OrchestrationErrorKind.Forbidden)
        {
            string[] strange = [.. used.Where(field => !known.Any(schema => Fits(schema.Fields, [field]))).Select(field => field.Name)];
            throw new CliException($"the server keeps its own type '{kind.Slug}', which does not know {string.Join(", ", strange)}: leave that out, or use remote-file-system", ExitCodes.Failed, e);
        }
    }

    private static async Task<BlockType> TypeAsync(IOrchestrationApi api, BlockKind kind, CancellationToken cancellationToken)
    {
        if (await api.FindBlockTypeAsync(kind.Slug, cancellationToken) is { } type)
            return type;
        try
        {
            return await api.CreateBlockTypeAsync(new() { Name = kind.Name, Slug = kind.Slug, Description = kind.Meaning }, cancellationToken);
        }
        catch (OrchestrationException e) when (e.Kind == OrchestrationErrorKind.Conflict)
        {
            // Somebody else created it in this moment.
            return await api.FindBlockTypeAsync(kind.Slug, cancellationToken) ?? throw new CliException(e.Message, ExitCodes.Failed, e);
        }
    }

    private static bool Fits(JsonElement schema, IEnumerable<BlockField> used)
    {
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out JsonElement properties) || properties.ValueKind != JsonValueKind.Object)
            return false;
        string[] secrets = schema.TryGetProperty("secret_fields", out JsonElement names) && names.ValueKind == JsonValueKind.Array
            ? [.. names.EnumerateArray().Select(name => name.ToString())]
            : [];
        return used.All(field => properties.TryGetProperty(field.Name, out _) && (!field.IsSecret || secrets.Contains(SecretOf(field))));
    }

    private static string SecretOf(BlockField field) => field.Type == "object" ? field.Name + ".*" : field.Name;

    /// <summary>The schema as Prefect's classes write theirs.</summary>
    private static JsonObject FieldsOf(BlockKind kind)
    {
        var properties = new JsonObject();
        foreach (BlockField field in kind.Fields)
        {
            var property = new JsonObject { ["title"] = TitleOf(field.Name), ["description"] = field.Meaning, ["type"] = field.Type };
            if (field.Values is { } values)
                property["enum"] = new JsonArray([.. values.Select(value => (JsonNode)value)]);
            if (field is { IsSecret: true, Type: "string" })
                (property["writeOnly"], property["format"]) = (true, "password");
            properties[field.Name] = property;
        }
        return new JsonObject
        {
            ["title"] = kind.Name.Replace(" ", "", StringComparison.Ordinal),
            ["description"] = kind.Meaning,
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = new JsonArray([.. kind.Fields.Where(field => field.IsRequired).Select(field => (JsonNode)field.Name)]),
            ["block_type_slug"] = kind.Slug,
            ["secret_fields"] = new JsonArray([.. kind.Fields.Where(field => field.IsSecret).Select(field => (JsonNode)SecretOf(field))]),
            ["block_schema_references"] = new JsonObject(),
        };
    }

    private static string TitleOf(string name) => string.Join(' ', name.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
}

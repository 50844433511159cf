using System.Text.Json;
using Sluice.Cli.Blocks;
using Sluice.Orchestration;

namespace Sluice.Cli.Migration;

/// <summary>Plans named blocks, with their types and schemas. Secrets are copied only where that was asked for.</summary>
/// <param name="source">What is copied; with secrets in plain text where they are copied.</param>
/// <param name="target">What is there, read alike.</param>
/// <param name="api">The target.</param>
/// <param name="copies">Whether blocks are copied at all; else they are only named.</param>
/// <param name="secrets">Whether secrets are copied.</param>
internal sealed class BlockPlans(ServerContents source, ServerContents target, IOrchestrationApi api, bool copies, bool secrets)
{
    private readonly Dictionary<string, BlockDocument> _live = target.Blocks.ToDictionary(BlockName.Of, StringComparer.Ordinal);

    /// <summary>Blocks that others refer to come first.</summary>
    public IEnumerable<MigrationItem> Plan() => source.Blocks.OrderBy(Depth).ThenBy(BlockName.Of, StringComparer.Ordinal).Select(Plan);

    private MigrationItem Plan(BlockDocument block)
    {
        string name = BlockName.Of(block);
        BlockDocument? live = _live.GetValueOrDefault(name);
        bool isMasked = block.Data.Values.Any(HoldsMask);
        if (!copies || (isMasked && !secrets))
        {
            return live is not null
                ? new("block", name, MigrationAction.Unchanged) { Notes = ["it is there; its values are not compared"] }
                : new("block", name, MigrationAction.ByHand)
                {
                    Notes = [$"make it at the target ('sluice block create {name}'), or copy it with {(isMasked ? "its secrets by --only blocks --with-secrets" : "--only blocks")}"],
                };
        }
        List<string> fields = live is null ? [] : [.. block.Data.Keys.Union(live.Data.Keys).Where(field => !SameField(block, live, field)).Order(StringComparer.Ordinal)];
        return MigrationItem.Of("block", name, live is not null, fields, cancellationToken => WriteAsync(block, live, cancellationToken));
    }

    private static bool SameField(BlockDocument a, BlockDocument b, string field)
    {
        (string? first, string? second) = (ReferenceOf(a, field), ReferenceOf(b, field));
        if (first is not null || second is not null)
            return first == second;
        JsonElement left = a.Data.GetValueOrDefault(field);
        JsonElement right = b.Data.GetValueOrDefault(field);
        bool leftEmpty = left.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;
        return leftEmpty ? right.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null : right.ValueKind == left.ValueKind && JsonElement.DeepEquals(left, right);
    }

    private async Task WriteAsync(BlockDocument block, BlockDocument? live, CancellationToken cancellationToken)
    {
        BlockType type = await TypeAsync(block, cancellationToken);
        BlockSchema own = block.BlockSchema ?? throw new OrchestrationException(OrchestrationErrorKind.Invalid, $"the source does not tell the schema of the block {BlockName.Of(block)}");
        BlockSchema schema = await api.EnsureBlockSchemaAsync(
            new() { BlockTypeId = type.Id, Fields = own.Fields, Capabilities = own.Capabilities, Version = own.Version }, cancellationToken);
        var data = new Dictionary<string, JsonElement>(block.Data);
        foreach (string field in block.BlockDocumentReferences.Keys)
            data[field] = await ReferAsync(ReferenceOf(block, field)!, cancellationToken);
        if (live is null)
            await api.CreateBlockDocumentAsync(new() { Name = block.Name, BlockTypeId = type.Id, BlockSchemaId = schema.Id, Data = data }, cancellationToken);
        else
            await api.UpdateBlockDocumentAsync(live.Id, new() { BlockSchemaId = schema.Id, Data = data, MergeExistingData = false }, cancellationToken);
    }

    private async Task<BlockType> TypeAsync(BlockDocument block, CancellationToken cancellationToken)
    {
        BlockType type = block.BlockType ?? throw new OrchestrationException(OrchestrationErrorKind.Invalid, $"the source does not tell the type of the block {block.Name}");
        return await api.FindBlockTypeAsync(type.Slug, cancellationToken) ?? await api.CreateBlockTypeAsync(
            new() { Name = type.Name, Slug = type.Slug, LogoUrl = type.LogoUrl, DocumentationUrl = type.DocumentationUrl, Description = type.Description, CodeExample = type.CodeExample },
            cancellationToken);
    }

    private async Task<JsonElement> ReferAsync(string name, CancellationToken cancellationToken)
    {
        BlockName referred = BlockName.Parse(name);
        BlockDocument there = await api.FindBlockDocumentAsync(referred.Type, referred.Name, includeSecrets: false, cancellationToken)
            ?? throw new OrchestrationException(OrchestrationErrorKind.NotFound, $"it refers to the block {name}, which the target lacks");
        return JsonElement.Parse($$$"""{"$ref":{"block_document_id":"{{{there.Id}}}"}}""");
    }

    /// <summary>The full name of the block whose values a field takes; null where it has its own.</summary>
    private static string? ReferenceOf(BlockDocument block, string field) =>
        block.BlockDocumentReferences.TryGetValue(field, out JsonElement reference) && reference.ValueKind == JsonValueKind.Object
            && reference.TryGetProperty("block_document", out JsonElement document)
            && document.TryGetProperty("name", out JsonElement name) && document.TryGetProperty("block_type", out JsonElement type) && type.TryGetProperty("slug", out JsonElement slug)
            ? $"{slug.GetString()}/{name.GetString()}" : null;

    private static int Depth(BlockDocument block) => block.BlockDocumentReferences.Count == 0 ? 0 : 1 + block.BlockDocumentReferences.Values.Max(Depth);

    private static int Depth(JsonElement reference) =>
        reference.ValueKind == JsonValueKind.Object && reference.TryGetProperty("block_document", out JsonElement document)
            && document.TryGetProperty("block_document_references", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object && inner.EnumerateObject().Any()
            ? 1 + inner.EnumerateObject().Max(member => Depth(member.Value)) : 0;

    private static bool HoldsMask(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.ValueEquals(BlockDocument.Mask),
        JsonValueKind.Object => value.EnumerateObject().Any(member => HoldsMask(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(HoldsMask),
        _ => false,
    };
}

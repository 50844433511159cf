using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http;

public sealed partial class HttpOrchestrationApi
{
    /// <inheritdoc/>
    public Task<BlockType?> FindBlockTypeAsync(string slug, CancellationToken cancellationToken) =>
        _transport.FindAsync(Get("/block_types/slug/" + Segment(slug)), Json.BlockType, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<BlockType>> ListBlockTypesAsync(BlockTypesQuery query, CancellationToken cancellationToken) =>
        _transport.SendAsync(Post("/block_types/filter", query, Json.BlockTypesQuery), Json.IReadOnlyListBlockType, cancellationToken);

    /// <inheritdoc/>
    public Task<BlockType> CreateBlockTypeAsync(BlockTypeCreate blockType, CancellationToken cancellationToken) =>
        _transport.SendAsync(PostOnce("/block_types/", blockType, Json.BlockTypeCreate), Json.BlockType, cancellationToken);

    /// <inheritdoc/>
    public Task UpdateBlockTypeAsync(Guid id, BlockTypeUpdate update, CancellationToken cancellationToken) =>
        _transport.SendAsync(Patch($"/block_types/{id}", update, Json.BlockTypeUpdate), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteBlockTypeAsync(Guid id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(Delete($"/block_types/{id}"), cancellationToken);

    /// <inheritdoc/>
    public Task<BlockSchema> EnsureBlockSchemaAsync(BlockSchemaCreate schema, CancellationToken cancellationToken) =>
        _transport.SendAsync(Post("/block_schemas/", schema, Json.BlockSchemaCreate), Json.BlockSchema, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<BlockSchema>> ListBlockSchemasAsync(BlockSchemasQuery query, CancellationToken cancellationToken) =>
        _transport.SendAsync(Post("/block_schemas/filter", query, Json.BlockSchemasQuery), Json.IReadOnlyListBlockSchema, cancellationToken);

    /// <inheritdoc/>
    public Task<BlockSchema?> FindBlockSchemaAsync(string checksum, string? version, CancellationToken cancellationToken) => _transport.FindAsync(
        Get($"/block_schemas/checksum/{Segment(checksum)}{(version is null ? "" : "?version=" + Uri.EscapeDataString(version))}"), Json.BlockSchema, cancellationToken);

    /// <inheritdoc/>
    public Task<BlockDocument> CreateBlockDocumentAsync(BlockDocumentCreate document, CancellationToken cancellationToken) =>
        _transport.SendAsync(PostOnce("/block_documents/", document, Json.BlockDocumentCreate), Json.BlockDocument, cancellationToken);

    /// <inheritdoc/>
    public Task<BlockDocument?> ReadBlockDocumentAsync(Guid id, bool includeSecrets, CancellationToken cancellationToken) =>
        _transport.FindAsync(Get($"/block_documents/{id}{Including(includeSecrets)}"), Json.BlockDocument, cancellationToken);

    /// <inheritdoc/>
    public Task<BlockDocument?> FindBlockDocumentAsync(string typeSlug, string name, bool includeSecrets, CancellationToken cancellationToken) => _transport.FindAsync(
        Get($"/block_types/slug/{Segment(typeSlug)}/block_documents/name/{Segment(name)}{Including(includeSecrets)}"), Json.BlockDocument, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<BlockDocument>> ListBlockDocumentsAsync(BlockDocumentsQuery query, CancellationToken cancellationToken) =>
        _transport.SendAsync(Post("/block_documents/filter", query, Json.BlockDocumentsQuery), Json.IReadOnlyListBlockDocument, cancellationToken);

    /// <inheritdoc/>
    public Task UpdateBlockDocumentAsync(Guid id, BlockDocumentUpdate update, CancellationToken cancellationToken) =>
        _transport.SendAsync(Patch($"/block_documents/{id}", update, Json.BlockDocumentUpdate), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteBlockDocumentAsync(Guid id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(Delete($"/block_documents/{id}"), cancellationToken);

    private static string Including(bool secrets) => secrets ? "?include_secrets=true" : "";
}

using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>Named blocks and variables.</summary>
internal sealed partial class EmbeddedStore
{
    public Task<BlockType?> FindBlockTypeAsync(string slug, CancellationToken cancellationToken) => Read(scope => BlockTypes.Find(scope, slug), cancellationToken);

    public Task<IReadOnlyList<BlockType>> ListBlockTypesAsync(BlockTypesQuery query, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<BlockType>>(scope => BlockTypes.List(scope, query), cancellationToken);

    public Task<BlockType> CreateBlockTypeAsync(BlockTypeCreate blockType, CancellationToken cancellationToken) =>
        Write(scope => BlockTypes.Create(scope, blockType), cancellationToken);

    public Task UpdateBlockTypeAsync(Guid id, BlockTypeUpdate update, CancellationToken cancellationToken) =>
        Write(scope => BlockTypes.Update(scope, id, update), cancellationToken);

    public Task<bool> DeleteBlockTypeAsync(Guid id, CancellationToken cancellationToken) => Write(scope => BlockTypes.Delete(scope, id), cancellationToken);

    public Task<BlockSchema> EnsureBlockSchemaAsync(BlockSchemaCreate schema, CancellationToken cancellationToken) =>
        Write(scope => BlockSchemas.Ensure(scope, schema), cancellationToken);

    public Task<IReadOnlyList<BlockSchema>> ListBlockSchemasAsync(BlockSchemasQuery query, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<BlockSchema>>(scope => BlockSchemas.List(scope, query), cancellationToken);

    public Task<BlockSchema?> FindBlockSchemaAsync(string checksum, string? version, CancellationToken cancellationToken) =>
        Read(scope => BlockSchemas.Find(scope, checksum, version), cancellationToken);

    public Task<BlockDocument> CreateBlockDocumentAsync(BlockDocumentCreate document, CancellationToken cancellationToken) =>
        Write(scope => BlockDocuments.Create(scope, _cipher, document), cancellationToken);

    public Task<BlockDocument?> ReadBlockDocumentAsync(Guid id, bool includeSecrets, CancellationToken cancellationToken) =>
        Read(scope => BlockDocuments.Read(scope, _cipher, id, includeSecrets), cancellationToken);

    public Task<BlockDocument?> FindBlockDocumentAsync(string typeSlug, string name, bool includeSecrets, CancellationToken cancellationToken) =>
        Read(scope => BlockDocuments.Find(scope, _cipher, typeSlug, name, includeSecrets), cancellationToken);

    public Task<IReadOnlyList<BlockDocument>> ListBlockDocumentsAsync(BlockDocumentsQuery query, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<BlockDocument>>(scope => BlockDocuments.List(scope, _cipher, query), cancellationToken);

    public Task UpdateBlockDocumentAsync(Guid id, BlockDocumentUpdate update, CancellationToken cancellationToken) =>
        Write(scope => BlockDocuments.Update(scope, _cipher, id, update), cancellationToken);

    public Task<bool> DeleteBlockDocumentAsync(Guid id, CancellationToken cancellationToken) => Write(scope => BlockDocuments.Delete(scope, id), cancellationToken);

    public Task<Variable> CreateVariableAsync(VariableCreate variable, CancellationToken cancellationToken) =>
        Write(scope => Variables.Create(scope, variable), cancellationToken);

    public Task<Variable?> ReadVariableAsync(Guid id, CancellationToken cancellationToken) => Read(scope => Variables.Read(scope, id), cancellationToken);

    public Task<Variable?> FindVariableAsync(string name, CancellationToken cancellationToken) => Read(scope => Variables.Find(scope, name), cancellationToken);

    public Task<IReadOnlyList<Variable>> ListVariablesAsync(VariablesQuery query, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<Variable>>(scope => Variables.List(scope, query), cancellationToken);

    public Task UpdateVariableAsync(Guid id, VariableUpdate update, CancellationToken cancellationToken) =>
        Write(scope => Variables.Update(scope, id, update), cancellationToken);

    public Task<bool> DeleteVariableAsync(Guid id, CancellationToken cancellationToken) => Write(scope => Variables.Delete(scope, id), cancellationToken);
}

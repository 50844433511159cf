using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Store;

internal static class BlockSchemas
{
    /// <summary>Prefect's version of a schema that names none.</summary>
    private const string NoVersion = "non-versioned";

    private static readonly Sql _select = Sql.Raw("SELECT s.id, s.created, s.updated, s.block_type_id, s.checksum, s.fields, s.capabilities, s.version FROM block_schema s");

    public static BlockSchema? Read(Scope scope, Guid id) => Typed(scope, scope.Db.Find($"{_select} WHERE s.id = {id}", From));

    public static BlockSchema? Find(Scope scope, string checksum, string? version) => Typed(scope, scope.Db.Find(
        $"{_select} WHERE s.checksum = {checksum} AND ({version} IS NULL OR s.version = {version}) ORDER BY s.created DESC, s.id DESC LIMIT 1", From));

    public static List<BlockSchema> List(Scope scope, BlockSchemasQuery query)
    {
        (int limit, int offset) = Refuse.BadPage(query.Limit, query.Offset);
        List<BlockSchema> found = scope.Db.Query(
            $"{_select} WHERE {Filters.BlockSchema(query.BlockSchemas)} ORDER BY s.created DESC, s.id DESC LIMIT {limit} OFFSET {offset}", From);
        return found.ConvertAll(schema => Typed(scope, schema)!);
    }

    /// <summary>Prefect answers what has the same fields and version, and creates it otherwise.</summary>
    public static BlockSchema Ensure(Scope scope, BlockSchemaCreate schema)
    {
        BlockType type = BlockTypes.Read(scope, schema.BlockTypeId) ?? throw Refuse.NotFound($"Block type {schema.BlockTypeId} not found.");
        if (schema.Fields.ValueKind is not (JsonValueKind.Object or JsonValueKind.Undefined))
            throw Refuse.Invalid("body.fields", "Input should be a valid dictionary");
        JsonElement fields = schema.Fields.ValueKind == JsonValueKind.Object ? schema.Fields : JsonElement.Parse("{}");
        string checksum = BlockChecksum.Of(fields), version = schema.Version ?? NoVersion;
        if (Find(scope, checksum, version) is { } existing)
            return existing;
        Guid id = scope.NewId();
        scope.Db.Execute($"""
            INSERT INTO block_schema (id, created, updated, block_type_id, checksum, fields, capabilities, version)
            VALUES ({id}, {scope.Now}, {scope.Now}, {type.Id}, {checksum}, {fields.GetRawText()}, {Columns.List(schema.Capabilities)}, {version})
            """);
        return Read(scope, id)!;
    }

    private static BlockSchema? Typed(Scope scope, BlockSchema? schema) => schema is null ? null : schema with { BlockType = BlockTypes.Read(scope, schema.BlockTypeId!.Value) };

    private static BlockSchema From(Row row) => new()
    {
        Id = row.Id(),
        Created = row.Time(),
        Updated = row.Time(),
        BlockTypeId = row.Id(),
        Checksum = row.Text(),
        Fields = Columns.Parse(row.Text()),
        Capabilities = row.List(),
        Version = row.Text(),
    };
}

using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>Named blocks. Their values are encrypted as a whole; an answer masks those that the schema calls secret.</summary>
internal static class BlockDocuments
{
    private const string Missing = "Block document not found";

    /// <summary>How deep blocks may refer to others.</summary>
    private const int Depth = 8;

    private static readonly JsonElement _mask = JsonElement.Parse($"\"{BlockDocument.Mask}\"");

    private static readonly Sql _select = Sql.Raw("""
        SELECT b.id, b.created, b.updated, b.block_type_id, b.block_schema_id, b.name, b.is_anonymous, b.data, t.name
        FROM block_document b JOIN block_type t ON t.id = b.block_type_id
        """);

    public static BlockDocument? Read(Scope scope, BlockCipher cipher, Guid id, bool includeSecrets) =>
        Open(scope, cipher, scope.Db.Find($"{_select} WHERE b.id = {id}", From), includeSecrets);

    public static BlockDocument? Find(Scope scope, BlockCipher cipher, string typeSlug, string name, bool includeSecrets) =>
        Open(scope, cipher, scope.Db.Find($"{_select} WHERE t.slug = {typeSlug} AND b.name = {name}", From), includeSecrets);

    public static List<BlockDocument> List(Scope scope, BlockCipher cipher, BlockDocumentsQuery query)
    {
        (int limit, int offset) = Refuse.BadPage(query.Limit, query.Offset);
        Sql where = Filters.OfBlockDocuments(query);
        List<Stored> found = scope.Db.Query($"{_select} WHERE {where} ORDER BY b.name, t.name LIMIT {limit} OFFSET {offset}", From);
        return found.ConvertAll(stored => Open(scope, cipher, stored, query.IncludeSecrets == true)!);
    }

    public static BlockDocument Create(Scope scope, BlockCipher cipher, BlockDocumentCreate create)
    {
        BlockType type = BlockTypes.Read(scope, create.BlockTypeId) ?? throw Refuse.NotFound($"Block type {create.BlockTypeId} not found.");
        BlockSchema schema = SchemaOf(scope, create.BlockSchemaId, type.Id);
        Guid id = scope.NewId();
        string name = create.Name ?? (create.IsAnonymous == true ? $"anonymous-{id}" : throw Refuse.Invalid("body.name", "Names must be provided for block documents."));
        Refuse.BadSlug(name, "body.name", "name of a block");
        CheckReferences(scope, create.Data);
        if (scope.Db.Exists($"SELECT 1 FROM block_document WHERE block_type_id = {type.Id} AND name = {name}"))
            throw Refuse.Conflict("Block already exists");
        byte[] data = cipher.Encrypt(scope, id, create.Data ?? new Dictionary<string, JsonElement>());
        scope.Db.Execute($"""
            INSERT INTO block_document (id, created, updated, block_type_id, block_schema_id, name, data, is_anonymous)
            VALUES ({id}, {scope.Now}, {scope.Now}, {type.Id}, {schema.Id}, {name}, {data}, {create.IsAnonymous ?? false})
            """);
        return Read(scope, cipher, id, includeSecrets: false)!;
    }

    public static void Update(Scope scope, BlockCipher cipher, Guid id, BlockDocumentUpdate update)
    {
        Stored stored = scope.Db.Find($"{_select} WHERE b.id = {id}", From) ?? throw Refuse.NotFound(Missing);
        BlockDocument document = stored.Document;
        BlockSchema schema = SchemaOf(scope, update.BlockSchemaId ?? document.BlockSchemaId, document.BlockTypeId);
        CheckReferences(scope, update.Data);
        IReadOnlyDictionary<string, JsonElement>? old = cipher.Decrypt(id, stored.Data);
        if (old is null && update.MergeExistingData != false)
            throw cipher.Unreadable(document.Name!);
        old ??= new Dictionary<string, JsonElement>();
        var data = new Dictionary<string, JsonElement>(update.MergeExistingData == false ? [] : old);
        // The masks that it may hold are those that were shown, which the schema decided that it has until now.
        HashSet<string> secrets = [.. SecretsOf(schema), .. SecretsOf(SchemaOf(scope, document.BlockSchemaId, document.BlockTypeId))];
        foreach ((string field, JsonElement value) in update.Data ?? new Dictionary<string, JsonElement>())
        {
            if (Unmask(value, old.TryGetValue(field, out JsonElement kept) ? kept : default, field, secrets) is { } unmasked)
                data[field] = unmasked;
        }
        scope.Db.Execute($"UPDATE block_document SET updated = {scope.Now}, block_schema_id = {schema.Id}, data = {cipher.Encrypt(scope, id, data)} WHERE id = {id}");
    }

    public static bool Delete(Scope scope, Guid id) => scope.Db.Execute($"DELETE FROM block_document WHERE id = {id}") > 0;

    private static BlockSchema SchemaOf(Scope scope, Guid id, Guid typeId)
    {
        BlockSchema schema = BlockSchemas.Read(scope, id) ?? throw Refuse.NotFound($"Block schema {id} not found.");
        return schema.BlockTypeId == typeId ? schema : throw Refuse.Invalid("body.block_schema_id", "Must migrate block document to a block schema of the same block type.");
    }

    private static BlockDocument? Open(Scope scope, BlockCipher cipher, Stored? stored, bool includeSecrets, params ReadOnlySpan<Guid> above)
    {
        if (stored is null)
            return null;
        BlockDocument document = stored.Document;
        BlockSchema schema = BlockSchemas.Read(scope, document.BlockSchemaId)!;
        document = document with { BlockSchema = schema, BlockType = schema.BlockType };
        // Whoever wants no secret can do without the values too, and so delete a block whose key is lost.
        if (cipher.Decrypt(document.Id, stored.Data) is not { } data)
            return includeSecrets ? throw cipher.Unreadable($"{schema.BlockType!.Slug}/{document.Name}") : document;
        document = document with { Data = includeSecrets ? data : Masked(data, SecretsOf(schema)) };
        return data.Values.Any(value => ReferenceIn(value) is not null) ? WithReferences(scope, cipher, document, includeSecrets, [.. above, document.Id]) : document;
    }

    /// <summary>Puts the values of other blocks where the document refers to them, as Prefect does; what leads nowhere, or back, is left out.</summary>
    private static BlockDocument WithReferences(Scope scope, BlockCipher cipher, BlockDocument document, bool includeSecrets, Guid[] path)
    {
        var data = new Dictionary<string, JsonElement>(document.Data);
        var references = new Dictionary<string, JsonElement>();
        foreach ((string field, JsonElement value) in document.Data)
        {
            if (ReferenceIn(value) is not { } id)
                continue;
            Stored? inner = path.Length <= Depth && !path.Contains(id) ? scope.Db.Find($"{_select} WHERE b.id = {id}", From) : null;
            if (Open(scope, cipher, inner, includeSecrets, path) is not { } referred)
            {
                data.Remove(field);
                continue;
            }
            data[field] = JsonSerializer.SerializeToElement(referred.Data, Columns.Type<IReadOnlyDictionary<string, JsonElement>>());
            JsonElement told = JsonSerializer.SerializeToElement(
                new()
                {
                    ["id"] = JsonElement.Parse($"\"{referred.Id}\""),
                    ["name"] = JsonElement.Parse($"\"{referred.Name}\""),
                    ["block_type"] = JsonSerializer.SerializeToElement(referred.BlockType!, Columns.Type<BlockType>()),
                    ["is_anonymous"] = JsonElement.Parse(referred.IsAnonymous ? "true" : "false"),
                    ["block_document_references"] = JsonSerializer.SerializeToElement(referred.BlockDocumentReferences, Columns.Type<IReadOnlyDictionary<string, JsonElement>>()),
                },
                Columns.Type<Dictionary<string, JsonElement>>());
            references[field] = JsonSerializer.SerializeToElement(new() { ["block_document"] = told }, Columns.Type<Dictionary<string, JsonElement>>());
        }
        return document with { Data = data, BlockDocumentReferences = references };
    }

    private static void CheckReferences(Scope scope, IReadOnlyDictionary<string, JsonElement>? data)
    {
        foreach ((string field, JsonElement value) in data ?? new Dictionary<string, JsonElement>())
        {
            if (ReferenceIn(value) is { } id && !scope.Db.Exists($"SELECT 1 FROM block_document WHERE id = {id}"))
                throw Refuse.NotFound($"The block document {id} that the field '{field}' refers to does not exist.");
        }
    }

    private static Guid? ReferenceIn(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty("$ref", out JsonElement reference) && reference.ValueKind == JsonValueKind.Object
            && reference.TryGetProperty("block_document_id", out JsonElement id) && id.ValueKind == JsonValueKind.String && id.TryGetGuid(out Guid found) ? found : null;

    private static Dictionary<string, JsonElement> Masked(IReadOnlyDictionary<string, JsonElement> data, HashSet<string> secrets) =>
        data.ToDictionary(field => field.Key, field => Mask(field.Value, field.Key, secrets));

    /// <summary>Prefect names secrets within objects with dots; <c>settings.*</c> is all below.</summary>
    private static JsonElement Mask(JsonElement value, string path, HashSet<string> secrets)
    {
        if (value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
            return value;
        if (IsSecret(path, secrets))
            return _mask;
        if (value.ValueKind != JsonValueKind.Object || !secrets.Any(secret => secret.StartsWith(path + ".", StringComparison.Ordinal)))
            return value;
        return JsonSerializer.SerializeToElement(
            value.EnumerateObject().ToDictionary(member => member.Name, member => Mask(member.Value, $"{path}.{member.Name}", secrets)),
            Columns.Type<Dictionary<string, JsonElement>>());
    }

    /// <summary>Puts the secrets back where a value holds their masks: who sends back what an answer showed means no new secret. Null where there was none.</summary>
    private static JsonElement? Unmask(JsonElement value, JsonElement old, string path, HashSet<string> secrets)
    {
        if (value.ValueKind == JsonValueKind.String && value.ValueEquals(BlockDocument.Mask) && IsSecret(path, secrets))
            return old.ValueKind == JsonValueKind.Undefined ? null : old;
        if (value.ValueKind != JsonValueKind.Object)
            return value;
        var members = new Dictionary<string, JsonElement>();
        foreach (JsonProperty member in value.EnumerateObject())
        {
            JsonElement before = old.ValueKind == JsonValueKind.Object && old.TryGetProperty(member.Name, out JsonElement found) ? found : default;
            if (Unmask(member.Value, before, $"{path}.{member.Name}", secrets) is { } unmasked)
                members[member.Name] = unmasked;
        }
        return JsonSerializer.SerializeToElement(members, Columns.Type<Dictionary<string, JsonElement>>());
    }

    private static bool IsSecret(string path, HashSet<string> secrets) =>
        secrets.Contains(path) || secrets.Any(secret => secret.EndsWith(".*", StringComparison.Ordinal) && path.StartsWith(secret[..^1], StringComparison.Ordinal));

    private static HashSet<string> SecretsOf(BlockSchema schema) =>
        schema.Fields.ValueKind == JsonValueKind.Object && schema.Fields.TryGetProperty("secret_fields", out JsonElement names) && names.ValueKind == JsonValueKind.Array
            ? [.. names.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!)]
            : [];

    private static Stored From(Row row)
    {
        var document = new BlockDocument
        {
            Id = row.Id(),
            Created = row.Time(),
            Updated = row.Time(),
            BlockTypeId = row.Id(),
            BlockSchemaId = row.Id(),
            Name = row.Text(),
            IsAnonymous = row.Flag(),
        };
        byte[] data = row.Bytes();
        return new(document with { BlockTypeName = row.Text() }, data);
    }

    private sealed record Stored(BlockDocument Document, byte[] Data);
}

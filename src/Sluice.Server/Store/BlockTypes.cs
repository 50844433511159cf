using Sluice.Orchestration;

namespace Sluice.Server.Store;

internal static class BlockTypes
{
    private static readonly Sql _select = Sql.Raw("SELECT t.id, t.created, t.updated, t.name, t.slug, t.logo_url, t.documentation_url, t.description, t.code_example FROM block_type t");

    public static BlockType? Read(Scope scope, Guid id) => scope.Db.Find($"{_select} WHERE t.id = {id}", From);

    public static BlockType? Find(Scope scope, string slug) => scope.Db.Find($"{_select} WHERE t.slug = {slug}", From);

    public static List<BlockType> List(Scope scope, BlockTypesQuery query)
    {
        (int limit, int offset) = Refuse.BadPage(query.Limit, query.Offset);
        return scope.Db.Query($"{_select} WHERE {Filters.BlockType(query.BlockTypes)} ORDER BY t.name LIMIT {limit} OFFSET {offset}", From);
    }

    public static BlockType Create(Scope scope, BlockTypeCreate type)
    {
        Refuse.BadName(type.Name, "block type");
        Refuse.BadSlug(type.Slug, "body.slug", "slug of a block type");
        if (type.Name.StartsWith("prefect", StringComparison.OrdinalIgnoreCase))
            throw Refuse.Forbidden("Block type names beginning with 'Prefect' are reserved.");
        if (scope.Db.Exists($"SELECT 1 FROM block_type WHERE name = {type.Name} OR slug = {type.Slug}"))
            throw Refuse.Conflict($"Block type with name \"{type.Name}\" already exists");
        Guid id = scope.NewId();
        scope.Db.Execute($"""
            INSERT INTO block_type (id, created, updated, name, slug, logo_url, documentation_url, description, code_example)
            VALUES ({id}, {scope.Now}, {scope.Now}, {type.Name}, {type.Slug}, {type.LogoUrl}, {type.DocumentationUrl}, {type.Description}, {type.CodeExample})
            """);
        return Read(scope, id)!;
    }

    public static void Update(Scope scope, Guid id, BlockTypeUpdate update)
    {
        int changed = scope.Db.Execute($"""
            UPDATE block_type SET updated = {scope.Now}, logo_url = COALESCE({update.LogoUrl}, logo_url), documentation_url = COALESCE({update.DocumentationUrl}, documentation_url),
                description = COALESCE({update.Description}, description), code_example = COALESCE({update.CodeExample}, code_example)
            WHERE id = {id}
            """);
        if (changed == 0)
            throw Refuse.NotFound("Block type not found");
    }

    public static bool Delete(Scope scope, Guid id) => scope.Db.Execute($"DELETE FROM block_type WHERE id = {id}") > 0;

    private static BlockType From(Row row) => new()
    {
        Id = row.Id(),
        Created = row.Time(),
        Updated = row.Time(),
        Name = row.Text(),
        Slug = row.Text(),
        LogoUrl = row.TextOrNull(),
        DocumentationUrl = row.TextOrNull(),
        Description = row.TextOrNull(),
        CodeExample = row.TextOrNull(),
    };
}

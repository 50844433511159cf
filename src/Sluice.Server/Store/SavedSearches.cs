using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>A search that Prefect's user interface keeps.</summary>
internal sealed record SavedSearch
{
    public required Guid Id { get; init; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset Updated { get; init; }

    public required string Name { get; init; }

    public required JsonElement Filters { get; init; }
}

/// <summary>The body that creates a saved search, or replaces the one of that name.</summary>
internal sealed record SavedSearchCreate
{
    public required string Name { get; init; }

    public IReadOnlyList<SavedSearchFilter>? Filters { get; init; }
}

/// <summary>One condition of a saved search: only the user interface knows what it means.</summary>
internal sealed record SavedSearchFilter
{
    public required string Object { get; init; }

    public required string Property { get; init; }

    public required string Type { get; init; }

    public required string Operation { get; init; }

    public JsonElement? Value { get; init; }
}

/// <summary>Saved searches as rows.</summary>
internal static class SavedSearches
{
    private static readonly Sql _select = Sql.Raw("SELECT v.id, v.created, v.updated, v.name, v.filters FROM saved_search v");

    public static SavedSearch? Read(Scope scope, Guid id) => scope.Db.Find($"{_select} WHERE v.id = {id}", From);

    public static List<SavedSearch> List(Scope scope, Http.Everything page)
    {
        (int limit, int offset) = Refuse.BadPage(page.Limit, page.Offset);
        return scope.Db.Query($"{_select} ORDER BY v.name LIMIT {limit} OFFSET {offset}", From);
    }

    public static SavedSearch Put(Scope scope, SavedSearchCreate body)
    {
        string filters = JsonSerializer.Serialize(body.Filters ?? [], Http.ServerJson.Default.IReadOnlyListSavedSearchFilter);
        scope.Db.Execute($"""
            INSERT INTO saved_search (id, created, updated, name, filters) VALUES ({scope.NewId()}, {scope.Now}, {scope.Now}, {body.Name}, {filters})
            ON CONFLICT (name) DO UPDATE SET updated = excluded.updated, filters = excluded.filters
            """);
        return scope.Db.Find($"{_select} WHERE v.name = {body.Name}", From)!;
    }

    public static bool Delete(Scope scope, Guid id) => scope.Db.Execute($"DELETE FROM saved_search WHERE id = {id}") > 0;

    private static SavedSearch From(Row row) => new() { Id = row.Id(), Created = row.Time(), Updated = row.Time(), Name = row.Text(), Filters = Columns.Parse(row.Text()) };
}

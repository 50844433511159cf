using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Store;

internal static class Flows
{
    private static readonly Sql _select = Sql.Raw("SELECT f.id, f.created, f.updated, f.name, f.tags, f.labels FROM flow f");

    public static Flow? Read(Scope scope, Guid id) => scope.Db.Find($"{_select} WHERE f.id = {id}", From);

    public static Flow? Find(Scope scope, string name) => scope.Db.Find($"{_select} WHERE f.name = {name}", From);

    public static List<Flow> List(Scope scope, FlowsQuery query)
    {
        (int limit, int offset) = Refuse.BadPage(query.Limit, query.Offset);
        Sql order = Sql.Raw(query.Sort switch
        {
            null or "NAME_ASC" => "f.name",
            "NAME_DESC" => "f.name DESC",
            "CREATED_DESC" => "f.created DESC, f.id DESC",
            "UPDATED_DESC" => "f.updated DESC, f.id DESC",
            { } sort => throw Refuse.Sort(sort, "NAME_ASC, NAME_DESC, CREATED_DESC, UPDATED_DESC"),
        });
        return scope.Db.Query($"{_select} WHERE {Filters.OfFlows(query)} ORDER BY {order} LIMIT {limit} OFFSET {offset}", From);
    }

    /// <summary>Prefect never changes an existing flow here, its tags neither.</summary>
    public static Flow Ensure(Scope scope, FlowCreate flow)
    {
        Refuse.BadName(flow.Name, "flow");
        if (Find(scope, flow.Name) is { } existing)
            return existing;
        var created = new Flow
        {
            Id = scope.NewId(),
            Created = scope.Now,
            Updated = scope.Now,
            Name = flow.Name,
            Tags = flow.Tags ?? [],
            Labels = flow.Labels ?? new Dictionary<string, JsonElement>(),
        };
        scope.Db.Execute($"""
            INSERT INTO flow (id, created, updated, name, tags, labels)
            VALUES ({created.Id}, {scope.Now}, {scope.Now}, {created.Name}, {Columns.List(created.Tags)}, {Columns.Map(created.Labels)})
            """);
        return created;
    }

    public static void Update(Scope scope, Guid id, FlowUpdate update)
    {
        if (Read(scope, id) is not { } flow)
            throw Refuse.NotFound("Flow not found");
        scope.Db.Execute($"UPDATE flow SET updated = {scope.Now}, tags = {Columns.List(update.Tags ?? flow.Tags)} WHERE id = {id}");
    }

    public static bool Delete(Scope scope, Guid id) => scope.Db.Execute($"DELETE FROM flow WHERE id = {id}") > 0;

    private static Flow From(Row row) => new()
    {
        Id = row.Id(),
        Created = row.Time(),
        Updated = row.Time(),
        Name = row.Text(),
        Tags = row.List(),
        Labels = row.Map(),
    };
}

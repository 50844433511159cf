using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>What people or programs send to a flow run while it runs or waits.</summary>
internal sealed record FlowRunInput
{
    public required Guid Id { get; init; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset Updated { get; init; }

    public required Guid FlowRunId { get; init; }

    public required string Key { get; init; }

    public required string Value { get; init; }

    public string? Sender { get; init; }
}

/// <summary>The body that creates an input.</summary>
internal sealed record FlowRunInputCreate
{
    public required string Key { get; init; }

    public required string Value { get; init; }

    public string? Sender { get; init; }
}

/// <summary>The body of <c>/flow_runs/{id}/input/filter</c>.</summary>
internal sealed record FlowRunInputsQuery
{
    public required string Prefix { get; init; }

    public int? Limit { get; init; }

    public IReadOnlyList<string>? ExcludeKeys { get; init; }
}

/// <summary>Inputs of flow runs as rows.</summary>
internal static class FlowRunInputs
{
    private static readonly Sql _select = Sql.Raw("SELECT i.id, i.created, i.updated, i.flow_run_id, i.key, i.value, i.sender FROM flow_run_input i");

    public static FlowRunInput? Find(Scope scope, Guid flowRunId, string key) => scope.Db.Find($"{_select} WHERE i.flow_run_id = {flowRunId} AND i.key = {key}", From);

    /// <summary>Oldest first; one where no limit is given.</summary>
    public static List<FlowRunInput> List(Scope scope, Guid flowRunId, FlowRunInputsQuery query)
    {
        (int limit, _) = Refuse.BadPage(query.Limit ?? 1, null);
        return scope.Db.Query($"""
            {_select} WHERE i.flow_run_id = {flowRunId} AND substr(i.key, 1, length({query.Prefix})) = {query.Prefix} AND i.key NOT IN ({Excluded(query)})
            ORDER BY i.id LIMIT {limit}
            """, From);
    }

    public static void Create(Scope scope, Guid flowRunId, FlowRunInputCreate input)
    {
        if (!scope.Db.Exists($"SELECT 1 FROM flow_run WHERE id = {flowRunId}"))
            throw Refuse.NotFound("Flow run not found");
        if (Find(scope, flowRunId, input.Key) is not null)
            throw Refuse.Conflict("A flow run input with this key already exists.");
        scope.Db.Execute($"""
            INSERT INTO flow_run_input (id, created, updated, flow_run_id, key, value, sender)
            VALUES ({scope.NewId()}, {scope.Now}, {scope.Now}, {flowRunId}, {input.Key}, {input.Value}, {input.Sender})
            """);
    }

    public static bool Delete(Scope scope, Guid flowRunId, string key) => scope.Db.Execute($"DELETE FROM flow_run_input WHERE flow_run_id = {flowRunId} AND key = {key}") > 0;

    /// <summary>An empty list excludes nothing; <see cref="Sql.List"/> would make it a NULL that excludes all.</summary>
    private static Sql Excluded(FlowRunInputsQuery query) => query.ExcludeKeys is { Count: > 0 } keys ? Sql.List(keys) : Sql.Raw("SELECT 0 WHERE 0");

    private static FlowRunInput From(Row row) => new()
    {
        Id = row.Id(),
        Created = row.Time(),
        Updated = row.Time(),
        FlowRunId = row.Id(),
        Key = row.Text(),
        Value = row.Text(),
        Sender = row.TextOrNull(),
    };
}

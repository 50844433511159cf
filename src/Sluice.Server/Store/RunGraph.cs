using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Server.Tasks;

namespace Sluice.Server.Store;

/// <summary>What a flow run consists of, as Prefect's user interface draws it.</summary>
internal sealed record Graph
{
    public DateTimeOffset? StartTime { get; init; }

    public DateTimeOffset? EndTime { get; init; }

    public required IReadOnlyList<Guid> RootNodeIds { get; init; }

    /// <summary>Pairs of an id and a node.</summary>
    public required IReadOnlyList<JsonElement> Nodes { get; init; }

    public required IReadOnlyList<GraphArtifact> Artifacts { get; init; }

    public required IReadOnlyList<GraphState> States { get; init; }
}

/// <summary>A task run, or the flow run that it stands for.</summary>
internal sealed record GraphNode
{
    public required string Kind { get; init; }

    public required Guid Id { get; init; }

    public required string Label { get; init; }

    public StateType? StateType { get; init; }

    public DateTimeOffset? StartTime { get; init; }

    public DateTimeOffset? EndTime { get; init; }

    public required IReadOnlyList<GraphEdge> Parents { get; init; }

    public required IReadOnlyList<GraphEdge> Children { get; init; }

    public required IReadOnlyList<GraphEdge> Encapsulating { get; init; }

    public required IReadOnlyList<GraphArtifact> Artifacts { get; init; }
}

/// <summary>The other end of an edge.</summary>
internal sealed record GraphEdge(Guid Id);

/// <summary>An artifact in a graph.</summary>
internal sealed record GraphArtifact
{
    public required Guid Id { get; init; }

    public required DateTimeOffset? Created { get; init; }

    public required string? Key { get; init; }

    public required string? Type { get; init; }

    public required bool IsLatest { get; init; }

    /// <summary>Only that of a progress.</summary>
    public required JsonElement? Data { get; init; }
}

/// <summary>A state in a graph.</summary>
internal sealed record GraphState
{
    public required Guid Id { get; init; }

    public required DateTimeOffset Timestamp { get; init; }

    public required StateType Type { get; init; }

    public required string? Name { get; init; }
}

/// <summary>Builds graphs from task runs, their inputs and the flow runs they started.</summary>
internal static class RunGraph
{
    /// <summary>Prefect's limits.</summary>
    private const int MostNodes = 10_000;
    private const int MostArtifacts = 10_000;

    public static Graph Of(Scope scope, Guid flowRunId, DateTimeOffset since)
    {
        FlowRun run = FlowRuns.Get(scope, flowRunId);
        List<TaskRun> tasks = TaskRuns.Query(scope, $"WHERE t.flow_run_id = {flowRunId} ORDER BY COALESCE(t.start_time, t.expected_start_time), t.id LIMIT {MostNodes + 1}");
        if (tasks.Count > MostNodes)
            throw new OrchestrationException(OrchestrationErrorKind.Invalid, $"The graph of flow run {flowRunId} has more than {MostNodes} nodes.");
        var subflows = scope.Db.Query($"""
            SELECT s.parent_task_run_id, s.id, f.name || ' / ' || s.name, s.state_type, COALESCE(s.start_time, s.expected_start_time), s.end_time
            FROM flow_run s JOIN flow f ON f.id = s.flow_id WHERE s.parent_task_run_id IN (SELECT id FROM task_run WHERE flow_run_id = {flowRunId})
            """, row => (Task: row.Id(), Id: row.Id(), Label: row.Text(), State: row.TextOrNull(), Start: row.TimeOrNull(), End: row.TimeOrNull()))
            .GroupBy(subflow => subflow.Task).ToDictionary(group => group.Key, group => group.First());
        Guid Node(Guid task) => subflows.TryGetValue(task, out var subflow) ? subflow.Id : task;

        var known = tasks.Select(task => task.Id).ToHashSet();
        var inputs = tasks.ToDictionary(task => task.Id, task => Inputs(task).Where(input => known.Contains(input.Task)).ToList());
        var children = inputs.SelectMany(task => task.Value.Where(input => !input.Encapsulates).Select(input => (Parent: input.Task, Child: task.Key)))
            .ToLookup(edge => edge.Parent, edge => Node(edge.Child));
        ILookup<Guid?, GraphArtifact> artifacts = Artifacts(scope, flowRunId);

        var nodes = new List<JsonElement>();
        var roots = new List<Guid>();
        foreach (TaskRun task in tasks)
        {
            bool isSubflow = subflows.TryGetValue(task.Id, out var subflow);
            GraphEdge[] parents = [.. inputs[task.Id].Where(input => !input.Encapsulates).Select(input => Node(input.Task)).Distinct().Select(id => new GraphEdge(id))];
            DateTimeOffset? end = (isSubflow ? subflow.End : null) ?? task.EndTime ?? (task.StateType == StateType.Completed ? task.ExpectedStartTime : null);
            if (end <= since)
                continue;
            if (parents.Length == 0)
                roots.Add(Node(task.Id));
            GraphNode node = new()
            {
                Kind = isSubflow ? "flow-run" : "task-run",
                Id = Node(task.Id),
                Label = isSubflow ? subflow.Label : task.Name,
                StateType = isSubflow && subflow.State is { } state ? Columns.State(state) : task.StateType,
                StartTime = (isSubflow ? subflow.Start : null) ?? task.StartTime ?? task.ExpectedStartTime,
                EndTime = end,
                Parents = parents,
                Children = [.. children[task.Id].Distinct().Select(id => new GraphEdge(id))],
                Encapsulating = [.. inputs[task.Id].Where(input => input.Encapsulates).Select(input => Node(input.Task)).Distinct().Select(id => new GraphEdge(id))],
                Artifacts = [.. artifacts[task.Id]],
            };
            nodes.Add(Columns.Parse($"[\"{node.Id}\",{JsonSerializer.Serialize(node, Http.WireAnswers.Options.GetTypeInfo(typeof(GraphNode)))}]"));
        }
        return new()
        {
            StartTime = run.StartTime ?? run.ExpectedStartTime,
            EndTime = run.EndTime,
            RootNodeIds = roots,
            Nodes = nodes,
            Artifacts = [.. artifacts[null]],
            States = [.. FlowRunStates.Of(scope, flowRunId).Select(state => new GraphState { Id = state.Id, Timestamp = state.Timestamp, Type = state.Type, Name = state.Name })],
        };
    }

    /// <summary>The task runs whose results a task run took, and those it was called inside of (<c>__parents__</c>).</summary>
    private static IEnumerable<(Guid Task, bool Encapsulates)> Inputs(TaskRun task) =>
        from member in task.TaskInputs
        where member.Value.ValueKind == JsonValueKind.Array
        from input in member.Value.EnumerateArray()
        where input.ValueKind == JsonValueKind.Object && input.TryGetProperty("input_type", out JsonElement type) && type.ValueEquals("task_run")
            && input.TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.String && id.TryGetGuid(out _)
        select (input.GetProperty("id").GetGuid(), member.Key == "__parents__");

    private static ILookup<Guid?, GraphArtifact> Artifacts(Scope scope, Guid flowRunId) => scope.Db.Query($"""
        SELECT a.task_run_id, a.id, a.created, a.key, a.type, a.key IS NULL OR c.latest_id IS NOT NULL, CASE WHEN a.type = 'progress' THEN a.data END
        FROM artifact a LEFT JOIN artifact_collection c ON c.key = a.key AND c.latest_id = a.id
        WHERE a.flow_run_id = {flowRunId} AND a.type <> 'result' ORDER BY a.id LIMIT {MostArtifacts}
        """, row => (Task: row.IdOrNull(), Artifact: new GraphArtifact
    {
        Id = row.Id(),
        Created = row.Time(),
        Key = row.TextOrNull(),
        Type = row.TextOrNull(),
        IsLatest = row.Flag(),
        Data = row.ElementOrNull(),
    })).ToLookup(row => row.Task, row => row.Artifact);
}

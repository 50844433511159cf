using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Server.Store;

namespace Sluice.Server.Tasks;

/// <summary>Task runs as rows.</summary>
internal static class TaskRuns
{
    private const string Sorts = "ID_DESC, EXPECTED_START_TIME_ASC, EXPECTED_START_TIME_DESC, NAME_ASC, NAME_DESC, NEXT_SCHEDULED_START_TIME_ASC, END_TIME_DESC";

    private static readonly Sql _select = Sql.Raw("""
        SELECT t.id, t.created, t.updated, t.name, t.flow_run_id, t.task_key, t.dynamic_key, t.cache_key, t.cache_expiration, t.task_version, t.empirical_policy,
            t.tags, t.labels, t.task_inputs, t.run_count, t.flow_run_run_count, t.expected_start_time, t.next_scheduled_start_time, t.start_time, t.end_time,
            t.total_run_time, s.id, s.type, s.name, s.timestamp, s.message, s.data, s.details
        FROM task_run t LEFT JOIN task_run_state s ON s.seq = t.state_seq
        """);

    public static TaskRun? Read(Scope scope, Guid id) => scope.Db.Find($"{_select} WHERE t.id = {id}", row => From(row, scope.Now));

    public static TaskRun? Find(Scope scope, Guid? flowRunId, string taskKey, string dynamicKey) => scope.Db.Find(
        $"{_select} WHERE t.flow_run_id IS {flowRunId} AND t.task_key = {taskKey} AND t.dynamic_key = {dynamicKey}", row => From(row, scope.Now));

    public static List<TaskRun> List(Scope scope, TaskRunsQuery query)
    {
        (int limit, int offset) = Refuse.BadPage(query.Limit, query.Offset);
        Sql order = Sql.Raw(query.Sort switch
        {
            null or "ID_DESC" => "t.id DESC",
            "EXPECTED_START_TIME_ASC" => "t.expected_start_time, t.id",
            "EXPECTED_START_TIME_DESC" => "t.expected_start_time DESC, t.id DESC",
            "NAME_ASC" => "t.name, t.id",
            "NAME_DESC" => "t.name DESC, t.id DESC",
            "NEXT_SCHEDULED_START_TIME_ASC" => "t.next_scheduled_start_time IS NULL, t.next_scheduled_start_time, t.id",
            "END_TIME_DESC" => "t.end_time DESC, t.id DESC",
            { } sort => throw Refuse.Sort(sort, Sorts),
        });
        return Query(scope, $"WHERE {Filters.OfTaskRuns(query)} ORDER BY {order} LIMIT {limit} OFFSET {offset}");
    }

    /// <summary>Task runs by a condition of our own; alias t.</summary>
    public static List<TaskRun> Query(Scope scope, Sql rest) => scope.Db.Query($"{_select} {rest}", row => From(row, scope.Now));

    public static int Count(Scope scope, TaskRunsQuery query) => (int)scope.Db.Number($"SELECT COUNT(*) FROM task_run t WHERE {Filters.OfTaskRuns(query)}")!;

    public static TaskRun Create(Scope scope, TaskRunCreate create)
    {
        if (Find(scope, create.FlowRunId, create.TaskKey, create.DynamicKey) is { } existing)
        {
            scope.Quietly();
            return existing;
        }
        Guid id = create.Id ?? scope.NewId();
        if (Read(scope, id) is not null)
            throw Refuse.Conflict($"A task run with the id {id} exists already.");
        Insert(scope, new()
        {
            Id = id,
            Name = create.Name ?? RunNames.Next(),
            FlowRunId = create.FlowRunId,
            TaskKey = create.TaskKey,
            DynamicKey = create.DynamicKey,
            CacheKey = create.CacheKey,
            CacheExpiration = create.CacheExpiration,
            TaskVersion = create.TaskVersion,
            EmpiricalPolicy = create.EmpiricalPolicy ?? new(),
            Tags = create.Tags ?? [],
            Labels = Labels(scope, create),
            TaskInputs = create.TaskInputs ?? new Dictionary<string, JsonElement>(),
        });
        TaskRunStates.Set(scope, id, create.State ?? new() { Type = StateType.Pending }, force: true);
        return Read(scope, id)!;
    }

    /// <summary>Writes a task run without a state.</summary>
    public static void Insert(Scope scope, TaskRun run) => scope.Db.Execute($"""
        INSERT INTO task_run (id, created, updated, name, flow_run_id, task_key, dynamic_key, cache_key, cache_expiration, task_version, empirical_policy, tags, labels, task_inputs)
        VALUES ({run.Id}, {scope.Now}, {scope.Now}, {run.Name}, {run.FlowRunId}, {run.TaskKey}, {run.DynamicKey}, {run.CacheKey}, {run.CacheExpiration}, {run.TaskVersion},
            {JsonSerializer.Serialize(run.EmpiricalPolicy, Http.ServerJson.Default.TaskRunPolicy)}, {Columns.List(run.Tags)}, {Columns.Map(run.Labels)}, {Columns.Map(run.TaskInputs)})
        """);

    public static bool Update(Scope scope, Guid id, TaskRunUpdate update) =>
        scope.Db.Execute($"UPDATE task_run SET updated = {scope.Now}, name = COALESCE({update.Name}, name) WHERE id = {id}") > 0;

    public static bool Delete(Scope scope, Guid id) => scope.Db.Execute($"DELETE FROM task_run WHERE id = {id}") > 0;

    /// <summary>Its flow run's labels with the flow run itself, and its own over them.</summary>
    private static IReadOnlyDictionary<string, JsonElement> Labels(Scope scope, TaskRunCreate create)
    {
        IReadOnlyDictionary<string, JsonElement> labels = new Dictionary<string, JsonElement>();
        if (create.FlowRunId is { } id)
            labels = (FlowRuns.Read(scope, id)?.Labels ?? labels).With("prefect.flow-run.id", id);
        return Columns.Over(labels, create.Labels);
    }

    private static TaskRun From(Row row, DateTimeOffset now)
    {
        var run = new TaskRun
        {
            Id = row.Id(),
            Created = row.Time(),
            Updated = row.Time(),
            Name = row.Text(),
            FlowRunId = row.IdOrNull(),
            TaskKey = row.Text(),
            DynamicKey = row.Text(),
            CacheKey = row.TextOrNull(),
            CacheExpiration = row.TimeOrNull(),
            TaskVersion = row.TextOrNull(),
            EmpiricalPolicy = row.Json(Http.ServerJson.Default.TaskRunPolicy),
            Tags = row.List(),
            Labels = row.Map(),
            TaskInputs = row.Map(),
            RunCount = row.Int(),
            FlowRunRunCount = row.Int(),
            ExpectedStartTime = row.TimeOrNull(),
            NextScheduledStartTime = row.TimeOrNull(),
            StartTime = row.TimeOrNull(),
            EndTime = row.TimeOrNull(),
            TotalRunTime = TimeSpan.FromTicks(row.Number()).TotalSeconds,
        };
        if (FlowRunStates.From(row) is not { } state)
            return run;
        double running = state.Type == StateType.Running ? Math.Max(0, (now - state.Timestamp).TotalSeconds) : 0;
        TimeSpan? delta = run.ExpectedStartTime is { } expected ? (run.StartTime ?? (state.Type.IsFinal() ? expected : now)) - expected : null;
        return run with
        {
            State = state,
            StateId = state.Id,
            StateType = state.Type,
            StateName = state.Name,
            EstimatedRunTime = run.TotalRunTime + running,
            EstimatedStartTimeDelta = Math.Max(0, delta?.TotalSeconds ?? 0),
        };
    }
}

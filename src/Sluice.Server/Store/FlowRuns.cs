using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Store;

internal static class FlowRuns
{
    private static readonly Sql _select = Sql.Raw("""
        SELECT r.id, r.created, r.updated, r.name, r.flow_id, r.deployment_id, r.deployment_version, r.work_queue_id, q.name, p.id, p.name,
            r.flow_version, r.parameters, r.idempotency_key, r.context, r.empirical_policy, r.tags, r.labels, r.parent_task_run_id, r.run_count,
            r.expected_start_time, r.next_scheduled_start_time, r.start_time, r.end_time, r.total_run_time, r.auto_scheduled,
            r.infrastructure_pid, r.created_by, r.job_variables, s.id, s.type, s.name, s.timestamp, s.message, s.data, s.details
        FROM flow_run r
            LEFT JOIN work_queue q ON q.id = r.work_queue_id LEFT JOIN work_pool p ON p.id = q.work_pool_id
            LEFT JOIN flow_run_state s ON s.seq = r.state_seq
        """);

    public static FlowRun? Read(Scope scope, Guid id) => scope.Db.Find($"{_select} WHERE r.id = {id}", row => From(row, scope.Now));

    public static FlowRun Get(Scope scope, Guid id) => Read(scope, id) ?? throw Refuse.NotFound($"Flow run with id {id} not found");

    public static FlowRun? FindByKey(Scope scope, Guid flowId, string key) =>
        scope.Db.Find($"{_select} WHERE r.flow_id = {flowId} AND r.idempotency_key = {key}", row => From(row, scope.Now));

    public static List<FlowRun> List(Scope scope, FlowRunsQuery query) => scope.Db.Query(Page(query), row => From(row, scope.Now));

    /// <summary>The query of a page of runs.</summary>
    internal static Sql Page(FlowRunsQuery query)
    {
        (int limit, int offset) = Refuse.BadPage(query.Limit, query.Offset);
        Sql order = Sql.Raw(query.Sort switch
        {
            null or "ID_DESC" => "r.id DESC",
            "START_TIME_ASC" => "COALESCE(r.start_time, r.expected_start_time), r.id",
            "START_TIME_DESC" => "COALESCE(r.start_time, r.expected_start_time) DESC, r.id DESC",
            "EXPECTED_START_TIME_ASC" => "r.expected_start_time, r.id",
            "EXPECTED_START_TIME_DESC" => "r.expected_start_time DESC, r.id DESC",
            "NAME_ASC" => "r.name, r.id",
            "NAME_DESC" => "r.name DESC, r.id DESC",
            "NEXT_SCHEDULED_START_TIME_ASC" => "r.next_scheduled_start_time IS NULL, r.next_scheduled_start_time, r.id",
            "END_TIME_DESC" => "r.end_time DESC, r.id DESC",
            { } sort => throw Refuse.Sort(sort,
                "ID_DESC, START_TIME_ASC, START_TIME_DESC, EXPECTED_START_TIME_ASC, EXPECTED_START_TIME_DESC, NAME_ASC, NAME_DESC, NEXT_SCHEDULED_START_TIME_ASC, END_TIME_DESC"),
        });
        return $"{_select} WHERE {Filters.OfFlowRuns(query)} ORDER BY {order} LIMIT {limit} OFFSET {offset}";
    }

    /// <summary>Runs by a condition of our own; alias r.</summary>
    public static List<FlowRun> Query(Scope scope, Sql rest) => scope.Db.Query($"{_select} {rest}", row => From(row, scope.Now));

    public static int Count(Scope scope, FlowRunsQuery query) => (int)scope.Db.Number($"""
        SELECT COUNT(*) FROM flow_run r LEFT JOIN work_queue q ON q.id = r.work_queue_id LEFT JOIN work_pool p ON p.id = q.work_pool_id
        WHERE {Filters.OfFlowRuns(query)}
        """)!;

    public static FlowRun Create(Scope scope, Guid deploymentId, DeploymentRunCreate body)
    {
        Deployment deployment = Deployments.Get(scope, deploymentId);
        if (body.IdempotencyKey is { } key && FindByKey(scope, deployment.FlowId, key) is { } existing)
            return Same(scope, existing);
        IReadOnlyDictionary<string, JsonElement> parameters = Columns.Over(deployment.Parameters, body.Parameters);
        Deployments.CheckSize(parameters);
        parameters = Hydration.Must(scope, parameters, "flow run parameters");
        bool enforce = body.EnforceParameterSchema ?? deployment.EnforceParameterSchema;
        if (enforce && deployment.ParameterOpenapiSchema is { } schema && SchemaChecks.FirstViolation(schema, parameters, ignoreRequired: false) is { } violation)
            throw Refuse.Conflict($"Error creating flow run: {violation}");
        WorkPool? pool = deployment.WorkPoolName is { } name ? WorkPools.Find(scope, name) : null;
        IReadOnlyDictionary<string, JsonElement> variables = Columns.Over(deployment.JobVariables, body.JobVariables);
        SchemaChecks.Check(pool, variables, ignoreRequired: false, "Error creating flow run");
        return Insert(scope, new()
        {
            Id = scope.NewId(),
            Name = body.Name ?? RunNames.Next(),
            FlowId = deployment.FlowId,
            DeploymentId = deployment.Id,
            DeploymentVersion = deployment.Version,
            WorkQueueId = Queue(scope, deployment, pool, body.WorkQueueName),
            Parameters = parameters,
            IdempotencyKey = body.IdempotencyKey,
            Context = body.Context,
            EmpiricalPolicy = body.EmpiricalPolicy ?? new(),
            Tags = Columns.Union(deployment.Tags, body.Tags),
            Labels = Columns.Over(AutoRuns.Labels(deployment), body.Labels),
            ParentTaskRunId = body.ParentTaskRunId,
            JobVariables = body.JobVariables,
        }, body.State ?? new() { Type = StateType.Scheduled });
    }

    public static FlowRun Create(Scope scope, FlowRunCreate body)
    {
        Flow flow = Flows.Read(scope, body.FlowId) ?? throw Refuse.NotFound($"Flow not found: {body.FlowId}.");
        if (body.IdempotencyKey is { } key && FindByKey(scope, flow.Id, key) is { } existing)
            return Same(scope, existing);
        Deployment? deployment = body.DeploymentId is { } id ? Deployments.Get(scope, id) : null;
        IReadOnlyDictionary<string, JsonElement> labels = deployment is null ? flow.Labels.With("prefect.flow.id", flow.Id) : AutoRuns.Labels(deployment);
        WorkPool? pool = body.WorkPoolName is { } poolName ? WorkPools.Get(scope, poolName)
            : body.WorkQueueName is null ? null : WorkPools.Get(scope, WorkPools.DefaultAgentPool);
        Deployments.CheckSize(body.Parameters ?? new Dictionary<string, JsonElement>());
        return Insert(scope, new()
        {
            Id = scope.NewId(),
            Name = body.Name ?? RunNames.Next(),
            FlowId = flow.Id,
            DeploymentId = deployment?.Id,
            DeploymentVersion = deployment?.Version,
            WorkQueueId = pool is null ? deployment?.WorkQueueId : WorkQueues.Ensure(scope, pool, body.WorkQueueName ?? "default"),
            FlowVersion = body.FlowVersion,
            Parameters = body.Parameters ?? new Dictionary<string, JsonElement>(),
            IdempotencyKey = body.IdempotencyKey,
            Context = body.Context,
            EmpiricalPolicy = body.EmpiricalPolicy ?? new(),
            Tags = body.Tags ?? [],
            Labels = Columns.Over(labels, body.Labels),
            ParentTaskRunId = body.ParentTaskRunId,
            JobVariables = body.JobVariables,
        }, body.State ?? new() { Type = StateType.Pending });
    }

    /// <summary>Writes a run and its first state. Answers false where a run with its idempotency key exists.</summary>
    public static bool TryInsert(Scope scope, FlowRun run, StateCreate first, Guid? scheduleId)
    {
        int rows = scope.Db.Execute($"""
            INSERT INTO flow_run (id, created, updated, name, flow_id, deployment_id, deployment_version, schedule_id, work_queue_id, flow_version,
                parameters, idempotency_key, context, empirical_policy, retry_type, tags, labels, parent_task_run_id, auto_scheduled, created_by, job_variables)
            VALUES ({run.Id}, {scope.Now}, {scope.Now}, {run.Name}, {run.FlowId}, {run.DeploymentId}, {run.DeploymentVersion}, {scheduleId},
                {run.WorkQueueId}, {run.FlowVersion}, {Columns.Map(run.Parameters)}, {run.IdempotencyKey}, {Columns.Element(run.Context) ?? "{}"},
                {Columns.Write(run.EmpiricalPolicy)}, {run.EmpiricalPolicy.RetryType}, {Columns.List(run.Tags)}, {Columns.Map(run.Labels)},
                {run.ParentTaskRunId}, {run.AutoScheduled}, {Columns.WriteOrNull(run.CreatedBy)}, {Columns.Map(run.JobVariables)})
            ON CONFLICT (flow_id, idempotency_key) DO NOTHING
            """);
        if (rows == 0)
            return false;
        State state = FlowRunStates.Complete(scope, run.Id, first);
        if (scheduleId is not null)
            state = state with { StateDetails = state.StateDetails with { FlowRunId = null } }; // as Prefect's scheduler leaves it
        FlowRunStates.Write(scope, run, state, run.EmpiricalPolicy);
        return true;
    }

    public static void Update(Scope scope, Guid id, FlowRunUpdate update)
    {
        FlowRun run = Get(scope, id);
        FlowRunPolicy policy = run.EmpiricalPolicy;
        if (update.EmpiricalPolicy is { } given)
        {
            policy = policy with
            {
                MaxRetries = given.MaxRetries,
                RetryDelaySeconds = given.RetryDelaySeconds,
                Retries = given.Retries ?? policy.Retries,
                RetryDelay = given.RetryDelay ?? policy.RetryDelay,
                PauseKeys = given.PauseKeys ?? policy.PauseKeys,
                Resuming = given.Resuming ?? policy.Resuming,
                RetryType = given.RetryType ?? policy.RetryType,
            };
        }
        if (update.Parameters is { } parameters)
            Deployments.CheckSize(parameters);
        scope.Db.Execute($"""
            UPDATE flow_run SET updated = {scope.Now}, name = {update.Name ?? run.Name}, flow_version = {update.FlowVersion ?? run.FlowVersion},
                parameters = {Columns.Map(update.Parameters ?? run.Parameters)}, tags = {Columns.List(update.Tags ?? run.Tags)},
                infrastructure_pid = {update.InfrastructurePid ?? run.InfrastructurePid}, job_variables = {Columns.Map(update.JobVariables ?? run.JobVariables)},
                empirical_policy = {Columns.Write(policy)}, retry_type = {policy.RetryType}
            WHERE id = {id}
            """);
    }

    public static void UpdateLabels(Scope scope, Guid id, IReadOnlyDictionary<string, JsonElement> labels)
    {
        if (Read(scope, id) is not { } run)
            throw Refuse.NotFound("Flow run not found");
        scope.Db.Execute($"UPDATE flow_run SET updated = {scope.Now}, labels = {Columns.Map(Columns.Over(run.Labels, labels))} WHERE id = {id}");
    }

    public static bool Delete(Scope scope, Guid id) => scope.Db.Execute($"DELETE FROM flow_run WHERE id = {id}") > 0;

    /// <summary>A run that somebody asked for: Prefect has an event for its first state, but none for the runs that a schedule makes ahead.</summary>
    private static FlowRun Insert(Scope scope, FlowRun run, StateCreate first)
    {
        if (!TryInsert(scope, run, first, scheduleId: null))
            throw Refuse.Conflict($"A run with the idempotency key \"{run.IdempotencyKey}\" exists already.");
        FlowRun made = Get(scope, run.Id);
        RunEvents.Changed(scope, run, made.State!);
        return made;
    }

    private static FlowRun Same(Scope scope, FlowRun existing)
    {
        scope.Quietly();
        return existing;
    }

    private static Guid? Queue(Scope scope, Deployment deployment, WorkPool? pool, string? queueName)
    {
        if (queueName is null || queueName == deployment.WorkQueueName)
            return deployment.WorkQueueId;
        return pool is not null
            ? WorkQueues.Ensure(scope, pool, queueName)
            : throw Refuse.Invalid("body.work_queue_name", $"The deployment \"{deployment.Name}\" has no work pool, so its runs cannot go to the queue \"{queueName}\".");
    }

    private static FlowRun From(Row row, DateTimeOffset now)
    {
        var run = new FlowRun
        {
            Id = row.Id(),
            Created = row.Time(),
            Updated = row.Time(),
            Name = row.Text(),
            FlowId = row.Id(),
            DeploymentId = row.IdOrNull(),
            DeploymentVersion = row.TextOrNull(),
            WorkQueueId = row.IdOrNull(),
            WorkQueueName = row.TextOrNull(),
            WorkPoolId = row.IdOrNull(),
            WorkPoolName = row.TextOrNull(),
            FlowVersion = row.TextOrNull(),
            Parameters = row.Map(),
            IdempotencyKey = row.TextOrNull(),
            Context = row.ElementOrNull(),
            EmpiricalPolicy = row.Json(Columns.Type<FlowRunPolicy>()),
            Tags = row.List(),
            Labels = row.Map(),
            ParentTaskRunId = row.IdOrNull(),
            RunCount = row.Int(),
            ExpectedStartTime = row.TimeOrNull(),
            NextScheduledStartTime = row.TimeOrNull(),
            StartTime = row.TimeOrNull(),
            EndTime = row.TimeOrNull(),
            TotalRunTime = TimeSpan.FromTicks(row.Number()).TotalSeconds,
            AutoScheduled = row.Flag(),
            InfrastructurePid = row.TextOrNull(),
            CreatedBy = row.JsonOrNull(Columns.Type<CreatedBy>()),
            JobVariables = row.Map(),
        };
        return FlowRunStates.From(row) is { } state
            ? run with
            {
                State = state,
                StateId = state.Id,
                StateType = state.Type,
                StateName = state.Name,
                EstimatedRunTime = run.TotalRunTime + (state.Type == StateType.Running ? Math.Max(0, (now - state.Timestamp).TotalSeconds) : 0),
                EstimatedStartTimeDelta = Math.Max(0, StartDelta(run, state, now).TotalSeconds),
            }
            : run;
    }

    /// <summary>How long after its time the run started, or waits to.</summary>
    private static TimeSpan StartDelta(FlowRun run, State state, DateTimeOffset now)
    {
        if (run.ExpectedStartTime is not { } expected)
            return TimeSpan.Zero;
        return run.StartTime is { } start ? start - expected : state.Type.IsFinal() ? TimeSpan.Zero : now - expected;
    }
}

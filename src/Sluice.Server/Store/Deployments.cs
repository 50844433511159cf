using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;

namespace Sluice.Server.Store;

internal static class Deployments
{
    /// <summary>Prefect's <c>server.api.max_parameter_size</c>.</summary>
    private const int MaxParameterBytes = 524_288;

    /// <summary>What Prefect answers where nothing was said.</summary>
    public static readonly JsonElement NoSteps = JsonElement.Parse("[]");

    private static readonly Sql _select = Sql.Raw("""
        SELECT d.id, d.created, d.updated, d.name, d.flow_id, d.version, d.description, d.paused, d.concurrency_limit, d.concurrency_options,
            d.parameters, d.parameter_openapi_schema, d.enforce_parameter_schema, d.job_variables, d.tags, d.labels, p.name, q.name, q.id,
            d.path, d.entrypoint, d.pull_steps, 
            MAX(COALESCE(CASE WHEN q.last_polled >= d.created THEN q.last_polled END, d.last_polled), COALESCE(d.last_polled, CASE WHEN q.last_polled >= d.created THEN q.last_polled END))
        FROM deployment d JOIN flow f ON f.id = d.flow_id
            LEFT JOIN work_queue q ON q.id = d.work_queue_id LEFT JOIN work_pool p ON p.id = q.work_pool_id
        """);

    public static Deployment? Read(Scope scope, Guid id) => Complete(scope, scope.Db.Find($"{_select} WHERE d.id = {id}", row => From(row, scope.Now)));

    public static Deployment Get(Scope scope, Guid id) => Read(scope, id) ?? throw Refuse.NotFound($"Deployment not found: {id}.");

    public static Deployment? Find(Scope scope, string flowName, string name) =>
        Complete(scope, scope.Db.Find($"{_select} WHERE f.name = {flowName} AND d.name = {name}", row => From(row, scope.Now)));

    public static Deployment? Find(Scope scope, Guid flowId, string name) =>
        Complete(scope, scope.Db.Find($"{_select} WHERE d.flow_id = {flowId} AND d.name = {name}", row => From(row, scope.Now)));

    public static List<Deployment> List(Scope scope, DeploymentsQuery query)
    {
        (int limit, int offset) = Refuse.BadPage(query.Limit, query.Offset);
        Sql order = Sql.Raw(query.Sort switch
        {
            null or "NAME_ASC" => "d.name, f.name",
            "NAME_DESC" => "d.name DESC, f.name DESC",
            "CREATED_DESC" => "d.created DESC, d.id DESC",
            "UPDATED_DESC" => "d.updated DESC, d.id DESC",
            { } sort => throw Refuse.Sort(sort, "NAME_ASC, NAME_DESC, CREATED_DESC, UPDATED_DESC"),
        });
        List<Deployment> found = scope.Db.Query(
            $"{_select} WHERE {Filters.OfDeployments(query)} ORDER BY {order} LIMIT {limit} OFFSET {offset}", row => From(row, scope.Now));
        ILookup<Guid, DeploymentSchedule> schedules = DeploymentSchedules.Of(scope, found.Select(deployment => deployment.Id));
        return [.. found.Select(deployment => WithLimit(scope, deployment) with { Schedules = [.. schedules[deployment.Id]] })];
    }

    /// <summary>Prefect's POST: parameters and schedules are replaced, what the body leaves out is kept.</summary>
    public static Deployment Upsert(Scope scope, DeploymentCreate body)
    {
        Flow flow = Flows.Read(scope, body.FlowId) ?? throw Refuse.Conflict($"The flow {body.FlowId} of the deployment \"{body.Name}\" does not exist.");
        Deployment? live = Find(scope, flow.Id, body.Name);
        Deployment next = Merge(scope, flow, live ?? New(scope, flow, body.Name), body, isNew: live is null) with { Parameters = body.Parameters ?? new Dictionary<string, JsonElement>() };
        Check(scope, next, body.EnforceParameterSchema == true, "Error creating deployment");
        Save(scope, next, isNew: live is null);
        DeploymentSchedules.Replace(scope, next.Id, body.Schedules ?? []);
        Reschedule(scope, next);
        ObjectEvents.Saved(scope, live, next);
        return Get(scope, next.Id);
    }

    /// <summary>Prefect's PATCH.</summary>
    public static void Update(Scope scope, Guid id, DeploymentUpdate update)
    {
        Deployment live = Get(scope, id);
        WorkQueue? queue = Queue(scope, update.WorkPoolName, update.WorkQueueName);
        Deployment next = live with
        {
            Paused = update.Paused ?? live.Paused,
            Labels = update.Paused is null ? live.Labels : PrunePause.Noted(live.Labels, isPrune: false),
            ConcurrencyLimit = IsNull("concurrency_limit") ? null : update.ConcurrencyLimit ?? live.ConcurrencyLimit,
            GlobalConcurrencyLimit = null,
            ConcurrencyOptions = IsNull("concurrency_options") ? null : update.ConcurrencyOptions ?? live.ConcurrencyOptions,
            EnforceParameterSchema = update.EnforceParameterSchema ?? live.EnforceParameterSchema,
            ParameterOpenapiSchema = update.ParameterOpenapiSchema ?? live.ParameterOpenapiSchema,
            Parameters = update.Parameters is { } given ? Hydration.Must(scope, given, "deployment parameters") : live.Parameters,
            Tags = update.Tags ?? live.Tags,
            PullSteps = update.PullSteps ?? live.PullSteps,
            WorkQueueId = IsNull("work_pool_name") ? null : queue?.Id ?? live.WorkQueueId,
            WorkPoolName = IsNull("work_pool_name") ? null : queue?.WorkPoolName ?? live.WorkPoolName,
            Description = IsNull("description") ? null : update.Description ?? live.Description,
            Path = IsNull("path") ? null : update.Path ?? live.Path,
            Version = IsNull("version") ? null : update.Version ?? live.Version,
            Entrypoint = IsNull("entrypoint") ? null : update.Entrypoint ?? live.Entrypoint,
            JobVariables = update.JobVariables ?? live.JobVariables,
        };
        Check(scope, next, update.EnforceParameterSchema == true, "Error updating deployment");
        Save(scope, next, isNew: false);
        if (update.Schedules is { } schedules)
            DeploymentSchedules.Patch(scope, id, schedules);
        Reschedule(scope, next);
        ObjectEvents.Saved(scope, live, next);

        bool IsNull(string member) => update.Nulls.Contains(member);
    }

    /// <summary>Sets the pause, as whoever sets it last means it: what vanished from the code and is paused for that is noted so.</summary>
    public static void SetPaused(Scope scope, Guid id, bool paused, bool isPrune = false)
    {
        Deployment live = Get(scope, id), next = live with { Paused = paused, Labels = PrunePause.Noted(live.Labels, isPrune) };
        scope.Db.Execute($"UPDATE deployment SET paused = {paused}, labels = {Columns.Map(next.Labels)}, updated = {scope.Now} WHERE id = {id}");
        Reschedule(scope, next);
        ObjectEvents.Saved(scope, live, next);
    }

    /// <summary>Its runs stay as history, but for those that wait.</summary>
    public static bool Delete(Scope scope, Guid id)
    {
        ObjectEvents.Deployment(scope, id, "deleted", "{}");
        if (scope.Db.Execute($"DELETE FROM deployment WHERE id = {id}") == 0)
            return false;
        scope.Db.Execute($"DELETE FROM flow_run WHERE deployment_id = {id} AND state_type = 'SCHEDULED' AND run_count = 0");
        return true;
    }

    /// <summary>Pool and queue as a body names them; null when it names neither.</summary>
    public static WorkQueue? Queue(Scope scope, string? poolName, string? queueName)
    {
        if (poolName is null && queueName is null)
            return null;
        WorkPool pool = WorkPools.Get(scope, poolName ?? WorkPools.DefaultAgentPool);
        WorkQueues.Ensure(scope, pool, queueName ?? "default");
        return WorkQueues.Get(scope, pool, queueName ?? "default");
    }

    /// <summary>A new deployment of that name, as Prefect fills in what nobody said.</summary>
    public static Deployment New(Scope scope, Flow flow, string name) =>
        new() { Id = scope.NewId(), Created = scope.Now, FlowId = flow.Id, Name = name, EnforceParameterSchema = true, PullSteps = NoSteps };

    /// <summary>A deployment with what a body says; what it leaves out stays.</summary>
    public static Deployment Merge(Scope scope, Flow flow, Deployment start, DeploymentCreate body, bool isNew)
    {
        Refuse.BadName(body.Name, "deployment");
        WorkQueue? queue = Queue(scope, body.WorkPoolName, body.WorkQueueName);
        return start with
        {
            Paused = body.Paused ?? start.Paused,
            ConcurrencyLimit = body.ConcurrencyLimit ?? start.ConcurrencyLimit,
            ConcurrencyOptions = body.ConcurrencyOptions ?? start.ConcurrencyOptions,
            EnforceParameterSchema = body.EnforceParameterSchema ?? start.EnforceParameterSchema,
            ParameterOpenapiSchema = body.ParameterOpenapiSchema ?? start.ParameterOpenapiSchema,
            Parameters = body.Parameters ?? start.Parameters,
            Tags = body.Tags ?? start.Tags,
            Labels = body.Labels is null && !isNew ? start.Labels : OfFlow(flow, body.Labels),
            PullSteps = body.PullSteps ?? start.PullSteps,
            WorkQueueId = queue?.Id ?? start.WorkQueueId,
            WorkPoolName = queue?.WorkPoolName ?? start.WorkPoolName,
            Description = body.Description ?? start.Description,
            Path = body.Path ?? start.Path,
            Version = body.Version ?? start.Version,
            Entrypoint = body.Entrypoint ?? start.Entrypoint,
            JobVariables = body.JobVariables is { Count: > 0 } given ? given : start.JobVariables,
        };
    }

    /// <summary>Labels as every deployment of the flow has them, with these over them.</summary>
    public static IReadOnlyDictionary<string, JsonElement> OfFlow(Flow flow, IReadOnlyDictionary<string, JsonElement>? labels) =>
        Columns.Over(flow.Labels.With("prefect.flow.id", flow.Id), labels);

    public static void Check(Scope scope, Deployment deployment, bool enforce, string doing, string at = "body")
    {
        if (deployment.ConcurrencyLimit < 1)
            throw Refuse.Invalid($"{at}.concurrency_limit", $"concurrency_limit must be 1 or more, found {deployment.ConcurrencyLimit}.");
        if (deployment.ConcurrencyOptions is { } options)
        {
            if (options.CollisionStrategy is not ("ENQUEUE" or "CANCEL_NEW"))
                throw Refuse.Invalid($"{at}.concurrency_options.collision_strategy", $"collision_strategy must be ENQUEUE or CANCEL_NEW, found \"{options.CollisionStrategy}\".");
            if (options.GracePeriodSeconds is < 60 or > 86_400)
                throw Refuse.Invalid($"{at}.concurrency_options.grace_period_seconds", $"grace_period_seconds must be 60 to 86400, found {options.GracePeriodSeconds}.");
        }
        CheckSize(deployment.Parameters, at);
        // Prefect checks parameters only where the body says so; a schema is always readable, or runs could not be checked later.
        if (deployment.ParameterOpenapiSchema is { } schema)
        {
            // Both are found wrong together, so Prefect names the whole body; only where there are several deployments it must be said which.
            SchemaChecks.Parse(schema, at);
            if (enforce && SchemaChecks.FirstViolation(schema, deployment.Parameters, ignoreRequired: true) is { } violation)
                throw Refuse.Invalid(at, doing.Contains('"', StringComparison.Ordinal) ? $"{doing}: {violation}" : violation);
        }
        WorkPool? pool = deployment.WorkPoolName is { } name ? WorkPools.Find(scope, name) : null;
        SchemaChecks.Check(pool, deployment.JobVariables, ignoreRequired: true, doing);
    }

    public static void CheckSize(IReadOnlyDictionary<string, JsonElement> parameters, string at = "body")
    {
        if (parameters.Count > 0 && Columns.Map(parameters).Length is var length and > MaxParameterBytes)
            throw Refuse.Invalid($"{at}.parameters", $"The parameters are too large: {length} characters of JSON, at most {MaxParameterBytes} are taken.");
    }

    /// <summary>Runs ahead are made again from now on; a paused deployment has none.</summary>
    public static void Reschedule(Scope scope, Deployment deployment)
    {
        if (deployment.Paused)
            AutoRuns.Drop(scope, deployment.Id);
        else
            AutoRuns.DropAhead(scope, deployment.Id);
        AutoRuns.Refill(scope, deployment.Id);
    }

    public static void Save(Scope scope, Deployment deployment, bool isNew)
    {
        if (isNew)
        {
            scope.Db.Execute($"""
                INSERT INTO deployment (id, created, updated, flow_id, name, paused, enforce_parameter_schema, parameters, job_variables, tags, labels)
                VALUES ({deployment.Id}, {scope.Now}, {scope.Now}, {deployment.FlowId}, {deployment.Name}, 0, 1, '', '', '', '')
                """);
        }
        DeploymentColumns c = DeploymentColumns.Of(deployment);
        scope.Db.Execute($"""
            UPDATE deployment SET updated = {scope.Now}, version = {c.Version}, description = {c.Description}, paused = {c.Paused},
                concurrency_limit = {c.ConcurrencyLimit}, concurrency_options = {c.ConcurrencyOptions}, enforce_parameter_schema = {c.Enforce},
                parameter_openapi_schema = {c.Schema}, parameters = {c.Parameters}, job_variables = {c.JobVariables}, tags = {c.Tags},
                labels = {c.Labels}, work_queue_id = {c.WorkQueueId}, path = {c.Path}, entrypoint = {c.Entrypoint}, pull_steps = {c.PullSteps}
            WHERE id = {deployment.Id}
            """);
    }

    /// <summary>Says that its schedules changed, for whoever compares <c>updated</c>.</summary>
    public static void Touch(Scope scope, Guid id) => scope.Db.Execute($"UPDATE deployment SET updated = {scope.Now} WHERE id = {id}");

    private static Deployment? Complete(Scope scope, Deployment? deployment) =>
        deployment is null ? null : WithLimit(scope, deployment) with { Schedules = DeploymentSchedules.Of(scope, deployment.Id) };

    /// <summary>To Prefect, a deployment's limit is a global one of its own.</summary>
    private static Deployment WithLimit(Scope scope, Deployment deployment) => deployment.ConcurrencyLimit is null ? deployment : deployment with
    {
        GlobalConcurrencyLimit = new()
        {
            Id = deployment.Id,
            Created = deployment.Created,
            Updated = deployment.Updated,
            Active = true,
            Name = $"deployment:{deployment.Id}",
            Limit = deployment.ConcurrencyLimit,
            ActiveSlots = Slots.Taken(scope, deployment.Id, grace: deployment.ConcurrencyOptions?.GracePeriodSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null),
            SlotDecayPerSecond = 0,
        },
    };

    private static Deployment From(Row row, DateTimeOffset now)
    {
        var deployment = new Deployment
        {
            Id = row.Id(),
            Created = row.Time(),
            Updated = row.Time(),
            Name = row.Text(),
            FlowId = row.Id(),
            Version = row.TextOrNull(),
            Description = row.TextOrNull(),
            Paused = row.Flag(),
            ConcurrencyLimit = row.IntOrNull(),
            ConcurrencyOptions = row.JsonOrNull(Columns.Type<ConcurrencyOptions>()),
            Parameters = row.Map(),
            ParameterOpenapiSchema = row.ElementOrNull(),
            EnforceParameterSchema = row.Flag(),
            JobVariables = row.Map(),
            Tags = row.List(),
            Labels = row.Map(),
            WorkPoolName = row.TextOrNull(),
            WorkQueueName = row.TextOrNull(),
            WorkQueueId = row.IdOrNull(),
            Path = row.TextOrNull(),
            Entrypoint = row.TextOrNull(),
            PullSteps = row.ElementOrNull(),
            LastPolled = row.TimeOrNull(),
        };
        // Prefect has no PAUSED here: a paused deployment may still be run by hand.
        return deployment with { Status = WorkQueues.Status(paused: false, deployment.LastPolled, now) };
    }
}

/// <summary>A deployment as its row holds it: equal when nothing would be written.</summary>
internal sealed record DeploymentColumns(
    string? Version, string? Description, bool Paused, int? ConcurrencyLimit, string? ConcurrencyOptions, bool Enforce, string? Schema,
    string Parameters, string JobVariables, string Tags, string Labels, Guid? WorkQueueId, string? Path, string? Entrypoint, string? PullSteps)
{
    public static DeploymentColumns Of(Deployment d) => new(
        d.Version, d.Description, d.Paused, d.ConcurrencyLimit, Columns.WriteOrNull(d.ConcurrencyOptions), d.EnforceParameterSchema,
        Columns.Element(d.ParameterOpenapiSchema), Columns.Map(d.Parameters), Columns.Map(d.JobVariables), Columns.List(d.Tags),
        Columns.Map(d.Labels), d.WorkQueueId, d.Path, d.Entrypoint, Columns.Element(d.PullSteps));
}

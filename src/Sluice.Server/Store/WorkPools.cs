using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Store;

internal static class WorkPools
{
    /// <summary>The pool of deployments that name a queue but no pool, as on every Prefect server.</summary>
    public const string DefaultAgentPool = "default-agent-pool";

    private static readonly TimeSpan _fallbackInterval = TimeSpan.FromSeconds(30);

    private static readonly Sql _select = Sql.Raw("""
        SELECT p.id, p.created, p.updated, p.name, p.description, p.type, p.base_job_template, p.is_paused, p.concurrency_limit,
            (SELECT q.id FROM work_queue q WHERE q.work_pool_id = p.id AND q.name = 'default'),
            (SELECT MAX(w.last_heartbeat + 3 * COALESCE(w.heartbeat_interval, 30) * 10000000) FROM worker w WHERE w.work_pool_id = p.id),
            CASE WHEN p.concurrency_limit IS NOT NULL THEN (SELECT COUNT(*) FROM flow_run r JOIN work_queue q ON q.id = r.work_queue_id
                WHERE q.work_pool_id = p.id AND r.state_type IN ('PENDING', 'RUNNING')) END
        FROM work_pool p
        """);

    /// <summary>Prefect makes the default pool when it is first needed; until then it is not listed here either.</summary>
    private static readonly Sql _used = Sql.Raw($"""
        (p.name <> '{DefaultAgentPool}' OR p.updated > p.created OR EXISTS (SELECT 1 FROM worker w WHERE w.work_pool_id = p.id)
            OR EXISTS (SELECT 1 FROM work_queue q WHERE q.work_pool_id = p.id AND (q.name <> 'default' OR q.last_polled IS NOT NULL
                OR EXISTS (SELECT 1 FROM deployment d WHERE d.work_queue_id = q.id) OR EXISTS (SELECT 1 FROM flow_run r WHERE r.work_queue_id = q.id))))
        """);

    /// <summary>Makes the default pool in a new database.</summary>
    public static void Seed(Scope scope) =>
        Insert(scope, new() { Name = DefaultAgentPool, Type = "prefect-agent", Description = "Serves deployments that name no work pool." });

    public static WorkPool? Find(Scope scope, string name) =>
        scope.Db.Find($"{_select} WHERE p.name = {name}", row => From(row, scope.Now));

    public static WorkPool Get(Scope scope, string name) => Find(scope, name) ?? throw Refuse.NotFound($"Work pool \"{name}\" not found.");

    public static List<WorkPool> List(Scope scope, WorkPoolsQuery query)
    {
        (int limit, int offset) = Refuse.BadPage(query.Limit, query.Offset);
        return scope.Db.Query($"{_select} WHERE {Filters.WorkPool(query.WorkPools)} AND {_used} ORDER BY p.name LIMIT {limit} OFFSET {offset}", row => From(row, scope.Now));
    }

    public static WorkPool Create(Scope scope, WorkPoolCreate pool)
    {
        Refuse.BadName(pool.Name, "work pool");
        if (pool.Name.StartsWith("prefect", StringComparison.OrdinalIgnoreCase))
            throw Refuse.Forbidden($"Work pools starting with 'Prefect' are reserved for internal use: \"{pool.Name}\".");
        Refuse.Negative(pool.ConcurrencyLimit, "body.concurrency_limit");
        SchemaChecks.CheckTemplate(pool.BaseJobTemplate);
        if (scope.Db.Exists($"SELECT 1 FROM work_pool WHERE name = {pool.Name}"))
            throw Refuse.Conflict($"A work pool with this name already exists: \"{pool.Name}\".");
        Insert(scope, pool);
        WorkPool made = Get(scope, pool.Name);
        ObjectEvents.Pool(scope, made, "created", "{}");
        return made;
    }

    public static void Update(Scope scope, string name, WorkPoolUpdate update)
    {
        WorkPool pool = Get(scope, name);
        Refuse.Negative(update.ConcurrencyLimit, "body.concurrency_limit");
        SchemaChecks.CheckTemplate(update.BaseJobTemplate);
        scope.Db.Execute($"""
            UPDATE work_pool SET updated = {scope.Now}, description = {update.Description ?? pool.Description},
                is_paused = {update.IsPaused ?? pool.IsPaused}, concurrency_limit = {(update.ClearConcurrencyLimit ? null : update.ConcurrencyLimit ?? pool.ConcurrencyLimit)},
                base_job_template = {Columns.Element(update.BaseJobTemplate ?? pool.BaseJobTemplate) ?? "{}"}
            WHERE id = {pool.Id}
            """);
        ObjectEvents.Updated(scope, pool, Get(scope, name));
    }

    public static bool Delete(Scope scope, string name)
    {
        if (name == DefaultAgentPool)
            throw Refuse.Forbidden($"The work pool \"{name}\" serves deployments without a pool and cannot be deleted.");
        if (Find(scope, name) is not { } pool)
            return false;
        ObjectEvents.Pool(scope, pool, "deleted", "{}");
        return scope.Db.Execute($"DELETE FROM work_pool WHERE name = {name}") > 0;
    }

    public static void Heartbeat(Scope scope, string poolName, WorkerHeartbeat heartbeat)
    {
        WorkPool pool = Get(scope, poolName);
        if (pool.Status != "NOT_READY")
            scope.Quietly();
        scope.Db.Execute($"""
            INSERT INTO worker (id, work_pool_id, name, last_heartbeat, heartbeat_interval, labels)
            VALUES ({scope.NewId()}, {pool.Id}, {heartbeat.Name}, {scope.Now}, {heartbeat.HeartbeatIntervalSeconds}, {Columns.WriteOrNull(heartbeat.Labels)})
            ON CONFLICT (work_pool_id, name) DO UPDATE SET last_heartbeat = excluded.last_heartbeat, labels = excluded.labels,
                heartbeat_interval = COALESCE(excluded.heartbeat_interval, heartbeat_interval)
            """);
        if (pool.Status == "NOT_READY")
            ObjectEvents.Status(scope, pool with { Status = "READY" });
    }

    public static bool DeleteWorker(Scope scope, string poolName, string name) =>
        scope.Db.Execute($"DELETE FROM worker WHERE work_pool_id = {Get(scope, poolName).Id} AND name = {name}") > 0;

    public static List<WorkerInfo> Workers(Scope scope, string poolName) => scope.Db.Query($"""
        SELECT id, name, work_pool_id, last_heartbeat, heartbeat_interval, labels FROM worker
        WHERE work_pool_id = {Get(scope, poolName).Id} ORDER BY last_heartbeat DESC, name
        """, row =>
    {
        var worker = new WorkerInfo
        {
            Id = row.Id(),
            Name = row.Text(),
            WorkPoolId = row.Id(),
            LastHeartbeatTime = row.Time(),
            HeartbeatIntervalSeconds = row.IntOrNull(),
            Labels = row.TextOrNull() is { } labels ? Columns.ParseList(labels) : null,
            Status = "OFFLINE",
        };
        TimeSpan interval = worker.HeartbeatIntervalSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : _fallbackInterval;
        return worker.LastHeartbeatTime + 3 * interval >= scope.Now ? worker with { Status = "ONLINE" } : worker;
    });

    private static void Insert(Scope scope, WorkPoolCreate pool)
    {
        Guid id = scope.NewId();
        scope.Db.Execute($"""
            INSERT INTO work_pool (id, created, updated, name, description, type, base_job_template, is_paused, concurrency_limit)
            VALUES ({id}, {scope.Now}, {scope.Now}, {pool.Name}, {pool.Description}, {pool.Type ?? "dotnet"},
                {Columns.Element(pool.BaseJobTemplate) ?? "{}"}, {pool.IsPaused ?? false}, {pool.ConcurrencyLimit})
            """);
        WorkQueues.Insert(scope, id, new() { Name = "default", Description = "The work pool's default queue." });
    }

    private static WorkPool From(Row row, DateTimeOffset now)
    {
        var pool = new WorkPool
        {
            Id = row.Id(),
            Created = row.Time(),
            Updated = row.Time(),
            Name = row.Text(),
            Description = row.TextOrNull(),
            Type = row.Text(),
            BaseJobTemplate = row.ElementOrNull() ?? default(JsonElement),
            IsPaused = row.Flag(),
            ConcurrencyLimit = row.IntOrNull(),
            DefaultQueueId = row.IdOrNull(),
        };
        bool online = row.TimeOrNull() >= now;
        return pool with { ActiveSlots = row.IntOrNull(), Status = pool.IsPaused ? "PAUSED" : online ? "READY" : "NOT_READY" };
    }
}

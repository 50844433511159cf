using Sluice.Orchestration;
using Sluice.Server.Http;

namespace Sluice.Server.Store;

internal static class WorkQueues
{
    /// <summary>How long after a worker asked for its runs a queue counts as served.</summary>
    public static readonly TimeSpan PollMemory = TimeSpan.FromSeconds(60);

    private static readonly Sql _select = Sql.Raw("""
        SELECT q.id, q.created, q.updated, q.name, q.description, q.is_paused, q.concurrency_limit, q.priority, q.work_pool_id, p.name, q.last_polled,
            CASE WHEN q.concurrency_limit IS NOT NULL THEN (SELECT COUNT(*) FROM flow_run r WHERE r.work_queue_id = q.id AND r.state_type IN ('PENDING', 'RUNNING')) END
        FROM work_queue q JOIN work_pool p ON p.id = q.work_pool_id
        """);

    public static WorkQueue? Find(Scope scope, Guid poolId, string name) =>
        scope.Db.Find($"{_select} WHERE q.work_pool_id = {poolId} AND q.name = {name}", row => From(row, scope.Now));

    public static WorkQueue Get(Scope scope, WorkPool pool, string name) =>
        Find(scope, pool.Id, name) ?? throw Refuse.NotFound($"Work pool queue '{pool.Name}/{name}' not found.");

    public static WorkQueue? Read(Scope scope, Guid id) => scope.Db.Find($"{_select} WHERE q.id = {id}", row => From(row, scope.Now));

    /// <summary>Of all pools, by name.</summary>
    public static List<WorkQueue> List(Scope scope, WorkQueuesQuery query)
    {
        (int limit, int offset) = Refuse.BadPage(query.Limit, query.Offset);
        return scope.Db.Query($"{_select} WHERE {Filters.WorkQueue(query.WorkQueues) ?? Sql.Raw("1")} ORDER BY q.name, q.id LIMIT {limit} OFFSET {offset}", row => From(row, scope.Now));
    }

    /// <summary>By priority.</summary>
    public static List<WorkQueue> List(Scope scope, Guid poolId) =>
        scope.Db.Query($"{_select} WHERE q.work_pool_id = {poolId} ORDER BY q.priority, q.name", row => From(row, scope.Now));

    /// <summary>The queue of that name, created when missing.</summary>
    public static Guid Ensure(Scope scope, WorkPool pool, string name)
    {
        if (scope.Db.FindId($"SELECT id FROM work_queue WHERE work_pool_id = {pool.Id} AND name = {name}") is { } id)
            return id;
        Refuse.BadName(name, "work queue");
        return Insert(scope, pool.Id, new() { Name = name });
    }

    public static WorkQueue Create(Scope scope, string poolName, WorkQueueCreate queue)
    {
        WorkPool pool = WorkPools.Get(scope, poolName);
        Refuse.BadName(queue.Name, "work queue");
        Check(queue.ConcurrencyLimit, queue.Priority);
        if (Find(scope, pool.Id, queue.Name) is not null)
            throw Refuse.Conflict($"A work queue with this name already exists in work pool \"{poolName}\": \"{queue.Name}\".");
        Insert(scope, pool.Id, queue);
        WorkQueue made = Get(scope, pool, queue.Name);
        ObjectEvents.Queue(scope, pool, made, "created", "{}");
        return made;
    }

    public static Guid Insert(Scope scope, Guid poolId, WorkQueueCreate queue)
    {
        Guid id = scope.NewId();
        if (queue.Priority is { } wanted)
            MakeRoom(scope, poolId, wanted, except: id);
        scope.Db.Execute($"""
            INSERT INTO work_queue (id, created, updated, work_pool_id, name, description, is_paused, concurrency_limit, priority)
            VALUES ({id}, {scope.Now}, {scope.Now}, {poolId}, {queue.Name}, {queue.Description ?? ""}, {queue.IsPaused ?? false},
                {queue.ConcurrencyLimit}, {queue.Priority ?? FirstGap(scope, poolId)})
            """);
        return id;
    }

    public static void Update(Scope scope, string poolName, string queueName, WorkQueueUpdate update)
    {
        WorkPool pool = WorkPools.Get(scope, poolName);
        WorkQueue queue = Get(scope, pool, queueName);
        Check(update.ConcurrencyLimit, update.Priority);
        if (update.Name is { } name && name != queue.Name)
        {
            Refuse.BadName(name, "work queue");
            if (queue.Name == "default")
                throw Refuse.Conflict($"The queue \"default\" of the work pool \"{poolName}\" cannot be renamed.");
            if (Find(scope, pool.Id, name) is not null)
                throw Refuse.Conflict($"A work queue with this name already exists in work pool \"{poolName}\": \"{name}\".");
        }
        if (update.Priority is { } wanted && wanted != queue.Priority)
            MakeRoom(scope, pool.Id, wanted, except: queue.Id);
        scope.Db.Execute($"""
            UPDATE work_queue SET updated = {scope.Now}, name = {update.Name ?? queue.Name}, description = {update.Description ?? queue.Description ?? ""},
                is_paused = {update.IsPaused ?? queue.IsPaused}, concurrency_limit = {(update.ClearConcurrencyLimit ? null : update.ConcurrencyLimit ?? queue.ConcurrencyLimit)},
                priority = {update.Priority ?? queue.Priority}
            WHERE id = {queue.Id}
            """);
        ObjectEvents.Updated(scope, pool, queue, Get(scope, pool, update.Name ?? queueName));
    }

    public static bool Delete(Scope scope, string poolName, string queueName)
    {
        if (WorkPools.Find(scope, poolName) is not { } pool)
            return false;
        if (queueName == "default")
            throw Refuse.Conflict($"The queue \"default\" of the work pool \"{poolName}\" cannot be deleted: delete the pool, or pause the queue.");
        return scope.Db.Execute($"DELETE FROM work_queue WHERE work_pool_id = {pool.Id} AND name = {queueName}") > 0;
    }

    /// <summary>READY while a worker asked for its runs within the last minute, computed when read.</summary>
    public static string Status(bool paused, DateTimeOffset? lastPolled, DateTimeOffset now) =>
        paused ? "PAUSED" : lastPolled + PollMemory >= now ? "READY" : "NOT_READY";

    private static void Check(int? limit, int? priority)
    {
        Refuse.Negative(limit, "body.concurrency_limit");
        if (priority < 1)
            throw Refuse.Invalid("body.priority", $"priority must be 1 or more, found {priority}.");
    }

    private static long FirstGap(Scope scope, Guid poolId)
    {
        long gap = 1;
        foreach (long taken in Priorities(scope, poolId).Select(queue => queue.Priority))
        {
            if (taken != gap)
                break;
            gap++;
        }
        return gap;
    }

    /// <summary>Priorities are unique in a pool: from the wanted one on, the others move up as far as they have to.</summary>
    private static void MakeRoom(Scope scope, Guid poolId, int wanted, Guid except)
    {
        long next = wanted;
        foreach ((Guid id, long priority) in Priorities(scope, poolId).Where(queue => queue.Id != except && queue.Priority >= wanted).ToList())
        {
            if (priority > next)
                break;
            scope.Db.Execute($"UPDATE work_queue SET priority = {++next} WHERE id = {id}");
        }
    }

    private static List<(Guid Id, long Priority)> Priorities(Scope scope, Guid poolId) =>
        scope.Db.Query($"SELECT id, priority FROM work_queue WHERE work_pool_id = {poolId} ORDER BY priority", row => (row.Id(), row.Number()));

    private static WorkQueue From(Row row, DateTimeOffset now)
    {
        var queue = new WorkQueue
        {
            Id = row.Id(),
            Created = row.Time(),
            Updated = row.Time(),
            Name = row.Text(),
            Description = row.Text(),
            IsPaused = row.Flag(),
            ConcurrencyLimit = row.IntOrNull(),
            Priority = row.Int(),
            WorkPoolId = row.Id(),
            WorkPoolName = row.Text(),
            LastPolled = row.TimeOrNull(),
            ActiveSlots = row.IntOrNull(),
        };
        return queue with { Status = Status(queue.IsPaused, queue.LastPolled, now) };
    }
}

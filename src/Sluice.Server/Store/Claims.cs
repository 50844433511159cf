using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>Which runs a worker may start.</summary>
internal static class Claims
{
    /// <summary>A queue's last poll is written down again only after this time: looking for work costs no write.</summary>
    private static readonly TimeSpan _pollNote = TimeSpan.FromSeconds(15);

    /// <summary>The runs due, by queue priority, then due time, within the limits of pool and queues; and the queues whose poll is to be noted.</summary>
    public static (List<WorkerFlowRun> Runs, List<Guid> Unnoted) Look(Scope scope, string poolName, ScheduledFlowRunsQuery query)
    {
        WorkPool pool = WorkPools.Get(scope, poolName);
        (int limit, _) = Refuse.BadPage(query.Limit, null);
        List<WorkQueue> queues = query.WorkQueueNames is { Count: > 0 } names
            ? [.. names.Distinct().Select(name => WorkQueues.Get(scope, pool, name)).OrderBy(queue => queue.Priority)]
            : WorkQueues.List(scope, pool.Id);
        List<Guid> unnoted = [.. queues.Where(queue => !(queue.LastPolled > scope.Now - _pollNote)).Select(queue => queue.Id)];
        var runs = new List<WorkerFlowRun>();
        if (pool.IsPaused)
            return (runs, unnoted);
        long room = Math.Min(limit, Free(scope, pool.ConcurrencyLimit, pool.Id, ofPool: true));
        foreach (WorkQueue queue in queues.Where(queue => !queue.IsPaused))
        {
            long take = Math.Min(room - runs.Count, Free(scope, queue.ConcurrencyLimit, queue.Id, ofPool: false));
            if (take > 0)
                runs.AddRange(Due(scope, queue, query, take).Select(run => new WorkerFlowRun { WorkPoolId = pool.Id, WorkQueueId = queue.Id, FlowRun = run }));
        }
        return (runs, unnoted);
    }

    /// <summary>
    /// The runs of these deployments that are due, by due time, and whether their poll is to be noted. Other than for workers of a pool, those that wait for a
    /// retry in their own process are among them, as in Prefect's recorded answer.
    /// </summary>
    public static (List<FlowRun> Runs, bool Unnoted) OfDeployments(Scope scope, DeploymentRunsQuery query)
    {
        (int limit, _) = Refuse.BadPage(query.Limit, null);
        Sql before = query.ScheduledBefore is { } latest ? (Sql)$"AND r.next_scheduled_start_time <= {latest}" : Sql.Raw("");
        List<FlowRun> runs = FlowRuns.Query(scope, $"""
            WHERE r.deployment_id IN ({Sql.List(query.DeploymentIds)}) AND r.state_type = 'SCHEDULED' {before}
            ORDER BY r.next_scheduled_start_time, r.id LIMIT {limit}
            """);
        bool unnoted = scope.Db.Exists($"""
            SELECT 1 FROM deployment WHERE id IN ({Sql.List(query.DeploymentIds)}) AND (last_polled IS NULL OR last_polled <= {scope.Now - _pollNote})
            """);
        return (runs, unnoted);
    }

    public static void NotePollOfDeployments(Scope scope, IReadOnlyList<Guid> deployments)
    {
        scope.Quietly();
        scope.Db.Execute($"UPDATE deployment SET last_polled = {scope.Now} WHERE id IN ({Sql.List(deployments)})");
    }

    public static void NotePoll(Scope scope, IReadOnlyList<Guid> queues)
    {
        scope.Quietly();
        foreach (Guid queue in queues)
            scope.Db.Execute($"UPDATE work_queue SET last_polled = {scope.Now} WHERE id = {queue}");
    }

    /// <summary>The hot query: one walk of the index flow_run_claim.</summary>
    internal static Sql DueIn(Guid queueId, ScheduledFlowRunsQuery query, long take)
    {
        Sql before = query.ScheduledBefore is { } latest ? (Sql)$"AND r.next_scheduled_start_time <= {latest}" : Sql.Raw("");
        Sql after = query.ScheduledAfter is { } earliest ? (Sql)$"AND r.next_scheduled_start_time >= {earliest}" : Sql.Raw("");
        Sql reachable = query.WithoutDeployments is { Count: > 0 } without
            ? (Sql)$"AND (r.deployment_id IS NULL OR r.deployment_id NOT IN ({Sql.List(without)}))" : Sql.Raw("");
        return $"""
            WHERE r.work_queue_id = {queueId} AND r.state_type = 'SCHEDULED' {before} {after} {reachable} AND r.retry_type IS NOT 'in_process'
            ORDER BY r.next_scheduled_start_time LIMIT {take}
            """;
    }

    private static List<FlowRun> Due(Scope scope, WorkQueue queue, ScheduledFlowRunsQuery query, long take) =>
        FlowRuns.Query(scope, DueIn(queue.Id, query, take));

    /// <summary>What has no room for one more run, in words; null where there is room.</summary>
    public static string? FullAt(Scope scope, FlowRun run)
    {
        var limits = scope.Db.Query($"""
            SELECT q.id, q.name, q.concurrency_limit, p.id, p.name, p.concurrency_limit FROM work_queue q JOIN work_pool p ON p.id = q.work_pool_id WHERE q.id = {run.WorkQueueId}
            """, row => (Queue: row.Id(), QueueName: row.Text(), QueueLimit: row.IntOrNull(), Pool: row.Id(), PoolName: row.Text(), PoolLimit: row.IntOrNull()));
        if (limits is not [var place])
            return null;
        return Free(scope, place.QueueLimit, place.Queue, ofPool: false) == 0 ? $"work queue \"{place.QueueName}\""
            : Free(scope, place.PoolLimit, place.Pool, ofPool: true) == 0 ? $"work pool \"{place.PoolName}\"" : null;
    }

    private static long Free(Scope scope, int? limit, Guid id, bool ofPool)
    {
        if (limit is not { } most)
            return long.MaxValue;
        Sql queues = ofPool ? (Sql)$"work_queue_id IN (SELECT id FROM work_queue WHERE work_pool_id = {id})" : $"work_queue_id = {id}";
        return Math.Max(0, most - scope.Db.Number($"SELECT COUNT(*) FROM flow_run WHERE {queues} AND state_type IN ('PENDING', 'RUNNING')")!.Value);
    }
}

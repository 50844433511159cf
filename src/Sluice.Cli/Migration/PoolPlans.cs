using Sluice.Orchestration;

namespace Sluice.Cli.Migration;

/// <summary>Plans work pools and their queues.</summary>
internal sealed class PoolPlans(ServerContents source, ServerContents target, IOrchestrationApi api)
{
    private const string ReservedPrefix = "prefect";

    /// <summary>Whether Prefect refuses pools of that name.</summary>
    public static bool IsReserved(string name) => name.StartsWith(ReservedPrefix, StringComparison.OrdinalIgnoreCase);

    public IEnumerable<MigrationItem> Plan()
    {
        Dictionary<string, WorkPool> live = target.Pools.ToDictionary(pool => pool.Name, StringComparer.Ordinal);
        foreach (WorkPool pool in source.Pools.OrderBy(pool => pool.Name, StringComparer.Ordinal))
        {
            WorkPool? there = live.GetValueOrDefault(pool.Name);
            if (there is null && IsReserved(pool.Name))
            {
                yield return new("pool", pool.Name, MigrationAction.NotPortable) { Notes = ["names that begin with 'prefect' are the server's own"] };
                continue;
            }
            yield return Pool(pool, there);
            IReadOnlyList<WorkQueue> queues = source.Queues.GetValueOrDefault(pool.Name) ?? [];
            IReadOnlyList<WorkQueue> liveQueues = there is null ? [] : target.Queues.GetValueOrDefault(pool.Name) ?? [];
            // From the first on: each takes its place, and later ones move only what comes after it. One that takes another's place moves that one and perhaps more: all that follow are told theirs.
            bool moves = false;
            foreach (WorkQueue queue in queues.OrderBy(queue => queue.Priority))
            {
                WorkQueue? existing = liveQueues.FirstOrDefault(other => other.Name == queue.Name);
                yield return Queue(pool, queue, existing, isNewPool: there is null, moves);
                moves |= existing?.Priority != queue.Priority && liveQueues.Any(other => other.Priority == queue.Priority);
            }
        }
    }

    private MigrationItem Pool(WorkPool pool, WorkPool? live)
    {
        List<string> fields = [];
        List<string> notes = [];
        if (live is not null)
        {
            if (pool.Type != live.Type)
                notes.Add($"the target's pool stays of type '{live.Type}', here it is '{pool.Type}': a pool's type cannot be changed");
            else if (!JsonShape.Same(pool.BaseJobTemplate, live.BaseJobTemplate))
                fields.Add("base_job_template");
            if ((pool.Description ?? "") != (live.Description ?? ""))
                fields.Add("description");
            if (pool.IsPaused != live.IsPaused)
                fields.Add("is_paused");
            if (pool.ConcurrencyLimit != live.ConcurrencyLimit)
                fields.Add("concurrency_limit");
        }
        return MigrationItem.Of("pool", pool.Name, live is not null, fields, cancellationToken => live is null
            ? api.CreateWorkPoolAsync(
                new()
                {
                    Name = pool.Name,
                    Description = pool.Description,
                    Type = pool.Type,
                    BaseJobTemplate = JsonShape.IsEmpty(pool.BaseJobTemplate) ? null : pool.BaseJobTemplate,
                    IsPaused = pool.IsPaused,
                    ConcurrencyLimit = pool.ConcurrencyLimit,
                },
                cancellationToken)
            : api.UpdateWorkPoolAsync(
                pool.Name,
                new()
                {
                    Description = fields.Contains("description") ? pool.Description ?? "" : null,
                    IsPaused = fields.Contains("is_paused") ? pool.IsPaused : null,
                    BaseJobTemplate = fields.Contains("base_job_template") ? pool.BaseJobTemplate : null,
                    ConcurrencyLimit = fields.Contains("concurrency_limit") ? pool.ConcurrencyLimit : null,
                    ClearConcurrencyLimit = fields.Contains("concurrency_limit") && pool.ConcurrencyLimit is null,
                },
                cancellationToken), notes);
    }

    private MigrationItem Queue(WorkPool pool, WorkQueue queue, WorkQueue? live, bool isNewPool, bool isMoved)
    {
        List<string> fields = [];
        if (live is not null)
        {
            if ((queue.Description ?? "") != (live.Description ?? ""))
                fields.Add("description");
            if (queue.IsPaused != live.IsPaused)
                fields.Add("is_paused");
            if (isMoved || queue.Priority != live.Priority)
                fields.Add("priority");
            if (queue.ConcurrencyLimit != live.ConcurrencyLimit)
                fields.Add("concurrency_limit");
        }
        // A new pool comes with its queue 'default'.
        bool exists = live is not null || (isNewPool && queue.Name == "default");
        return MigrationItem.Of("queue", $"{pool.Name}/{queue.Name}", live is not null, fields, cancellationToken => exists
            ? api.UpdateWorkQueueAsync(
                pool.Name,
                queue.Name,
                new()
                {
                    Description = live is null || fields.Contains("description") ? queue.Description ?? "" : null,
                    IsPaused = live is null || fields.Contains("is_paused") ? queue.IsPaused : null,
                    ConcurrencyLimit = queue.ConcurrencyLimit,
                    ClearConcurrencyLimit = fields.Contains("concurrency_limit") && queue.ConcurrencyLimit is null,
                    Priority = queue.Priority,
                },
                cancellationToken)
            : api.CreateWorkQueueAsync(
                pool.Name,
                new() { Name = queue.Name, Description = queue.Description, IsPaused = queue.IsPaused, ConcurrencyLimit = queue.ConcurrencyLimit, Priority = queue.Priority },
                cancellationToken), []);
    }
}

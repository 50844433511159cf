using System.Text.Json.Serialization.Metadata;
using Sluice.Orchestration.Http.Prefect2;
using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http;

public sealed partial class HttpOrchestrationApi
{
    /// <summary>How many Prefect answers at most, and does where no limit is named.</summary>
    private const int PageSize = 200;

    /// <inheritdoc/>
    public Task<WorkPool> CreateWorkPoolAsync(WorkPoolCreate pool, CancellationToken cancellationToken) =>
        _transport.SendAsync(PostOnce("/work_pools/", pool, Json.WorkPoolCreate), Json.WorkPool, cancellationToken);

    /// <inheritdoc/>
    public Task<WorkPool?> FindWorkPoolAsync(string name, CancellationToken cancellationToken) =>
        _transport.FindAsync(Get(Pool(name)), Json.WorkPool, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<WorkPool>> ListWorkPoolsAsync(WorkPoolsQuery query, CancellationToken cancellationToken) =>
        _transport.SendAsync(Post("/work_pools/filter", query, Json.WorkPoolsQuery), Json.IReadOnlyListWorkPool, cancellationToken);

    /// <inheritdoc/>
    public Task UpdateWorkPoolAsync(string name, WorkPoolUpdate update, CancellationToken cancellationToken) =>
        _transport.SendAsync(WithLimit(Patch(Pool(name), update, Json.WorkPoolUpdate), update.ClearConcurrencyLimit), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteWorkPoolAsync(string name, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(Delete(Pool(name)), cancellationToken);

    /// <inheritdoc/>
    public Task<WorkQueue> CreateWorkQueueAsync(string poolName, WorkQueueCreate queue, CancellationToken cancellationToken) =>
        _transport.SendAsync(PostOnce(Pool(poolName) + "/queues", queue, Json.WorkQueueCreate), Json.WorkQueue, cancellationToken);

    /// <inheritdoc/>
    public Task<WorkQueue?> FindWorkQueueAsync(string poolName, string queueName, CancellationToken cancellationToken) =>
        _transport.FindAsync(Get(Queue(poolName, queueName)), Json.WorkQueue, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WorkQueue>> ListWorkQueuesAsync(string poolName, CancellationToken cancellationToken)
    {
        var queues = await AllAsync(Pool(poolName) + "/queues/filter", Json.IReadOnlyListWorkQueue, queue => queue.Id, cancellationToken).ConfigureAwait(false);
        return [.. queues.OrderBy(queue => queue.Priority)]; // Prefect's order is by name
    }

    /// <inheritdoc/>
    public Task UpdateWorkQueueAsync(string poolName, string queueName, WorkQueueUpdate update, CancellationToken cancellationToken) =>
        _transport.SendAsync(
            WithLimit(Patch(Queue(poolName, queueName), update, Json.WorkQueueUpdate) with { Repeatable = update.Name is null }, update.ClearConcurrencyLimit), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteWorkQueueAsync(string poolName, string queueName, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(Delete(Queue(poolName, queueName)), cancellationToken);

    /// <inheritdoc/>
    public async Task HeartbeatWorkerAsync(string poolName, WorkerHeartbeat heartbeat, CancellationToken cancellationToken)
    {
        ApiInfo server = await ProbeAsync(cancellationToken).ConfigureAwait(false);
        string path = Pool(poolName) + "/workers/heartbeat";
        ApiCall call = server.IsPrefect2
            ? Post(path, new Prefect2HeartbeatBody { Name = heartbeat.Name }, Prefect2Json.Default.Prefect2HeartbeatBody)
            : Post(path, server.IsSluice ? heartbeat : heartbeat with { Labels = null }, Json.WorkerHeartbeat);
        await _transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>Prefect 2 does not say whether a worker is online; that is told from its last sign of life.</remarks>
    public async Task<IReadOnlyList<WorkerInfo>> ListWorkersAsync(string poolName, CancellationToken cancellationToken)
    {
        string path = Pool(poolName) + "/workers/filter";
        if (!await IsPrefect2Async(cancellationToken).ConfigureAwait(false))
        {
            return await AllAsync(path, Json.IReadOnlyListWorkerInfo, worker => worker.Id, cancellationToken).ConfigureAwait(false);
        }

        var workers = await AllAsync(path, Prefect2Json.Default.IReadOnlyListPrefect2Worker, worker => worker.Id, cancellationToken).ConfigureAwait(false);
        return [.. workers.Select(worker => worker.ToWorker(Time.GetUtcNow()))];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WorkerFlowRun>> GetScheduledFlowRunsAsync(string poolName, ScheduledFlowRunsQuery query, CancellationToken cancellationToken)
    {
        if (query.WithoutDeployments is not null && !await IsSluiceAsync(cancellationToken).ConfigureAwait(false))
            query = query with { WithoutDeployments = null };
        return await _transport.SendAsync(Post(Pool(poolName) + "/get_scheduled_flow_runs", query, Json.ScheduledFlowRunsQuery), Json.IReadOnlyListWorkerFlowRun, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A list without a limit of its own, in as many pages as it has. It ends with a page that brings nothing new, also where a server knows no pages.</summary>
    private async Task<IReadOnlyList<T>> AllAsync<T>(string path, JsonTypeInfo<IReadOnlyList<T>> type, Func<T, Guid> id, CancellationToken cancellationToken)
    {
        IReadOnlyList<T> page = await _transport.SendAsync(PostEmpty(path), type, cancellationToken).ConfigureAwait(false);
        if (page.Count < PageSize)
        {
            return page;
        }

        List<T> all = [];
        HashSet<Guid> known = [];
        // What is made meanwhile moves others to the next page, where they come again.
        for (int offset = page.Count; ; offset += page.Count)
        {
            int before = all.Count;
            all.AddRange(page.Where(item => known.Add(id(item))));
            if (page.Count < PageSize || all.Count == before)
            {
                return all;
            }

            page = await _transport.SendAsync(Post(path, new PageBody { Offset = offset }, WireJson.Default.PageBody), type, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Absent members keep their value; a limit that is to go is a null that is sent.</summary>
    private static ApiCall WithLimit(ApiCall call, bool clear) => clear ? call.WithNull("concurrency_limit") : call;

    private static string Pool(string name) => "/work_pools/" + Segment(name);

    private static string Queue(string poolName, string queueName) => Pool(poolName) + "/queues/" + Segment(queueName);
}

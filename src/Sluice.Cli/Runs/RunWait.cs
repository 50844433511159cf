using System.Text.Json.Nodes;
using Sluice.Cli.Commands;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Orchestration;
using Sluice.Storage.Labels;
using Sluice.Worker;

namespace Sluice.Cli.Runs;

/// <summary>A reason why a scheduled run has not started.</summary>
/// <param name="Code">For programs: <c>not_due</c>, <c>no_queue</c>, <c>pool_paused</c>, <c>queue_paused</c>, <c>pool_limit</c>, <c>queue_limit</c>,
/// <c>deployment_limit</c>, <c>no_worker</c>, <c>out_of_reach</c>, <c>waiting</c>.</param>
/// <param name="Message">For people: what holds it, and how to mend it.</param>
internal sealed record RunWait(string Code, string Message)
{
    /// <summary>A worker asks for a run at least so often once it is due.</summary>
    private static readonly TimeSpan s_slack = TimeSpan.FromSeconds(15);

    public static JsonArray ToJson(IEnumerable<RunWait> waits) =>
        [.. waits.Select(wait => (JsonNode)new JsonObject { ["code"] = wait.Code, ["message"] = wait.Message })];

    /// <summary>Why the run waits, what must be mended first at the front; empty where it does not wait.</summary>
    public static async Task<IReadOnlyList<RunWait>> ExplainAsync(ApiConnection connection, FlowRun run, DateTimeOffset now, CancellationToken cancellationToken)
    {
        IOrchestrationApi api = connection.Api;
        if (run.StateType != StateType.Scheduled)
            return [];
        if (run.EmpiricalPolicy.RetryType == "in_process")
            return [new("not_due", "Its program waits for its next try, which no worker has to take.")];
        var waits = new List<RunWait>();
        Deployment? deployment = run.DeploymentId is { } id ? await api.ReadDeploymentAsync(id, cancellationToken) : null;
        DateTimeOffset? due = run.NextScheduledStartTime ?? run.ExpectedStartTime;
        bool isDue = !(due > now);
        if (run.StateName == "AwaitingConcurrencySlot" || (isDue && await IsFullAsync(api, deployment, cancellationToken)))
            waits.Add(new("deployment_limit", $"As many runs of its deployment are active as it allows ({deployment?.ConcurrencyLimit?.ToString() ?? "its limit"}): it starts when one of them has ended."));
        if (run.WorkPoolName is not { } poolName || await api.FindWorkPoolAsync(poolName, cancellationToken) is not { } pool)
        {
            waits.Add(new("no_queue", "It is in no work pool, where no worker looks: give its deployment a work queue (WorkQueue, SluiceWorkQueue) and publish again."));
            return waits;
        }
        WorkQueue? queue = run.WorkQueueName is { } queueName ? await api.FindWorkQueueAsync(poolName, queueName, cancellationToken) : null;
        await AddPoolAsync(api, pool, queue, isDue, waits, cancellationToken);
        RunNeeds needs = RunNeeds.Of(deployment, run);
        // Workers over the embedded API share its home's disk, however their hosts are called.
        await AddWorkersAsync(api, connection.Server is null ? needs with { Host = null } : needs, pool, queue, now, waits, cancellationToken);
        if (!isDue)
            waits.Insert(0, new("not_due", $"It is due {Words.Relative(due!.Value, now)} ({Words.LocalAndUtc(due.Value)})."));
        else if (waits.Count == 0)
            waits.Add(new("waiting", now - due < s_slack ? "It is due now: a worker is about to take it." : "A worker that can take it is online and has not: it may run as many flows as its --limit allows; see what it says."));
        return waits;
    }

    private static async Task<bool> IsFullAsync(IOrchestrationApi api, Deployment? deployment, CancellationToken cancellationToken) =>
        deployment?.ConcurrencyLimit is { } limit
        && await api.CountFlowRunsAsync(Active(new() { Deployments = new() { Id = new() { Any = [deployment.Id] } } }), cancellationToken) >= limit;

    private static async Task AddPoolAsync(IOrchestrationApi api, WorkPool pool, WorkQueue? queue, bool isDue, List<RunWait> waits, CancellationToken cancellationToken)
    {
        if (pool.IsPaused)
            waits.Add(new("pool_paused", $"Its pool '{pool.Name}' is paused: resume it with: sluice work-pool resume {Shell.Quote(pool.Name)}"));
        if (queue is { IsPaused: true })
            waits.Add(new("queue_paused", $"Its queue '{queue.Name}' is paused: resume it with: sluice work-queue resume {Shell.Quote(queue.Name)} --pool {Shell.Quote(pool.Name)}"));
        if (!isDue)
            return;
        var inPool = new FlowRunsQuery { WorkPools = new() { Name = new() { Any = [pool.Name] } } };
        if (pool.ConcurrencyLimit is { } most && await api.CountFlowRunsAsync(Active(inPool), cancellationToken) >= most)
            waits.Add(new("pool_limit", $"As many runs are active in its pool '{pool.Name}' as it allows ({most}): it starts when one of them has ended, or raise it with: sluice work-pool update {Shell.Quote(pool.Name)} --limit N"));
        if (queue?.ConcurrencyLimit is { } limit && await api.CountFlowRunsAsync(Active(inPool with { WorkPoolQueues = new() { Name = new() { Any = [queue.Name] } } }), cancellationToken) >= limit)
            waits.Add(new("queue_limit", $"As many runs are active in its queue '{queue.Name}' as it allows ({limit}): it starts when one of them has ended."));
    }

    private static async Task AddWorkersAsync(
        IOrchestrationApi api, RunNeeds needs, WorkPool pool, WorkQueue? queue, DateTimeOffset now, List<RunWait> waits, CancellationToken cancellationToken)
    {
        string start = $"sluice worker start --pool {Shell.Quote(pool.Name)}";
        WorkerInfo[] online = [.. (await api.ListWorkersAsync(pool.Name, cancellationToken)).Where(worker => WorkerPresence.IsOnline(worker, now))];
        if (online.Length == 0)
        {
            waits.Add(new("no_worker", $"No worker of its pool '{pool.Name}' is online: start one with: {start}"));
            return;
        }
        if (queue is not null && !WorkerPresence.IsAsked(queue, now))
        {
            waits.Add(new("no_worker", $"{Words.Count(online.Length, "worker")} of its pool '{pool.Name}' {(online.Length == 1 ? "is" : "are")} online, and none asks for the queue '{queue.Name}': start one with: {start} --work-queue {Shell.Quote(queue.Name)}"));
            return;
        }
        // On a Prefect server, and from an older worker, nobody knows what it can reach.
        (WorkerInfo Worker, string? Why)[] judged = [.. online.Select(worker => (worker, worker.Labels is { } labels ? needs.Refuse(labels) : null))];
        if (judged.All(worker => worker.Why is not null))
        {
            string need = needs.Host is { } host
                ? $"Its package lies on the disk of the host '{host}' ({needs.Place}): start a worker there ({start}), or publish it to storage that all of them reach"
                : needs.System == StorageLabels.Docker ? "Its program is in a container image, which needs a Docker or Kubernetes worker of Prefect"
                : $"Its package lies in {needs.Place!.Scheme}:, which needs a worker with {needs.System}";
            waits.Add(new("out_of_reach", $"{need}. Online are: {string.Join("; ", online.Select(worker => $"{worker.Name} ({string.Join(", ", worker.Labels!)})"))}."));
        }
        else if (judged.All(worker => worker.Worker.Labels is null) && needs.Host is { } only)
        {
            waits.Add(new("out_of_reach", $"Its package lies on the disk of the host '{only}', and the workers that are online do not say where they are: {string.Join(", ", online.Select(worker => worker.Name))}. Start one there with: {start}"));
        }
    }

    private static FlowRunsQuery Active(FlowRunsQuery query) =>
        query with { FlowRuns = new() { State = new() { Type = new() { Any = [StateType.Pending, StateType.Running] } } } };
}

using Sluice.Orchestration;

namespace Sluice.Cli.Runs;

/// <summary>Tells whether somebody else will execute a run.</summary>
internal static class WorkerPresence
{
    /// <summary>A worker that has nothing to do asks for work at least each minute; after half as long again it does not serve the queue.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(90);

    /// <summary>Whether a worker of the pool has shown a sign of life within three of its intervals, and somebody asked for work of this queue lately.</summary>
    public static async Task<bool> IsServedAsync(IOrchestrationApi api, FlowRun run, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (run.WorkPoolName is not { } poolName || run.WorkQueueName is not { } queueName)
            return false;
        if (await api.FindWorkQueueAsync(poolName, queueName, cancellationToken) is not { } queue || !IsAsked(queue, now))
            return false;
        return (await api.ListWorkersAsync(poolName, cancellationToken)).Any(worker => IsOnline(worker, now));
    }

    /// <summary>Whether somebody asked for work of this queue lately.</summary>
    public static bool IsAsked(WorkQueue queue, DateTimeOffset now) => queue.LastPolled is { } asked && now - asked <= LongestSilence;

    /// <summary>Whether the worker has shown a sign of life within three of its intervals.</summary>
    public static bool IsOnline(WorkerInfo worker, DateTimeOffset now) => worker.Status == "ONLINE"
        && worker.LastHeartbeatTime is { } seen && now - seen < TimeSpan.FromSeconds(3 * (worker.HeartbeatIntervalSeconds ?? 30));
}

using Sluice.Orchestration;

namespace Sluice.Cli.Runs;

/// <summary>Tells whether somebody else will execute a run.</summary>
internal static class WorkerPresence
{
    /// <summary>Whether a worker of the pool has shown a sign of life within three of its intervals.</summary>
    public static async Task<bool> IsServedAsync(IOrchestrationApi api, string poolName, DateTimeOffset now, CancellationToken cancellationToken)
    {
        IReadOnlyList<WorkerInfo> workers = await api.ListWorkersAsync(poolName, cancellationToken);
        return workers.Any(worker => worker.Status == "ONLINE"
            && worker.LastHeartbeatTime is { } seen && now - seen < TimeSpan.FromSeconds(3 * (worker.HeartbeatIntervalSeconds ?? 30)));
    }
}

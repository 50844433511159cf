using Sluice.Orchestration;

namespace Sluice.Runtime.Orchestrated;

/// <summary>
/// Renews the run's lease, so that a run whose worker was killed lives as long as its process, and no longer.
/// </summary>
internal static class LeaseKeeper
{
    /// <summary>Renews three times a lease until cancelled.</summary>
    public static Task RunAsync(IOrchestrationApi api, Guid flowRunId, TimeSpan lease, TimeProvider time, CancellationToken cancellationToken) =>
        Repeat.EveryAsync(lease / 3, lease / 3, token => api.RenewLeasesAsync([flowRunId], lease, token), "The run's lease was not renewed", time, cancellationToken);
}

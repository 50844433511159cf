using Sluice.Orchestration;

namespace Sluice.Runtime.Orchestrated;

/// <summary>
/// Renews the run's lease, so that a run whose worker was killed lives as long as its process, and no longer. A server that has given this attempt up
/// refuses that, and the run is stopped.
/// </summary>
internal static class LeaseKeeper
{
    /// <summary>Renews three times a lease until cancelled.</summary>
    public static Task RunAsync(IOrchestrationApi api, Guid flowRunId, TimeSpan lease, RunStop stop, TimeProvider time, CancellationToken cancellationToken)
    {
        return Repeat.EveryAsync(lease / 3, lease / 3, RenewAsync, "The run's lease was not renewed", time, cancellationToken);

        async Task RenewAsync(CancellationToken token)
        {
            try
            {
                await api.RenewLeasesAsync([flowRunId], lease, token).ConfigureAwait(false);
            }
            catch (OrchestrationException exception) when (exception.Kind == OrchestrationErrorKind.Conflict)
            {
                stop.Request(StopReason.Lost);
                throw;
            }
        }
    }
}

using Sluice.Orchestration;

namespace Sluice.Runtime.Orchestrated;

/// <summary>
/// Renews the lease of the run's slot under its deployment's concurrency limit, as who says that it does so must (<see cref="SetStateOptions.RenewsConcurrencyLease"/>).
/// </summary>
/// <remarks>Prefect's engine renews by the same 300 seconds, and stops a run that lost its slot: another one may have it.</remarks>
internal static class SlotKeeper
{
    /// <summary>How long a renewal holds the slot.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(300);

    /// <summary>Renews at once, and then until cancelled: until its first renewal the slot is held for the deployment's grace period, which may be 60 seconds.</summary>
    public static Task RunAsync(IOrchestrationApi api, Guid leaseId, RunStop stop, TimeProvider time, CancellationToken cancellationToken)
    {
        return Repeat.EveryAsync(TimeSpan.Zero, Lease / 3, RenewAsync, "The run's slot under its concurrency limit was not renewed", time, cancellationToken);

        async Task RenewAsync(CancellationToken token)
        {
            if (!await api.RenewSlotsAsync(leaseId, Lease, token).ConfigureAwait(false))
            {
                stop.Request(StopReason.SlotLost);
            }
        }
    }
}

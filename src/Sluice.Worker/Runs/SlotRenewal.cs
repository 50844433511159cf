using Sluice.Orchestration;

namespace Sluice.Worker.Runs;

/// <summary>
/// Renews the lease of a run's slot under its deployment's concurrency limit, from the claim to the end of its process: pulling or building a program may take longer than
/// the server waits for the run to start. The flow program renews it too while it runs.
/// </summary>
internal static class SlotRenewal
{
    /// <summary>How long a renewal holds the slot: Prefect's default.</summary>
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(300);

    /// <summary>When it is renewed first: the claim holds it for the deployment's grace period, which is 60 seconds at the least. Most flows have started by then.</summary>
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(20);

    /// <summary>Renews until cancelled, or until the lease is over: a server takes it away when a program starts that says nothing of renewing.</summary>
    public static async Task RunAsync(RunServices services, Guid leaseId, CancellationToken cancellationToken)
    {
        TimeSpan pause = services.Options.SlotRenewal < s_first ? services.Options.SlotRenewal : s_first;
        for (; ; pause = services.Options.SlotRenewal)
        {
            await Task.Delay(pause, services.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
                return;
            bool held = true;
            try
            {
                await services.Calls.TryAsync(async token => held = await services.Api.RenewSlotsAsync(leaseId, s_lease, token), cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (OrchestrationException)
            {
                // A server without such leases.
                return;
            }
            if (!held)
                return;
        }
    }
}

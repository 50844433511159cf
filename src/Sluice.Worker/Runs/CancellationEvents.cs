using Sluice.Orchestration;
using Sluice.Orchestration.Http;

namespace Sluice.Worker.Runs;

/// <summary>
/// Learns at once that runs on a Prefect 3 server are to be cancelled, by its stream of events, as Prefect's own worker does: one stream for all runs of the worker. The
/// poll finds it too, within ten seconds: an event that is missed costs time only.
/// </summary>
internal static class CancellationEvents
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(10);

    /// <summary>Says whenever any run is to be cancelled; ends when cancelled, and where the server has no events or tells them to others only.</summary>
    public static async Task RunAsync(RunServices services, Action cancelling, CancellationToken cancellationToken)
    {
        if (!services.IsPrefect3 || services.Api is not HttpOrchestrationApi api)
            return;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await api.HearEventsAsync(
                    "prefect.flow-run.Cancelling",
                    null,
                    () =>
                    {
                        cancelling();
                        return true;
                    },
                    cancellationToken);
                return;
            }
            catch (OrchestrationException e) when (e.Kind is OrchestrationErrorKind.Unauthorized or OrchestrationErrorKind.Forbidden)
            {
                services.Log($"{e.Message}. Cancelled runs are found by asking, within ten seconds.");
                return;
            }
            catch (OrchestrationException)
            {
                // Looked for by polling meanwhile.
                await Task.Delay(s_pause, services.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}

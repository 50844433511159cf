using Sluice.Orchestration;
using Sluice.Orchestration.Http;

namespace Sluice.Worker.Runs;

/// <summary>
/// Learns at once that a run on a Prefect 3 server is to be cancelled, by its stream of events, as Prefect's own worker does. The poll finds it too, within ten seconds:
/// an event that is missed costs time only.
/// </summary>
internal static class CancellationEvents
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(10);

    /// <summary>Waits until the run is to be cancelled, and says so; ends when cancelled, or where the server has no events.</summary>
    public static async Task RunAsync(RunServices services, Guid flowRunId, Action cancelling, CancellationToken cancellationToken)
    {
        if (!services.IsPrefect3 || services.Api is not HttpOrchestrationApi api)
            return;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (await api.WaitForEventAsync("prefect.flow-run.Cancelling", $"prefect.flow-run.{flowRunId}", cancellationToken))
                    cancelling();
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

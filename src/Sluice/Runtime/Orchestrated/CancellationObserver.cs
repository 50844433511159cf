using Sluice.Orchestration;

namespace Sluice.Runtime.Orchestrated;

/// <summary>
/// Sees by itself that the run is to be cancelled, where no worker is left to send a signal (its worker was killed, or the program runs in a
/// container without one).
/// </summary>
internal static class CancellationObserver
{
    // Short runs are not worth a question.
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan WithoutFeed = TimeSpan.FromSeconds(10);

    // The run's own logs are changes, too.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Watches until the run is to stop, or until cancelled.</summary>
    public static Task RunAsync(IOrchestrationApi api, Guid flowRunId, RunStop stop, TimeProvider time, CancellationToken cancellationToken)
    {
        long change = 0;
        return Repeat.EveryAsync(First, Pause, ObserveAsync, "The run's state could not be watched", time, cancellationToken);

        async Task ObserveAsync(CancellationToken token)
        {
            try
            {
                change = await api.WaitForChangeAsync(change, LongestWait, token).ConfigureAwait(false);
            }
            catch (OrchestrationException)
            {
                // Its reason is told by the question that follows, if that fails as well.
                await Task.Delay(WithoutFeed, time, token).ConfigureAwait(false);
            }

            FlowRun? run = await api.ReadFlowRunAsync(flowRunId, token).ConfigureAwait(false);
            if (run is null)
            {
                stop.Request(StopReason.Deleted);
            }
            else if (run.StateType is StateType.Cancelling or StateType.Cancelled)
            {
                stop.Request(StopReason.Cancelled);
            }
        }
    }
}

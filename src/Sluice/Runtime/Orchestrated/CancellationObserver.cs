using Sluice.Orchestration;

namespace Sluice.Runtime.Orchestrated;

/// <summary>
/// Sees by itself that the run is to be cancelled, where no worker is left to send a signal (its worker was killed, or the program runs in a
/// container without one).
/// </summary>
/// <param name="api">The API.</param>
/// <param name="flowRunId">The run.</param>
/// <param name="stop">What is asked for.</param>
/// <param name="time">The clock.</param>
internal sealed class CancellationObserver(IOrchestrationApi api, Guid flowRunId, RunStop stop, TimeProvider time)
{
    /// <summary>The event that Prefect 3 tells a cancellation by.</summary>
    public const string Cancelling = "prefect.flow-run.Cancelling";

    // Short runs are not worth a question.
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan WithoutFeed = TimeSpan.FromSeconds(10);

    // The run's own logs are changes, too.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private long _change;

    /// <summary>Waits for an event of that name about that resource; answers false where the server has none to tell. Null where nobody can be asked.</summary>
    public Func<string, string, CancellationToken, Task<bool>>? WaitForEventAsync { get; init; }

    /// <summary>
    /// Watches until the run is to stop, or until cancelled: on a Sluice server by its feed of changes, on Prefect 3 by its stream of events, and where there is neither,
    /// or while it fails, by a question every ten seconds.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task listening = ListenAsync(over.Token);
        await Repeat.EveryAsync(First, Pause, ObserveAsync, "The run's state could not be watched", time, cancellationToken).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        await listening.ConfigureAwait(false);
    }

    /// <summary>Hears of the cancellation at once. The questions go on beside it: they find deleted runs, and what a stream lost.</summary>
    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(First, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (WaitForEventAsync is { } wait && !cancellationToken.IsCancellationRequested)
        {
            try
            {
                ApiInfo info = await api.GetInfoAsync(cancellationToken).ConfigureAwait(false);
                if (info.IsSluice || info.Version.StartsWith("2.", StringComparison.Ordinal))
                {
                    return;
                }

                if (!await wait(Cancelling, $"prefect.flow-run.{flowRunId}", cancellationToken).ConfigureAwait(false))
                {
                    return;
                }

                await LookAsync(cancellationToken).ConfigureAwait(false);
                if (stop.Reason != StopReason.None)
                {
                    return;
                }

                // An old cancellation of a run that was started again.
                await Task.Delay(WithoutFeed, time, cancellationToken).ConfigureAwait(false);
            }
            catch (OrchestrationException exception) when (exception.Kind is OrchestrationErrorKind.Unauthorized or OrchestrationErrorKind.Forbidden)
            {
                // The questions go on, and say what is wrong.
                return;
            }
            catch (OrchestrationException)
            {
                await Task.Delay(WithoutFeed, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task ObserveAsync(CancellationToken cancellationToken)
    {
        try
        {
            _change = await api.WaitForChangeAsync(_change, LongestWait, cancellationToken).ConfigureAwait(false);
        }
        catch (OrchestrationException)
        {
            // Its reason is told by the question that follows, if that fails as well.
            await Task.Delay(WithoutFeed, time, cancellationToken).ConfigureAwait(false);
        }

        await LookAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        FlowRun? run = await api.ReadFlowRunAsync(flowRunId, cancellationToken).ConfigureAwait(false);
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

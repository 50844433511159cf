using Sluice.Orchestration;

namespace Sluice.Runtime.Orchestrated;

/// <summary>Does something again and again beside the run.</summary>
internal static class Repeat
{
    /// <summary>Acts first after a delay, then at a period, until cancelled. An API that cannot answer is told of once on stderr and asked again next time.</summary>
    public static async Task EveryAsync(
        TimeSpan first, TimeSpan period, Func<CancellationToken, Task> act, string failure, TimeProvider time, CancellationToken cancellationToken)
    {
        bool told = false;
        for (TimeSpan next = first; await SleepsAsync(next).ConfigureAwait(false); next = period)
        {
            try
            {
                await act(cancellationToken).ConfigureAwait(false);
            }
            catch (OrchestrationException exception)
            {
                if (!told)
                {
                    told = true;
                    await Console.Error.WriteLineAsync($"{failure}: {exception.Message}").ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The run is over.
            }
        }

        // Without an exception at its end: a short run has three of these, and the first throw of a process is dear.
        async Task<bool> SleepsAsync(TimeSpan pause)
        {
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return !cancellationToken.IsCancellationRequested;
        }
    }
}

using Sluice.Orchestration;

namespace Sluice.Worker.Runs;

/// <summary>Calls to the API for one run: asked again with growing pauses while it cannot answer, for a bounded time.</summary>
internal sealed class BoundedCalls(TimeProvider time)
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);

    // As long as the flow's program is patient.
    private static readonly TimeSpan s_budget = TimeSpan.FromMinutes(2);

    /// <summary>Calls until the answer is another than an outage, or the time is over.</summary>
    /// <param name="call">The call. It must do nothing twice when it is made twice.</param>
    /// <param name="budget">How long to go on; two minutes when null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OrchestrationException">The last answer.</exception>
    public async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, TimeSpan? budget, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        for (TimeSpan pause = s_firstPause; ; pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause)
        {
            try
            {
                return await call(cancellationToken);
            }
            catch (OrchestrationException e) when (ApiCalls.IsOutage(e) && time.GetElapsedTime(start) + pause < (budget ?? s_budget))
            {
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }

    /// <inheritdoc cref="CallAsync{T}"/>
    public Task CallAsync(Func<CancellationToken, Task> call, TimeSpan? budget, CancellationToken cancellationToken) => CallAsync(
        async token =>
        {
            await call(token);
            return true;
        },
        budget, cancellationToken);
}

using System.Globalization;
using Sluice.Orchestration;

namespace Sluice.Runtime.Orchestrated;

/// <summary>Asks again, for a bounded time and at growing intervals, when the API cannot answer.</summary>
internal sealed class Patience(TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>How long a question may take while the run goes on: a server's restart or a database under load must not lose a run.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Asks until there is an answer, another kind of error, or no time left.</summary>
    /// <param name="ask">The question. It must do nothing twice when it is asked twice.</param>
    /// <param name="budget">How long to go on; <see cref="Budget"/> when null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OrchestrationException">The last answer.</exception>
    public async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, TimeSpan? budget, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        TimeSpan pause = FirstPause;
        while (true)
        {
            try
            {
                return await ask(cancellationToken).ConfigureAwait(false);
            }
            catch (OrchestrationException exception) when (
                exception.Kind is OrchestrationErrorKind.Unavailable or OrchestrationErrorKind.Unreachable
                && time.GetElapsedTime(start) + pause < (budget ?? Budget))
            {
                if (pause == FirstPause * 8)
                {
                    await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Waiting for the API: {exception.Message}")).ConfigureAwait(false);
                }

                await Task.Delay(pause * (0.75 + (Random.Shared.NextDouble() / 2)), time, cancellationToken).ConfigureAwait(false);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    /// <inheritdoc cref="AskAsync{T}"/>
    public Task AskAsync(Func<CancellationToken, Task> ask, TimeSpan? budget, CancellationToken cancellationToken) =>
        AskAsync(async token =>
        {
            await ask(token).ConfigureAwait(false);
            return true;
        }, budget, cancellationToken);
}

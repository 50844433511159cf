using Sluice.Orchestration;

namespace Sluice.Worker.Runs;

/// <summary>
/// Calls to the API that outlast an outage: tried again with growing pauses until it answers. Says one line when an outage begins and one when it
/// ends, however many calls met it.
/// </summary>
internal sealed class ApiCalls(TimeProvider time, Action<string> log)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private TaskCompletionSource _begins = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? _since;

    /// <summary>Ends when an outage begins; ended during one.</summary>
    public Task OutageBegins
    {
        get
        {
            lock (_lock)
                return _begins.Task;
        }
    }

    /// <summary>Whether trying again later may help.</summary>
    public static bool IsOutage(Exception e) =>
        e is OrchestrationException { Kind: OrchestrationErrorKind.Unavailable or OrchestrationErrorKind.Unreachable or OrchestrationErrorKind.Storage };

    /// <summary>Calls until the answer is another than an outage.</summary>
    public async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        for (TimeSpan pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                T answer = await call(cancellationToken);
                Answered();
                return answer;
            }
            catch (OrchestrationException e) when (IsOutage(e))
            {
                Failed(e);
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }

    /// <summary>Calls until the answer is another than an outage.</summary>
    public Task CallAsync(Func<CancellationToken, Task> call, CancellationToken cancellationToken) => CallAsync(
        async token =>
        {
            await call(token);
            return true;
        },
        cancellationToken);

    /// <summary>Calls once; an outage is reported and answered with false. For what is repeated anyway.</summary>
    public async Task<bool> TryAsync(Func<CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        try
        {
            await call(cancellationToken);
            Answered();
            return true;
        }
        catch (OrchestrationException e) when (IsOutage(e))
        {
            Failed(e);
            return false;
        }
    }

    private void Failed(OrchestrationException e)
    {
        lock (_lock)
        {
            if (_since is not null)
                return;
            _since = time.GetTimestamp();
            _begins.TrySetResult();
        }

        log($"The API cannot be used now and is tried again until it can; flows that run go on. {e.Message}");
    }

    private void Answered()
    {
        TimeSpan lasted;
        lock (_lock)
        {
            if (_since is not { } since)
                return;
            lasted = time.GetElapsedTime(since);
            _since = null;
            _begins = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        log(FormattableString.Invariant($"The API answers again after {lasted.TotalSeconds:0} s."));
    }
}

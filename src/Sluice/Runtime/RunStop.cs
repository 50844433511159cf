namespace Sluice.Runtime;

/// <summary>The wish to stop a run, with the first reason that was given.</summary>
internal sealed class RunStop
{
    // Never disposed: code that ignored the wish may hold the token after the run was given up.
    private readonly CancellationTokenSource _source = new();
    private int _reason;

    /// <summary>Cancelled by the first request.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The first request's reason.</summary>
    public StopReason Reason => (StopReason)Volatile.Read(ref _reason);

    /// <summary>Asks the run to stop. Returns at once: callbacks of the flow's code run elsewhere.</summary>
    public void Request(StopReason reason)
    {
        if (Interlocked.CompareExchange(ref _reason, (int)reason, (int)StopReason.None) == (int)StopReason.None)
        {
            _ = CancelAsync();
        }
    }

    private async Task CancelAsync()
    {
        try
        {
            await _source.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException exception)
        {
            await Console.Error.WriteLineAsync($"A cancellation callback of the flow failed: {exception.InnerException?.Message}").ConfigureAwait(false);
        }
    }
}

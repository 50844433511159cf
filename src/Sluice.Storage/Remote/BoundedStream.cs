namespace Sluice.Storage.Remote;

/// <summary>Each read of it takes a bounded time.</summary>
/// <param name="inner">Disposed with it.</param>
/// <param name="longest">How long a read may bring nothing.</param>
/// <param name="time">The clock.</param>
/// <param name="stalled">What is thrown then.</param>
internal sealed class BoundedStream(Stream inner, TimeSpan longest, TimeProvider time, Func<Exception> stalled) : ReadOnlyStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var silence = new CancellationTokenSource(longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            return await inner.ReadAsync(buffer, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw stalled();
        }
    }

    public override ValueTask DisposeAsync() => inner.DisposeAsync();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}

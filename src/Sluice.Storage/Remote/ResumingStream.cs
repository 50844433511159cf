namespace Sluice.Storage.Remote;

/// <summary>
/// The body of a download that goes on where a connection broke: it asks for the rest, of the same version of the object, a few times with growing pauses.
/// A connection that gives nothing for a while counts as broken.
/// </summary>
/// <param name="open">Opens the rest from an offset; fails with a <see cref="StorageException"/> that is not Unavailable where that is of no use.</param>
/// <param name="first">The body from offset 0, when it is open already.</param>
/// <param name="length">The object's length in bytes.</param>
/// <param name="translate">What an exception of the body means; null where it is none of the system's.</param>
/// <param name="time">Counts the pauses and the silence.</param>
internal sealed class ResumingStream(Func<long, CancellationToken, Task<Stream>> open, Stream first, long length, Func<Exception, StorageException?> translate, TimeProvider time) : ReadOnlyStream
{
    private const int Attempts = 5;
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(30);

    private Stream? _body = first;
    private long _position;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                _body ??= await open(_position, cancellationToken).ConfigureAwait(false);
                int count = await ReadBoundedAsync(buffer, cancellationToken).ConfigureAwait(false);
                if (count == 0 && buffer.Length > 0 && _position < length)
                    throw new IOException($"the connection ended after {_position} of {length} bytes");
                _position += count;
                return count;
            }
            catch (Exception e) when (Failure(e, cancellationToken) is { } failure)
            {
                await CloseAsync().ConfigureAwait(false);
                if (failure.Kind != StorageErrorKind.Unavailable || attempt == Attempts)
                    throw failure;
                await Task.Delay(TimeSpan.FromMilliseconds(100 << attempt), time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _body?.Dispose();
        base.Dispose(disposing);
    }

    private StorageException? Failure(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        StorageException storage => storage,
        OperationCanceledException when cancellationToken.IsCancellationRequested => null,
        _ => translate(exception),
    };

    private async Task<int> ReadBoundedAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(s_silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            return await _body!.ReadAsync(buffer, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"nothing arrived for {s_silence.TotalSeconds} seconds");
        }
    }

    private async ValueTask CloseAsync()
    {
        if (_body is { } body)
        {
            _body = null;
            await body.DisposeAsync().ConfigureAwait(false);
        }
    }
}

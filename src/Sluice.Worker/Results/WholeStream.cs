using Sluice.Storage;

namespace Sluice.Worker.Results;

/// <summary>The body of a request, which fails where it ends before its length: half a result must not be stored.</summary>
internal sealed class WholeStream(Stream inner, long length) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count;
        try
        {
            count = await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (e is System.Net.HttpListenerException or IOException or ObjectDisposedException)
        {
            throw Cut(e);
        }
        _read += count;
        return count > 0 || buffer.Length == 0 || _read == length ? count : throw Cut(null);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private StorageException Cut(Exception? inner) => new(StorageErrorKind.Unavailable, $"The result ended after {_read} of {length} bytes.", inner);
}

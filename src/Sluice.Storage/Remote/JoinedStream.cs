namespace Sluice.Storage.Remote;

/// <summary>Bytes that were read already, then the rest of the stream they came from.</summary>
/// <param name="start">Read first.</param>
/// <param name="rest">Not disposed.</param>
internal sealed class JoinedStream(ReadOnlyMemory<byte> start, Stream rest) : ReadOnlyStream
{
    private ReadOnlyMemory<byte> _start = start;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _start.Length > 0 ? new(Take(buffer.Span)) : rest.ReadAsync(buffer, cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => _start.Length > 0 ? Take(buffer.AsSpan(offset, count)) : rest.Read(buffer, offset, count);

    private int Take(Span<byte> buffer)
    {
        int count = Math.Min(buffer.Length, _start.Length);
        _start.Span[..count].CopyTo(buffer);
        _start = _start[count..];
        return count;
    }
}

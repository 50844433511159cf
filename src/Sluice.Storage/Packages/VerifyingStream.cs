using System.Security.Cryptography;
using Sluice.Storage.Remote;

namespace Sluice.Storage.Packages;

/// <summary>
/// Hashes while it is read, and throws instead of ending when size or digest are not the file's: whoever copies it to its end has what was meant.
/// </summary>
internal sealed class VerifyingStream(Stream inner, PackageFile file, Func<Exception?, StorageException> mismatch, Action<int>? told = null) : ReadOnlyStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _read;
    private bool _verified;

    public override long Length => file.Size;

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int count;
        try
        {
            count = inner.Read(buffer);
        }
        catch (Exception e) when (IoErrors.IsIo(e) || e is InvalidDataException)
        {
            throw mismatch(e);
        }
        Take(buffer[..count], atEnd: count == 0 && buffer.Length > 0);
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count;
        try
        {
            count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IoErrors.IsIo(e) || e is InvalidDataException)
        {
            throw mismatch(e);
        }
        Take(buffer.Span[..count], atEnd: count == 0 && buffer.Length > 0);
        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        _hash.Dispose();
        await inner.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            inner.Dispose();
        }
        base.Dispose(disposing);
    }

    private void Take(ReadOnlySpan<byte> bytes, bool atEnd)
    {
        if (_verified)
            return;
        _read += bytes.Length;
        _hash.AppendData(bytes);
        // Too long is known before the end: a tampered blob must not fill the disk.
        if (_read > file.Size || (atEnd && (_read != file.Size || Convert.ToHexStringLower(_hash.GetHashAndReset()) != file.Sha256)))
            throw mismatch(null);
        _verified = atEnd;
        told?.Invoke(bytes.Length);
    }
}

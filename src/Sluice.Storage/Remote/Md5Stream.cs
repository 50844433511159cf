using System.Security.Cryptography;

namespace Sluice.Storage.Remote;

/// <summary>Takes the MD5 of what is read through it, for services that tell theirs: it finds transfer errors, and protects nothing.</summary>
/// <param name="inner">Read once; not disposed.</param>
internal sealed class Md5Stream(Stream inner) : ReadOnlyStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);

    /// <summary>The MD5 so far, in base64.</summary>
    public string Base64 => Convert.ToBase64String(_hash.GetCurrentHash());

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        _hash.AppendData(buffer.Span[..count]);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        int read = inner.Read(buffer, offset, count);
        _hash.AppendData(buffer, offset, read);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hash.Dispose();
        base.Dispose(disposing);
    }
}

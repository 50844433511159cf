using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using Sluice.Storage.Options;
using Sluice.Storage.Remote;
using Sluice.Storage.Secrets;

namespace Sluice.Storage.S3;

/// <summary>A bucket of S3, or of a server that speaks its API, as a store: <c>s3://bucket/prefix?region=…</c>.</summary>
internal sealed class S3Store : IPackageStore
{
    private readonly StoreOptions _options;
    private readonly TimeProvider _time;
    private readonly string _bucket;
    private readonly string _prefix;
    private readonly Lazy<Task<S3Options>> _resolved;

    internal S3Store(Uri location, ISecretSource secrets, TimeProvider time)
    {
        (_bucket, _prefix) = StoreUri.Read(location, "bucket", "s3://bucket/prefix?region=…");
        _options = StoreOptions.Read(location, S3Options.Known, secrets);
        _time = time;
        Location = location;
        _resolved = new(() => S3Options.ResolveAsync(_options, _time, CancellationToken.None));
    }

    public Uri Location { get; }

    private string Shown => StoreOptions.Shown(Location);

    public Task<long?> GetSizeAsync(string key, CancellationToken cancellationToken) => Try(key, $"Cannot read {key} in the store {Shown}", async s3 =>
    {
        try
        {
            return (await s3.Client.GetObjectMetadataAsync(_bucket, _prefix + key, cancellationToken).ConfigureAwait(false)).ContentLength;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return (long?)null;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.Forbidden)
        {
            // A refusal of HEAD has no body to say why. That of a list has: the SDK then sets a wrong clock right, and the rest can be told.
            ListObjectsV2Response page = await s3.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _bucket, Prefix = _prefix + key, MaxKeys = 1 }, cancellationToken).ConfigureAwait(false);
            return page.S3Objects is [var first, ..] && first.Key == _prefix + key ? first.Size : null;
        }
    });

    public Task PutAsync(string key, Stream content, CancellationToken cancellationToken) => Try(key, $"Cannot write {key} to the store {Shown}", async s3 =>
    {
        await new S3Upload(s3, _bucket, _prefix + key, createOnly: false).SendAsync(content, cancellationToken).ConfigureAwait(false);
        return true;
    });

    public Task<bool> CreateAsync(string key, Stream content, CancellationToken cancellationToken) => Try(key, $"Cannot write {key} to the store {Shown}", async s3 =>
    {
        try
        {
            await new S3Upload(s3, _bucket, _prefix + key, createOnly: true).SendAsync(content, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict)
        {
            return false;
        }
    });

    public Task<Stream> GetAsync(string key, CancellationToken cancellationToken)
    {
        string what = $"Cannot read {key} in the store {Shown}";
        return Try<Stream>(key, what, async s3 =>
        {
            GetObjectResponse whole = await s3.Client.GetObjectAsync(_bucket, _prefix + key, cancellationToken).ConfigureAwait(false);
            return new ResumingStream(
                (offset, token) => Try<Stream>(key, what, async again =>
                {
                    GetObjectResponse rest = await again.Client.GetObjectAsync(
                        new GetObjectRequest { BucketName = _bucket, Key = _prefix + key, EtagToMatch = whole.ETag, ByteRange = new ByteRange(offset, long.MaxValue) }, token).ConfigureAwait(false);
                    if (offset == 0 || rest.HttpStatusCode == HttpStatusCode.PartialContent)
                        return rest.ResponseStream;
                    rest.Dispose();
                    // Its beginning in the place of the rest would make of a broken connection a damaged object.
                    throw new StorageException(StorageErrorKind.Unavailable, string.Create(CultureInfo.InvariantCulture,
                        $"{what}: the connection ended after {offset} of {whole.ContentLength} bytes, and what answered does not give the rest alone ({(int)rest.HttpStatusCode} to a range). Is there a proxy between?"));
                }),
                whole.ResponseStream, whole.ContentLength, e => S3Errors.IsS3(e) ? S3Errors.Translate(e, what, _bucket) : null, _time);
        });
    }

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<string> keys = await Try(null, $"Cannot list the store {Shown}", async s3 =>
        {
            var found = new List<string>();
            var request = new ListObjectsV2Request { BucketName = _bucket, Prefix = _prefix + prefix };
            ListObjectsV2Response page;
            do
            {
                page = await s3.Client.ListObjectsV2Async(request, cancellationToken).ConfigureAwait(false);
                found.AddRange((page.S3Objects ?? []).Select(o => o.Key[_prefix.Length..]).Where(key => StoreKey.Refuse(key) is null));
                request.ContinuationToken = page.NextContinuationToken;
            }
            while (page.IsTruncated == true);
            return found;
        }).ConfigureAwait(false);
        // S3 orders by UTF-8, and ordinal is by UTF-16.
        keys.Sort(StringComparer.Ordinal);
        foreach (string key in keys)
            yield return key;
    }

    public Task<StoredSizes?> ListSizesAsync(string prefix, int most, CancellationToken cancellationToken) => Try<StoredSizes?>(null, $"Cannot list the store {Shown}", async s3 =>
    {
        ListObjectsV2Response page = await s3.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _bucket, Prefix = _prefix + prefix, MaxKeys = most }, cancellationToken).ConfigureAwait(false);
        Dictionary<string, long> sizes = (page.S3Objects ?? []).ToDictionary(o => o.Key[_prefix.Length..], o => o.Size ?? 0, StringComparer.Ordinal);
        return new(sizes, page.IsTruncated == true ? page.S3Objects![^1].Key[_prefix.Length..] : null);
    });

    public Task<bool> DeleteAsync(string key, CancellationToken cancellationToken) => Try(key, $"Cannot delete {key} in the store {Shown}", async s3 =>
    {
        // S3 says 204 whether it was there or not.
        if (await GetSizeAsync(key, cancellationToken).ConfigureAwait(false) is null)
            return false;
        await s3.Client.DeleteObjectAsync(_bucket, _prefix + key, cancellationToken).ConfigureAwait(false);
        return true;
    });

    public Task<Uri?> PresignAsync(string key, PresignedUse use, TimeSpan lifetime, CancellationToken cancellationToken) => Try<Uri?>(key, $"Cannot sign a URL for {key} in the store {Shown}", async s3 =>
        new(await s3.Client.GetPreSignedURLAsync(new GetPreSignedUrlRequest
        {
            BucketName = _bucket,
            Key = _prefix + key,
            Verb = use == PresignedUse.Read ? HttpVerb.GET : HttpVerb.PUT,
            Expires = _time.GetUtcNow().UtcDateTime + lifetime,
            Protocol = s3.Client.Config.ServiceURL?.StartsWith("http:", StringComparison.OrdinalIgnoreCase) == true ? Protocol.HTTP : Protocol.HTTPS,
        }).ConfigureAwait(false)));

    public async ValueTask DisposeAsync()
    {
        if (_resolved.IsValueCreated && _resolved.Value.IsCompletedSuccessfully)
            (await _resolved.Value.ConfigureAwait(false)).Client.Dispose();
    }

    private async Task<T> Try<T>(string? key, string what, Func<S3Options, Task<T>> work)
    {
        if (key is not null)
            StoreKey.Check(key);
        try
        {
            return await work(await _resolved.Value.ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception e) when (S3Errors.IsS3(e))
        {
            throw S3Errors.Translate(e, what, _bucket);
        }
    }
}

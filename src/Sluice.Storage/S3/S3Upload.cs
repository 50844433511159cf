using System.Buffers;
using Amazon.S3;
using Amazon.S3.Model;

namespace Sluice.Storage.S3;

/// <summary>Sends one object: at once where it is small, in parts where it is not. Nothing is visible before the last request.</summary>
/// <param name="options">Client and upload settings.</param>
/// <param name="bucket">The bucket.</param>
/// <param name="key">The object's key in it.</param>
/// <param name="createOnly">Whether an object that exists stays as it is, and the server answers 412.</param>
internal sealed class S3Upload(S3Options options, string bucket, string key, bool createOnly)
{
    // Parts must have at least 5 MiB, and there may be 10,000 of them: later parts are larger, so that no size is too large.
    private const int PartSize = 8 * 1024 * 1024;
    private const int PartsPerSize = 1000;
    private const int LargestPart = 512 * 1024 * 1024;
    private const int Parallelism = 4;
    private static readonly TimeSpan s_abortTime = TimeSpan.FromSeconds(10);

    public async Task SendAsync(Stream content, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(PartSize);
        try
        {
            int count = await content.ReadAtLeastAsync(buffer.AsMemory(0, PartSize), PartSize, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            if (count < PartSize)
            {
                await options.Client.PutObjectAsync(Object(new MemoryStream(buffer, 0, count, writable: false)), cancellationToken).ConfigureAwait(false);
                return;
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
        await SendPartsAsync(buffer, content, cancellationToken).ConfigureAwait(false);
    }

    private async Task SendPartsAsync(byte[] first, Stream content, CancellationToken cancellationToken)
    {
        InitiateMultipartUploadResponse upload = await options.Client.InitiateMultipartUploadAsync(Initiate(), cancellationToken).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var slots = new SemaphoreSlim(Parallelism);
        var parts = new List<Task<PartETag>>();
        try
        {
            byte[] buffer = first;
            int count = PartSize;
            while (count > 0)
            {
                await slots.WaitAsync(stop.Token).ConfigureAwait(false);
                parts.Add(SendPartAsync(upload.UploadId, parts.Count + 1, buffer, count, slots, stop));
                int size = (int)Math.Min(LargestPart, (long)PartSize << (parts.Count / PartsPerSize));
                buffer = ArrayPool<byte>.Shared.Rent(size);
                count = await content.ReadAtLeastAsync(buffer.AsMemory(0, size), size, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            }
            ArrayPool<byte>.Shared.Return(buffer);
            PartETag[] sent = await Task.WhenAll(parts).ConfigureAwait(false);
            await options.Client.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = upload.UploadId, PartETags = [.. sent], IfNoneMatch = createOnly ? "*" : null },
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(parts.Select(part => part.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default))).ConfigureAwait(false);
            await AbortAsync(upload.UploadId).ConfigureAwait(false);
            // A part that failed cancelled the rest; it is what must be told.
            if (e is OperationCanceledException && !cancellationToken.IsCancellationRequested && parts.FirstOrDefault(part => part.IsFaulted) is { } failed)
                await failed.ConfigureAwait(false);
            throw;
        }
    }

    private async Task<PartETag> SendPartAsync(string upload, int number, byte[] buffer, int count, SemaphoreSlim slots, CancellationTokenSource stop)
    {
        try
        {
            UploadPartResponse answer = await options.Client.UploadPartAsync(
                new UploadPartRequest { BucketName = bucket, Key = key, UploadId = upload, PartNumber = number, PartSize = count, InputStream = new MemoryStream(buffer, 0, count, writable: false) },
                stop.Token).ConfigureAwait(false);
            return new PartETag(answer);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            slots.Release();
        }
    }

    private async Task AbortAsync(string upload)
    {
        using var bound = new CancellationTokenSource(s_abortTime);
        try
        {
            await options.Client.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = upload }, bound.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (S3Errors.IsS3(e) || e is OperationCanceledException)
        {
            // Parts without an end are invisible; the bucket's lifecycle rule for incomplete uploads removes them.
        }
    }

    private PutObjectRequest Object(Stream content) => new()
    {
        BucketName = bucket,
        Key = key,
        InputStream = content,
        AutoCloseStream = false,
        ServerSideEncryptionMethod = options.Encryption,
        ServerSideEncryptionKeyManagementServiceKeyId = options.EncryptionKey,
        StorageClass = options.StorageClass,
        CannedACL = options.Acl,
        IfNoneMatch = createOnly ? "*" : null,
    };

    private InitiateMultipartUploadRequest Initiate() => new()
    {
        BucketName = bucket,
        Key = key,
        ServerSideEncryptionMethod = options.Encryption,
        ServerSideEncryptionKeyManagementServiceKeyId = options.EncryptionKey,
        StorageClass = options.StorageClass,
        CannedACL = options.Acl,
    };
}

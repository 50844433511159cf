using Amazon.S3;
using Amazon.S3.Model;
using Sluice.Storage.Remote;

namespace Sluice.Storage.S3;

/// <summary>Sends one object. Nothing is visible before the last request.</summary>
/// <param name="options">Client and upload settings.</param>
/// <param name="bucket">The bucket.</param>
/// <param name="key">The object's key in it.</param>
/// <param name="createOnly">Whether an object that exists stays as it is, and the server answers 412.</param>
internal sealed class S3Upload(S3Options options, string bucket, string key, bool createOnly)
{
    private static readonly TimeSpan s_abortTime = TimeSpan.FromSeconds(10);

    public Task SendAsync(Stream content, CancellationToken cancellationToken) =>
        Parts.SendAsync(content, WholeAsync, BeginAsync, PartAsync, EndAsync, AbortAsync, cancellationToken);

    private Task WholeAsync(ArraySegment<byte> bytes, CancellationToken cancellationToken) => OnceMoreAsync(() => options.Client.PutObjectAsync(
        new PutObjectRequest
        {
            BucketName = bucket,
            Key = key,
            InputStream = StreamOf(bytes),
            DisableDefaultChecksumValidation = !options.Checksums,
            ServerSideEncryptionMethod = options.Encryption,
            ServerSideEncryptionKeyManagementServiceKeyId = options.EncryptionKey,
            StorageClass = options.StorageClass,
            CannedACL = options.Acl,
            IfNoneMatch = createOnly ? "*" : null,
        },
        cancellationToken));

    private async Task<string> BeginAsync(CancellationToken cancellationToken) => (await options.Client.InitiateMultipartUploadAsync(
        new InitiateMultipartUploadRequest
        {
            BucketName = bucket,
            Key = key,
            ServerSideEncryptionMethod = options.Encryption,
            ServerSideEncryptionKeyManagementServiceKeyId = options.EncryptionKey,
            StorageClass = options.StorageClass,
            CannedACL = options.Acl,
        },
        cancellationToken).ConfigureAwait(false)).UploadId;

    private async Task<PartETag> PartAsync(string upload, int number, ArraySegment<byte> bytes, CancellationToken cancellationToken) => new(await OnceMoreAsync(() => options.Client.UploadPartAsync(
        new UploadPartRequest
        {
            BucketName = bucket,
            Key = key,
            UploadId = upload,
            PartNumber = number,
            PartSize = bytes.Count,
            InputStream = StreamOf(bytes),
            DisableDefaultChecksumValidation = !options.Checksums,
        },
        cancellationToken)).ConfigureAwait(false));

    // Signatures cover the body, so one that was damaged on its way is refused as a wrong signature. A wrong secret is refused again.
    private static async Task<T> OnceMoreAsync<T>(Func<Task<T>> send)
    {
        try
        {
            return await send().ConfigureAwait(false);
        }
        catch (AmazonS3Exception e) when (e.ErrorCode is "SignatureDoesNotMatch" or "XAmzContentSHA256Mismatch" or "BadDigest")
        {
            return await send().ConfigureAwait(false);
        }
    }

    private Task EndAsync(string upload, PartETag[] parts, CancellationToken cancellationToken) => options.Client.CompleteMultipartUploadAsync(
        new CompleteMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = upload, PartETags = [.. parts], IfNoneMatch = createOnly ? "*" : null },
        cancellationToken);

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

    private static MemoryStream StreamOf(ArraySegment<byte> bytes) => new(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
}

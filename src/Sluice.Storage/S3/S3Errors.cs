using System.Net;
using Amazon.Runtime;
using Amazon.S3;

namespace Sluice.Storage.S3;

/// <summary>What S3's failures mean, and how to mend them. Codes: the S3 API reference's list of error responses.</summary>
internal static class S3Errors
{
    /// <summary>Whether the failure is one of the SDK's or of the connection below it.</summary>
    internal static bool IsS3(Exception exception) => exception is AmazonServiceException or AmazonClientException or HttpRequestException || IoErrors.IsIo(exception);

    /// <summary>The exception that says it in one line.</summary>
    /// <param name="exception">What the SDK threw.</param>
    /// <param name="what">What was done and where, as <c>Cannot write X to s3://bucket</c>.</param>
    /// <param name="bucket">The bucket.</param>
    internal static StorageException Translate(Exception exception, string what, string bucket)
    {
        (StorageErrorKind kind, string why) = exception switch
        {
            AmazonS3Exception s3 => Explain(s3, bucket),
            AmazonServiceException service => (StorageErrorKind.Unavailable, service.Message.TrimEnd('.')),
            // The SDK compares what it read with the object's ETag.
            AmazonClientException client when client.Message.Contains("hash", StringComparison.OrdinalIgnoreCase) =>
                (StorageErrorKind.Damaged, "what arrived is not what the server holds. Try again"),
            AmazonClientException client when client.Message.Contains("credentials", StringComparison.OrdinalIgnoreCase) || client.Message.Contains("profile", StringComparison.OrdinalIgnoreCase) =>
                (StorageErrorKind.Forbidden, $"no AWS credentials were found ({client.Message.TrimEnd('.')}). Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile, or give aws_access_key_id=${{NAME}} in the URI"),
            _ => (StorageErrorKind.Unavailable, $"{exception.Message.TrimEnd('.')}. Is the address right, and the server up?"),
        };
        return new(kind, $"{what}: {why}{(why.EndsWith('?') ? "" : ".")}", exception);
    }

    private static (StorageErrorKind Kind, string Why) Explain(AmazonS3Exception e, string bucket) => e.ErrorCode switch
    {
        "NoSuchBucket" => (StorageErrorKind.NotFound, $"the bucket '{bucket}' does not exist. Create it, or correct the URI"),
        "NoSuchKey" or "NotFound" => (StorageErrorKind.NotFound, "it does not exist"),
        "NoSuchUpload" => (StorageErrorKind.Unavailable, "the server has forgotten the upload before its end. Try again"),
        "InvalidAccessKeyId" => (StorageErrorKind.Forbidden, "the server does not know the access key. Check AWS_ACCESS_KEY_ID, the profile, or endpoint_url"),
        "SignatureDoesNotMatch" => (StorageErrorKind.Forbidden, "the secret does not belong to the access key. Check AWS_SECRET_ACCESS_KEY, and the region"),
        "ExpiredToken" or "TokenRefreshRequired" or "InvalidToken" => (StorageErrorKind.Forbidden, "the session token is expired or invalid. Sign in again"),
        "RequestTimeTooSkewed" => (StorageErrorKind.Forbidden, "this machine's clock differs too much from the server's. Set the clock"),
        "AccessDenied" or "AllAccessDisabled" or "AccountProblem" => (StorageErrorKind.Forbidden, $"the credentials lack a permission on the bucket '{bucket}' (needed: s3:GetObject, s3:PutObject, s3:DeleteObject, s3:ListBucket)"),
        "QuotaExceeded" or "EntityTooLarge" or "ServiceQuotaExceeded" => (StorageErrorKind.Full, "the quota is used up. Free space, or raise it"),
        "PermanentRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" =>
            (StorageErrorKind.Invalid, $"the bucket '{bucket}' is in another region. Give region=… in the URI"),
        "InvalidBucketName" => (StorageErrorKind.Invalid, $"'{bucket}' is no name for a bucket"),
        "XAmzContentSHA256Mismatch" or "BadDigest" or "InvalidDigest" => (StorageErrorKind.Damaged, "what arrived at the server is not what was sent. Try again"),
        "NotImplemented" => (StorageErrorKind.Invalid, $"the server does not know what was asked ({e.ErrorCode}). With S3-compatible servers, try checksums=when_required"),
        "SlowDown" or "ServiceUnavailable" or "RequestTimeout" or "InternalError" => (StorageErrorKind.Unavailable, $"the server is overloaded or failing ({e.ErrorCode}). Try again later"),
        _ => e.StatusCode switch
        {
            HttpStatusCode.NotFound => (StorageErrorKind.NotFound, "it does not exist"),
            HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => (StorageErrorKind.Forbidden, $"the server refused the credentials for the bucket '{bucket}' ({(int)e.StatusCode})"),
            HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect => (StorageErrorKind.Invalid, $"the bucket '{bucket}' is in another region. Give region=… in the URI"),
            HttpStatusCode.InsufficientStorage => (StorageErrorKind.Full, "no space is left"),
            _ => (StorageErrorKind.Unavailable, $"{e.Message.TrimEnd('.')} ({(int)e.StatusCode}{(e.ErrorCode is { Length: > 0 } code ? $" {code}" : "")})"),
        },
    };
}

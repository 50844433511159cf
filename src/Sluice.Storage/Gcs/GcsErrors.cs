using System.Net;
using System.Text.Json;
using Google;
using Google.Apis.Auth.OAuth2.Responses;

namespace Sluice.Storage.Gcs;

/// <summary>What Google's failures mean, and how to mend them. Reasons: "HTTP status and error codes for JSON" of Cloud Storage's reference.</summary>
internal static class GcsErrors
{
    /// <summary>Whether the failure is one of Google's or of the connection below it.</summary>
    internal static bool IsGcs(Exception exception, CancellationToken cancellationToken) =>
        exception is GcsException or GoogleApiException or TokenResponseException or HttpRequestException || IoErrors.IsIo(exception)
        // JsonElement throws the others at a body that is JSON of another shape.
        || exception is InvalidOperationException or JsonException or KeyNotFoundException or FormatException
        // HttpClient's own timeout.
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>The exception that says it in one line.</summary>
    internal static StorageException Translate(Exception exception, string what, string bucket)
    {
        (StorageErrorKind kind, string why) = exception switch
        {
            GcsException gcs => Explain(gcs.Status, gcs.Reason, gcs.Message, bucket),
            GoogleApiException api => Explain(api.HttpStatusCode, api.Error?.Errors?.FirstOrDefault()?.Reason, api.Error?.Message ?? api.Message, bucket),
            TokenResponseException token => (StorageErrorKind.Forbidden, $"Google refused the service account ({Line(token.Error?.ErrorDescription ?? token.Error?.Error ?? token.Message)}). Check its key, and this machine's clock"),
            InvalidOperationException when IsMissingCredentials(exception) => (StorageErrorKind.Forbidden, "no Google credentials were found. Set GOOGLE_APPLICATION_CREDENTIALS, sign in with gcloud, or give service_account_info=${NAME} in the URI"),
            InvalidOperationException or JsonException or KeyNotFoundException or FormatException => (StorageErrorKind.Unavailable, "what the server answers is not what Cloud Storage answers. Is the address right?"),
            _ => (StorageErrorKind.Unavailable, $"{Line(exception.Message)}. Is the address right, and the server up?"),
        };
        return new(kind, $"{what}: {why}{(why.EndsWith('?') ? "" : ".")}", exception);
    }

    private static bool IsMissingCredentials(Exception exception) => exception.Message.Contains("default credentials", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a refusal (403) passes: requests came too fast, and are to come again later.</summary>
    internal static bool IsRateLimit(string? reason) => reason is "rateLimitExceeded" or "userRateLimitExceeded";

    private static (StorageErrorKind Kind, string Why) Explain(HttpStatusCode status, string? reason, string message, string bucket) => status switch
    {
        HttpStatusCode.NotFound when message.Contains("bucket", StringComparison.OrdinalIgnoreCase) => (StorageErrorKind.NotFound, $"the bucket '{bucket}' does not exist. Create it, or correct the URI"),
        HttpStatusCode.NotFound => (StorageErrorKind.NotFound, "it does not exist"),
        HttpStatusCode.PreconditionFailed => (StorageErrorKind.Changed, "it was replaced meanwhile. Try again"),
        HttpStatusCode.Unauthorized => (StorageErrorKind.Forbidden, "the server does not accept the token. Sign in again, and check this machine's clock"),
        HttpStatusCode.Forbidden when reason is "quotaExceeded" or "storageQuotaExceeded" => (StorageErrorKind.Full, "the quota is used up. Free space, or raise it"),
        HttpStatusCode.Forbidden when IsRateLimit(reason) => (StorageErrorKind.Unavailable, $"too many requests ({reason}). Try again later"),
        HttpStatusCode.Forbidden => (StorageErrorKind.Forbidden, $"the credentials lack a permission on the bucket '{bucket}' (needed: the role Storage Object Admin, or get, create, delete and list of objects)"),
        HttpStatusCode.RequestEntityTooLarge => (StorageErrorKind.Full, "the object is larger than Cloud Storage holds"),
        HttpStatusCode.BadRequest => (StorageErrorKind.Invalid, Line(message)),
        _ => (StorageErrorKind.Unavailable, $"{Line(message)} ({(int)status})"),
    };

    private static string Line(string text) => text.Split('\n')[0].Trim().TrimEnd('.');
}

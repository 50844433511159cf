using System.Xml;
using Azure;
using Azure.Identity;

namespace Sluice.Storage.Azure;

/// <summary>What Azure's failures mean, and how to mend them. Codes: "Status and error codes" and "Blob service error codes" of the REST reference.</summary>
internal static class AzureErrors
{
    /// <summary>Whether the failure is one of Azure's or of the connection below it.</summary>
    internal static bool IsAzure(Exception exception) =>
        exception is RequestFailedException or AuthenticationFailedException or HttpRequestException or AggregateException || IsNoAnswer(exception) || IoErrors.IsIo(exception);

    // A body that is no XML, or XML with other values.
    private static bool IsNoAnswer(Exception exception) => exception is XmlException or FormatException;

    /// <summary>The exception that says it in one line.</summary>
    internal static StorageException Translate(Exception exception, string what, string container)
    {
        (StorageErrorKind kind, string why) = exception switch
        {
            RequestFailedException { Status: > 0 } failed => Explain(failed, container),
            AuthenticationFailedException failed => (StorageErrorKind.Forbidden, $"Azure's default credentials gave no token ({FirstLine(failed.Message)}). Sign in, or set AZURE_STORAGE_CONNECTION_STRING"),
            AggregateException several => (StorageErrorKind.Unavailable, $"{FirstLine((several.InnerExceptions.FirstOrDefault() ?? several).Message)}. Is the address right, and the server up?"),
            _ when IsNoAnswer(exception) => (StorageErrorKind.Unavailable, "what the server answers is not what Blob Storage answers. Is the address right?"),
            _ => (StorageErrorKind.Unavailable, $"{FirstLine(exception.Message)}. Is the address right, and the server up?"),
        };
        return new(kind, $"{what}: {why}{(why.EndsWith('?') ? "" : ".")}", exception);
    }

    /// <summary>Whether the condition of a request did not hold: the blob exists, or is another one by now.</summary>
    internal static bool IsPrecondition(RequestFailedException e) => e.Status is 409 or 412 && e.ErrorCode is "BlobAlreadyExists" or "ConditionNotMet" or "UnauthorizedBlobOverwrite";

    private static (StorageErrorKind Kind, string Why) Explain(RequestFailedException e, string container) => e.ErrorCode switch
    {
        "ContainerNotFound" or "ContainerBeingDeleted" or "ContainerDisabled" => (StorageErrorKind.NotFound, $"the container '{container}' does not exist. Create it, or correct the URI"),
        "BlobNotFound" or "ResourceNotFound" => (StorageErrorKind.NotFound, "it does not exist"),
        "BlobAlreadyExists" or "UnauthorizedBlobOverwrite" => (StorageErrorKind.Invalid, "it exists, and az:// replaces nothing unless asked. Give overwrite=true in the URI"),
        "ConditionNotMet" => (StorageErrorKind.Changed, "it was replaced while it was read. Try again"),
        "AuthenticationFailed" or "InvalidAuthenticationInfo" => Refused(e),
        // Azurite's code for a wrong signature, too.
        "AuthorizationFailure" when e.Message.Contains("authenticate", StringComparison.OrdinalIgnoreCase) => Refused(e),
        "AuthorizationFailure" or "AuthorizationPermissionMismatch" or "InsufficientAccountPermissions" or "AuthorizationProtocolMismatch" or "AuthorizationResourceTypeMismatch" or "AuthorizationServiceMismatch" =>
            (StorageErrorKind.Forbidden, $"the credentials lack a permission on the container '{container}' (needed: read, write, delete, list; with identities the role Storage Blob Data Contributor)"),
        "AccountIsDisabled" => (StorageErrorKind.Forbidden, "the account is disabled"),
        // Azurite has no code of its own for it.
        "Md5Mismatch" or "InvalidOperation" when e.ErrorCode == "Md5Mismatch" || e.Message.Contains("MD5", StringComparison.OrdinalIgnoreCase) => (StorageErrorKind.Damaged, "what arrived at the server is not what was sent. Try again"),
        "AccountLimitExceeded" or "RequestBodyTooLarge" => (StorageErrorKind.Full, "a limit of the account is used up"),
        "InvalidResourceName" or "InvalidUri" => (StorageErrorKind.Invalid, $"'{container}' is no name for a container"),
        "ServerBusy" or "OperationTimedOut" or "InternalError" => (StorageErrorKind.Unavailable, $"the server is overloaded or failing ({e.ErrorCode}). Try again later"),
        _ => e.Status switch
        {
            404 => (StorageErrorKind.NotFound, "it does not exist"),
            401 or 403 => (StorageErrorKind.Forbidden, $"the server refused the credentials for the container '{container}' ({e.Status})"),
            507 => (StorageErrorKind.Full, "no space is left"),
            _ => (StorageErrorKind.Unavailable, $"{FirstLine(e.Message)} ({e.Status}{(e.ErrorCode is { Length: > 0 } code ? $" {code}" : "")})"),
        },
    };

    private static (StorageErrorKind, string) Refused(RequestFailedException e) => (StorageErrorKind.Forbidden,
        e.Message.Contains("date", StringComparison.OrdinalIgnoreCase) && e.Message.Contains("old", StringComparison.OrdinalIgnoreCase)
            ? "this machine's clock differs too much from the server's. Set the clock"
            : e.Message.Contains("time frame", StringComparison.OrdinalIgnoreCase)
                ? "the shared access signature has expired or is not valid yet, or this machine's clock is wrong. Make a new one, or set the clock"
            : "the server refused the signature: the account key or SAS is wrong, or this machine's clock is. Check the connection string");

    private static string FirstLine(string text) => text.Split('\n')[0].Trim().TrimEnd('.');
}

using System.Net;
using System.Text.Json;

namespace Sluice.Storage.Rclone;

/// <summary>What rclone's failures mean. It passes on the words of the system behind it, so words are what there is to go by.</summary>
internal static class RcloneErrors
{
    private static readonly (string[] Words, StorageErrorKind Kind, string Why)[] s_known =
    [
        (["didn't find section", "didn't find backend"], StorageErrorKind.Invalid, "rclone's configuration has no such remote. Run 'rclone listremotes', or set RCLONE_CONFIG"),
        (["connection refused", "no such host", "i/o timeout", "connection reset", "broken pipe", "network is unreachable", "dial tcp"], StorageErrorKind.Unavailable, "the server cannot be reached. Is the address right, and the server up?"),
        (["logon failure", "logon is invalid", "bad username", "unable to authenticate", "unauthorized", "attempted methods"], StorageErrorKind.Forbidden, "the server refused user or password"),
        (["permission denied", "access denied", "access is denied", "forbidden"], StorageErrorKind.Forbidden, "the server does not allow it"),
        (["no space", "disk full", "disk was full", "quota", "insufficient storage"], StorageErrorKind.Full, "no space is left"),
        (["too many requests", "service unavailable", "internal server error", "bad gateway", "gateway timeout"], StorageErrorKind.Unavailable, "the server is overloaded or failing. Try again later"),
        (["bad network name", "share name"], StorageErrorKind.NotFound, "the server has no such share"),
    ];

    internal static bool IsRclone(Exception exception, CancellationToken cancellationToken) =>
        exception is RcloneException or HttpRequestException or JsonException || IoErrors.IsIo(exception)
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    internal static StorageException Translate(Exception exception, string what)
    {
        string said = exception.Message.Split('\n')[0].Trim().TrimEnd('.');
        (string[]? words, StorageErrorKind kind, string why) = s_known.FirstOrDefault(row => row.Words.Any(word => said.Contains(word, StringComparison.OrdinalIgnoreCase)));
        if (words is null)
            (kind, why) = exception is RcloneException { Status: HttpStatusCode.NotFound } ? (StorageErrorKind.NotFound, "it does not exist") : (StorageErrorKind.Unavailable, "rclone failed");
        return new(kind, $"{what}: {why}{(why.EndsWith('?') ? "" : ".")} rclone says: {said}.", exception);
    }
}

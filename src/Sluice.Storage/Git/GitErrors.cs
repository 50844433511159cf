namespace Sluice.Storage.Git;

/// <summary>What git's failures mean, and how to mend them. Its words are those of git 2.31 to 2.5x, curl and OpenSSH under <c>LC_ALL=C</c>.</summary>
internal static class GitErrors
{
    private static readonly TimeSpan s_skew = TimeSpan.FromMinutes(5);

    // In order: a connection that broke often has a later complaint about what then was missing.
    private static readonly (string[] Words, StorageErrorKind Kind, string Why)[] s_known =
    [
        (["no space left on device", "disk quota exceeded"], StorageErrorKind.Full, "no space is left. Free some, or choose another folder"),
        (["ssl certificate problem", "certificate verify failed", "server certificate verification failed", "no alternative certificate subject name"],
            StorageErrorKind.Forbidden, "the server's certificate is not trusted here. Add its authority to this machine (git's http.sslCAInfo)"),
        (["host key verification failed"], StorageErrorKind.Forbidden, "the server's ssh key is not known here. Connect once by hand (ssh -T git@HOST), or add it to known_hosts"),
        (["unable to update url base from redirection", "error: 301", "error: 302", "error: 303", "error: 307", "error: 308"],
            StorageErrorKind.Invalid, "the server redirects to another address, and credentials are not sent there. Was the repository renamed or moved? Correct the URI"),
        (["transport '"], StorageErrorKind.Invalid, "this way of fetching is not allowed here: https and ssh are"),
        (["permission denied (publickey", "permission denied, please try again", "authentication failed", "could not read username", "could not read password", "error: 401", "error: 403",
            "access denied", "terminal prompts disabled"], StorageErrorKind.Forbidden, "the server refused the credentials"),
        (["could not resolve host", "failed to connect", "connection refused", "connection timed out", "connection reset", "operation timed out", "operation too slow", "network is unreachable",
            "no route to host", "couldn't connect"], StorageErrorKind.Unavailable, "the server cannot be reached. Is the address right, and the server up?"),
        (["early eof", "rpc failed", "unexpected disconnect", "hung up unexpectedly", "empty reply", "transfer closed", "recv failure", "send failure", "bad line length",
            "the remote end sent", "expected flush", "unable to rewind", "connection was aborted", "connection closed", "kex_exchange", "banner exchange", "client_loop", "not responding", "broken pipe", "expected 'packfile'", "expected packfile", "unexpected eof", "gnutls", "ssl_", "curl 56", "curl 18"],
            StorageErrorKind.Unavailable, "the connection broke. Try again"),
        (["inflate", "pack is corrupted", "sha1 mismatch", "hash mismatch", "pack signature mismatch", "pack has bad object", "invalid index-pack output", "index-pack failed", "bad band", "protocol error",
            "unknown object type", "bad pack header", "invalid server response", "not valid: is this a git repository?", "bad object type", "failed to read delta", "unresolved delta", "pack has"],
            StorageErrorKind.Unavailable, "what arrived is not what the server holds. Try again"),
        (["not our ref", "couldn't find remote ref", "no such remote ref", "did not send all necessary objects", "not a tree"], StorageErrorKind.NotFound, "the repository does not have it"),
        (["not found", "error: 404", "error: 410", "does not appear to be a git repository", "does not exist", "could not be found"], StorageErrorKind.NotFound,
            "there is no such repository"),
        (["could not read from remote repository"], StorageErrorKind.Unavailable, "the connection broke. Try again"),
        (["invalid path", "not a valid object name"], StorageErrorKind.Damaged, "the commit has a path that no working tree may have"),
    ];

    // What a server without permission to name any commit says; the branches lead there then.
    private static readonly string[] s_refusesCommits = ["unadvertised object", "not our ref", "does not support shallow", "shallow capabilities", "dumb http transport"];

    /// <summary>Whether the server gives branches and tags only, or only whole histories.</summary>
    public static bool RefusesCommits(GitRun run) => s_refusesCommits.Any(words => run.Error.Contains(words, StringComparison.OrdinalIgnoreCase));

    /// <summary>The exception that says it in one line.</summary>
    /// <param name="run">How git ended.</param>
    /// <param name="what">What was done and where, as <c>Cannot fetch X of Y</c>.</param>
    /// <param name="remote">The repository; null for what happens on this machine alone.</param>
    /// <param name="signedIn">Whether credentials went along.</param>
    /// <param name="now">This machine's time.</param>
    public static StorageException Translate(GitRun run, string what, GitRemote? remote, bool signedIn, DateTimeOffset now)
    {
        (string[]? words, StorageErrorKind kind, string why) = s_known.FirstOrDefault(row => row.Words.Any(word => run.Error.Contains(word, StringComparison.OrdinalIgnoreCase)));
        if (run.Status is 408 or 425 or 429 or >= 500)
            (kind, why) = (StorageErrorKind.Unavailable, "the server is overloaded or failing. Try again later");
        else if (words is null)
            (kind, why) = (StorageErrorKind.Invalid, "git failed");
        else if (remote is not null && kind == StorageErrorKind.Forbidden && why.EndsWith("credentials", StringComparison.Ordinal))
            why = signedIn && run.ServerTime is { } server && (now - server).Duration() > s_skew
                ? $"the server refused the credentials, and this machine's clock differs by {(now - server).Duration().TotalMinutes:F0} minutes from the server's. Set the clock"
                : signedIn ? $"the server refused the credentials. Are they right, not expired, and allowed to read it ({remote.SignInHint})?"
                : $"the server asks for credentials. To give some, {remote.SignInHint}";
        else if (remote is not null && kind == StorageErrorKind.NotFound && why.EndsWith("repository", StringComparison.Ordinal))
            why = signedIn ? "there is no such repository, or these credentials may not see it" : $"there is no such repository, or it is private. To sign in, {remote.SignInHint}";
        // That it may not ask for a password says nothing more.
        string says = run.Error.Contains("terminal prompts disabled", StringComparison.Ordinal) ? "" : $" git says: {run.Words}.";
        return new(kind, $"{what}: {why}{(why.EndsWith('?') ? "" : ".")}{says}");
    }
}

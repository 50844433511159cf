using Sluice.Storage.Git;

namespace Sluice.Storage.Tests.Git;

/// <summary>What is read from git's words.</summary>
public sealed class GitRunTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 6, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Headers_are_told_from_words_and_secrets_are_taken_out()
    {
        GitRun run = GitRun.Read(128, "", """
            06:00:00.000001 http.c:725              == Info: Connected to h2 [authorization: canary]
            06:00:00.000002 http.c:672              => Send header: Authorization: Basic <redacted>
            06:00:00.000003 http.c:672              <= Recv header: HTTP/1.1 503 Service Unavailable
            06:00:00.000004 http.c:672              <= Recv header: Retry-After: 7
            06:00:00.000005 http.c:672              <= Recv header: HTTP/2 429
            06:00:00.000006 http.c:672              <= Recv header: date: Sun, 22 Nov 2026 06:20:00 GMT
            06:00:00.000007 http.c:672              <= Recv header: retry-after: Sun, 22 Nov 2026 06:00:09 GMT
            error: the word canary
            fatal: unable to access 'https://canary@h/': The requested URL returned error: 429
            """, ["canary"]);

        run.Error.ShouldBe("error: the word ***\nfatal: unable to access 'https://***@h/': The requested URL returned error: 429");
        run.Words.ShouldBe("unable to access 'https://***@h/': The requested URL returned error: 429");
        run.Status.ShouldBe(429);
        run.ServerTime.ShouldBe(s_now.AddMinutes(20));
        run.PauseFrom(s_now).ShouldBe(TimeSpan.FromSeconds(9));
    }

    [Theory]
    [InlineData("7", 7.0)]
    [InlineData("Sun, 22 Nov 2026 06:00:30 GMT", 30.0)]
    [InlineData("Sun, 22 Nov 2026 05:59:00 GMT", null)]
    [InlineData("soon", null)]
    [InlineData("-1", null)]
    public void A_pause_is_seconds_or_a_date(string header, double? seconds) =>
        GitRun.Read(1, "", $"06:00:00.000001 http.c:672              <= Recv header: Retry-After: {header}", []).PauseFrom(s_now).ShouldBe(seconds is { } s ? TimeSpan.FromSeconds(s) : null);

    [Theory]
    [InlineData("fatal: unable to access 'x': SSL certificate problem: self-signed certificate", StorageErrorKind.Forbidden, "Add its authority to this machine")]
    [InlineData("fatal: write error: No space left on device\nfatal: index-pack failed", StorageErrorKind.Full, "no space is left")]
    [InlineData("ERROR: Repository not found.\nfatal: Could not read from remote repository.", StorageErrorKind.NotFound, "or it is private. To sign in, HINT")]
    [InlineData("git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.", StorageErrorKind.Forbidden, "the server asks for credentials. To give some, HINT")]
    [InlineData("remote: HTTP Basic: Access denied\nfatal: Authentication failed for 'x'", StorageErrorKind.Forbidden, "the server asks for credentials")]
    [InlineData("ssh: Could not resolve hostname h: Name or service not known", StorageErrorKind.Unavailable, "Is the address right, and the server up?")]
    [InlineData("something new", StorageErrorKind.Invalid, "git failed. git says: something new.")]
    public void Words_of_git_are_explained_in_one_line(string words, StorageErrorKind kind, string says)
    {
        StorageException e = GitErrors.Translate(GitRun.Read(128, "", words, []), "Cannot fetch x", new("github://a/b", "https://h/a/b.git", "a/b", "HINT", _ => default), false, s_now);
        e.Kind.ShouldBe(kind);
        e.Message.ShouldStartWith("Cannot fetch x: ");
        e.Message.ShouldContain(says);
        e.Message.ShouldNotContain("\n");
    }
}

using System.Globalization;

namespace Sluice.Storage.Git;

/// <summary>Runs git against one repository: signs in, tries again while the system is unavailable, and waits as long as it asks.</summary>
internal sealed class GitConnection(GitProgram git, GitRemote remote, TimeProvider time, GitLimits limits)
{
    public GitProgram Git { get; } = git;

    public GitRemote Remote { get; } = remote;

    /// <summary>Whether credentials of ours sign in, rather than what git's own configuration has.</summary>
    public async Task<bool> SignsInAsync(CancellationToken cancellationToken) => await Remote.SignIn(cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>Settings of every command here: no hooks, no filters of the repository's choosing, files as they were committed.</summary>
    public static IReadOnlyList<(string Key, string Value)> Settings { get; } =
    [
        ("core.hooksPath", "/dev/null"),
        ("core.fsmonitor", "false"),
        ("core.autocrlf", "false"),
        ("core.longpaths", "true"),
        ("core.quotePath", "false"),
        ("init.templateDir", ""),
        ("init.defaultBranch", "main"),
        ("advice.detachedHead", "false"),
        ("fetch.recurseSubmodules", "false"),
        ("submodule.recurse", "false"),
        ("gc.auto", "0"),
        ("maintenance.auto", "false"),
    ];

    /// <summary>Runs a command that talks to the system.</summary>
    /// <param name="what">What it does, as <c>Cannot fetch X of Y</c>.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <param name="mayRefuse">A failure that is the caller's to answer.</param>
    /// <param name="own">What signs in where we do not: the way of a working tree.</param>
    public async Task<GitRun> RunAsync(
        string what,
        string folder,
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken,
        Func<GitRun, bool>? mayRefuse = null,
        GitWay? own = null)
    {
        TimeSpan pause = limits.FirstPause;
        for (int attempt = 1; ; attempt++)
        {
            GitSignIn? signIn = await Remote.SignIn(cancellationToken).ConfigureAwait(false);
            bool ownSsh = signIn is null && (await Git.RunAsync(["config", "--get", "core.sshCommand"], folder, [], cancellationToken).ConfigureAwait(false)).ExitCode == 0;
            GitRun run = await Git.RunAsync(arguments, folder, [.. Settings, .. Transport(signIn, ownSsh), .. own?.Settings ?? []], cancellationToken, [.. signIn?.Secrets ?? [], .. own?.Secrets ?? []]).ConfigureAwait(false);
            if (run.ExitCode == 0 || mayRefuse?.Invoke(run) == true)
                return run;
            StorageException failure = GitErrors.Translate(run, what, Remote, signIn is not null, time.GetUtcNow());
            if (failure.Kind != StorageErrorKind.Unavailable || attempt >= limits.Attempts)
                throw failure;
            TimeSpan wait = run.PauseFrom(time.GetUtcNow()) ?? pause;
            await Task.Delay(wait < limits.LongestPause ? wait : limits.LongestPause, time, cancellationToken).ConfigureAwait(false);
            pause *= 2;
        }
    }

    /// <summary>Runs a command that stays on this machine.</summary>
    public async Task<string> RunLocallyAsync(string what, string folder, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        GitRun run = await Git.RunAsync(arguments, folder, Settings, cancellationToken).ConfigureAwait(false);
        return run.ExitCode == 0 ? run.Output : throw GitErrors.Translate(run, what, null, false, time.GetUtcNow());
    }

    private IEnumerable<(string Key, string Value)> Transport(GitSignIn? signIn, bool ownSsh)
    {
        yield return ("protocol.allow", "never");
        yield return ("protocol.https.allow", "always");
        yield return ("protocol.ssh.allow", "always");
        if (Remote.Url.StartsWith("http:", StringComparison.Ordinal))
            yield return ("protocol.http.allow", "always");
        if (!ownSsh)
            yield return ("core.sshCommand", "ssh -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4");
        yield return ("http.lowSpeedLimit", "1");
        yield return ("http.lowSpeedTime", Math.Max(1, (int)limits.Silence.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        if (signIn is null)
            yield break;
        // The longest match wins: what the user's insteadOf makes of other addresses of the host, as ssh, has no use for the header.
        yield return ($"url.{Remote.Url}.insteadOf", Remote.Url);
        foreach ((string, string) setting in signIn.Settings)
            yield return setting;
    }
}

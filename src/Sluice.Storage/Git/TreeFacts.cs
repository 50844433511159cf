namespace Sluice.Storage.Git;

/// <summary>What the git working tree around a folder is: the commit that is checked out, and whether the files are its.</summary>
/// <param name="Commit">The commit's id; null before the first one.</param>
/// <param name="Branch">The branch; null where none is checked out, as CI systems do it.</param>
/// <param name="Author">Who wrote the commit, as <c>Ada Example &lt;ada@example.org&gt;</c>.</param>
/// <param name="Dirty">Whether files differ from the commit: changed, staged, or new and not ignored. What builds write (<c>bin</c>, <c>obj</c>) does not count where it is new.</param>
/// <param name="Remote">The address of <c>origin</c>, else of the first remote, without any credentials; null without a remote.</param>
public sealed record TreeFacts(string? Commit, string? Branch, string? Author, bool Dirty, string? Remote)
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    // A program that the repository's own settings name is not started for a fact.
    private static readonly (string, string)[] s_settings = [("core.fsmonitor", "false")];

    /// <summary>Asks git. The answer is null where the folder is in no working tree, and where git is missing, refuses, or takes half a minute: facts stop no publish.</summary>
    /// <param name="folder">A folder of the tree.</param>
    /// <param name="cancellationToken">Ends git.</param>
    public static async Task<TreeFacts?> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        if (RootOf(folder) is not { } root)
            return null;
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(s_longest);
        try
        {
            GitProgram git = await GitProgram.FindAsync(bounded.Token).ConfigureAwait(false);
            Task<GitRun> status = git.RunAsync(["status", "--porcelain=v2", "--branch", "--untracked-files=normal", "-z"], folder, s_settings, bounded.Token);
            Task<GitRun> author = git.RunAsync(["log", "-1", "--no-show-signature", "--format=%an <%ae>"], folder, s_settings, bounded.Token);
            Task<GitRun> remotes = git.RunAsync(["config", "-z", "--get-regexp", @"^remote\..*\.url$"], folder, s_settings, bounded.Token);
            await Task.WhenAll(status, author, remotes).ConfigureAwait(false);
            return (await status.ConfigureAwait(false)) is { ExitCode: 0 } told
                ? Read(root, told.Output, await author.ConfigureAwait(false), RemoteOf((await remotes.ConfigureAwait(false)).Output))
                : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (StorageException)
        {
            return null;
        }
    }

    /// <summary>An address that may be stored: without user, password, query and fragment.</summary>
    /// <param name="address">The address of a remote.</param>
    public static string WithoutCredentials(string address)
    {
        string plain = GitAddress.WithoutUser(address);
        return plain.Contains("://", StringComparison.Ordinal) && plain.IndexOfAny(['?', '#']) is > 0 and var end ? plain[..end] : plain;
    }

    /// <summary>The root of the working tree around a folder, which is told without starting anything; null where there is none.</summary>
    /// <param name="folder">A folder of the tree.</param>
    public static string? RootOf(string folder)
    {
        if (!Directory.Exists(folder))
            return null;
        for (DirectoryInfo? at = new(Path.GetFullPath(folder)); at is not null; at = at.Parent)
        {
            if (Path.Exists(Path.Combine(at.FullName, ".git")))
                return at.FullName;
        }
        return null;
    }

    // git-status(1), "Porcelain Format Version 2".
    private static TreeFacts Read(string root, string status, GitRun author, string? remote)
    {
        string? commit = null, branch = null;
        bool dirty = false, isOldName = false;
        foreach (string entry in status.Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            if (isOldName)
                isOldName = false;
            else if (entry.StartsWith("# branch.oid ", StringComparison.Ordinal))
                commit = entry["# branch.oid ".Length..] is var oid && oid[0] != '(' ? oid : null;
            else if (entry.StartsWith("# branch.head ", StringComparison.Ordinal))
                branch = entry["# branch.head ".Length..] is var head && head != "(detached)" ? head : null;
            else if (entry[0] == '?')
                dirty |= !IsBuilt(root, entry[2..]);
            else if (entry[0] != '#')
                (dirty, isOldName) = (true, entry[0] == '2');
        }
        return new(commit, branch, author is { ExitCode: 0, Output: var name } && name.Trim() is { Length: > 0 } said ? said : null, dirty, remote);
    }

    // What a build makes beside its project. A folder of that name elsewhere is source as any other: the SDK compiles it.
    private static bool IsBuilt(string root, string path)
    {
        string[] parts = path.Split('/');
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i] is "bin" or "obj" && Path.Combine([root, .. parts[..i]]) is var above && Directory.Exists(above) && Directory.EnumerateFiles(above, "*.*proj").Any())
                return true;
        }
        return false;
    }

    private static string? RemoteOf(string settings)
    {
        string[] all = settings.Split('\0', StringSplitOptions.RemoveEmptyEntries);
        string? entry = all.FirstOrDefault(one => one.StartsWith("remote.origin.url\n", StringComparison.Ordinal)) ?? all.FirstOrDefault();
        return entry is null ? null : WithoutCredentials(entry[(entry.IndexOf('\n', StringComparison.Ordinal) + 1)..]);
    }
}

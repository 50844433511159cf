namespace Sluice.Storage.Git;

/// <summary>Finds the commit that a name means at the system, as <c>git clone --branch</c> does: a branch first, then a tag.</summary>
internal static class GitReferences
{
    private const string Branches = "refs/heads/";
    private const string Tags = "refs/tags/";
    private const string Peeled = "^{}";

    /// <summary>Asks the system.</summary>
    /// <param name="connection">The repository.</param>
    /// <param name="shown">It, as messages show it.</param>
    /// <param name="name">A branch, tag, full name or commit; null for the default branch.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <param name="way">Another way to the repository than ours.</param>
    public static async Task<ResolvedCommit> ResolveAsync(GitConnection connection, string shown, string? name, CancellationToken cancellationToken, GitWay? way = null)
    {
        way ??= new(connection.Remote.Url, [], []);
        string what = $"Cannot look up {name ?? "the default branch"} of {shown}";
        bool isCommit = name is not null && SourceReference.IsCommit(name.ToLowerInvariant());
        string[] patterns = name is null || isCommit ? ["HEAD"] : ["HEAD", Branches + name, Tags + name, Tags + name + Peeled, name, name + Peeled];
        GitRun run = await connection.RunAsync(what, Path.GetTempPath(), ["ls-remote", "--symref", "--", way.Url, .. patterns], cancellationToken, own: way).ConfigureAwait(false);
        (Dictionary<string, string> found, string? head) = Read(run.Output);
        string? branch = head?.StartsWith(Branches, StringComparison.Ordinal) == true ? head[Branches.Length..] : null;
        if (name is null)
        {
            return found.TryGetValue("HEAD", out string? tip)
                ? new(tip, head, branch)
                : throw new StorageException(StorageErrorKind.NotFound, $"{what}: the repository has no commits, or its default branch does not exist. Push a branch, or name one with ref=….");
        }
        if (isCommit)
            return new(await CommitAsync(connection, what, name.ToLowerInvariant(), way, cancellationToken).ConfigureAwait(false), null, branch);
        foreach (string full in (string[])[Branches + name, Tags + name, .. name.StartsWith("refs/", StringComparison.Ordinal) || name == "HEAD" ? [name] : Array.Empty<string>()])
            if (found.GetValueOrDefault(full + Peeled) is { } peeled)
                return new(peeled, full, branch);
            else if (found.GetValueOrDefault(full) is { } commit)
                return new(commit, full, branch);
        return GitSource.IsAbbreviation(name)
            ? new(await AbbreviatedAsync(connection, what, name.ToLowerInvariant(), way, cancellationToken).ConfigureAwait(false), null, branch)
            : throw new StorageException(StorageErrorKind.NotFound, $"{what}: it has no such branch or tag. Push it first, or correct ref=….");
    }

    /// <summary>The commits that branches and tags are at.</summary>
    public static async Task<IReadOnlyCollection<string>> TipsAsync(GitConnection connection, string what, GitWay way, CancellationToken cancellationToken)
    {
        GitRun run = await connection.RunAsync(what, Path.GetTempPath(), ["ls-remote", "--heads", "--tags", "--", way.Url], cancellationToken, own: way).ConfigureAwait(false);
        Dictionary<string, string> found = Read(run.Output).Found;
        return found.Where(tip => !found.ContainsKey(tip.Key + Peeled)).Select(tip => tip.Value).ToHashSet(StringComparer.Ordinal);
    }

    // That the repository has a commit, only fetching it can tell; without its files it is a few hundred bytes.
    private static async Task<string> CommitAsync(GitConnection connection, string what, string commit, GitWay way, CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("sluice-git-").FullName;
        try
        {
            await GitFetch.InitializeAsync(connection, what, folder, commit, cancellationToken, way).ConfigureAwait(false);
            await GitFetch.BringAsync(connection, what, folder, commit, null, "tree:0", cancellationToken, way).ConfigureAwait(false);
            return (await connection.RunLocallyAsync(what, folder, ["rev-parse", "--verify", $"{commit}^{{commit}}"], cancellationToken).ConfigureAwait(false)).Trim();
        }
        finally
        {
            GitFetch.Remove(folder);
        }
    }

    private static async Task<string> AbbreviatedAsync(GitConnection connection, string what, string digits, GitWay way, CancellationToken cancellationToken)
    {
        IReadOnlyCollection<string> tips = await TipsAsync(connection, what, way, cancellationToken).ConfigureAwait(false);
        string[] commits = [.. tips.Where(tip => tip.StartsWith(digits, StringComparison.Ordinal))];
        return commits is [var only]
            ? only
            : throw new StorageException(StorageErrorKind.NotFound, $"{what}: it has no such branch or tag, and the digits of an abbreviated commit cannot be looked up there. Write the whole commit (git rev-parse {digits}).");
    }

    private static (Dictionary<string, string> Found, string? Head) Read(string output)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        string? head = null;
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split('\t') is not [var value, var name])
                continue;
            if (value.StartsWith("ref: ", StringComparison.Ordinal))
                head = name == "HEAD" ? value[5..] : head;
            else
                found[name] = value;
        }
        return (found, head);
    }
}

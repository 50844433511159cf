namespace Sluice.Storage.Git;

/// <summary>Fetches one commit into a folder that appears whole.</summary>
internal sealed class GitFetch(GitConnection connection, string shown, string? reference, bool withGitObjects)
{
    private const string Fetching = ".fetch-";
    private const string Branches = "+refs/heads/*:refs/remotes/origin/*";
    private const string Tags = "+refs/tags/*:refs/tags/*";
    private static readonly TimeSpan s_abandoned = TimeSpan.FromDays(1);

    public async Task RunAsync(string commit, string folder, CancellationToken cancellationToken)
    {
        string what = $"Cannot fetch {commit} of {shown}";
        string temporary = "";
        try
        {
            if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
                throw new StorageException(StorageErrorKind.Invalid, $"{what}: {folder} is there already and not empty.");
            string parent = Path.GetDirectoryName(folder)!;
            Directory.CreateDirectory(parent);
            Sweep(parent);
            temporary = Path.Combine(parent, Fetching + Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(temporary);
            await InitializeAsync(connection, what, temporary, commit, cancellationToken).ConfigureAwait(false);
            await BringAsync(connection, what, temporary, commit, reference, null, cancellationToken).ConfigureAwait(false);
            await CheckOutAsync(what, temporary, commit, cancellationToken).ConfigureAwait(false);
            await CheckedOutFiles.CheckAsync(connection, shown, commit, temporary, cancellationToken).ConfigureAwait(false);
            if (!withGitObjects)
                RemoveGit(temporary);
            cancellationToken.ThrowIfCancellationRequested();
            if (Directory.Exists(folder))
                Directory.Delete(folder);
            Directory.Move(temporary, folder);
        }
        catch (Exception e) when (IoErrors.IsIo(e))
        {
            throw IoErrors.Translate(e, $"{what} to {folder}");
        }
        finally
        {
            Remove(temporary);
        }
    }

    /// <summary>Makes an empty repository for a commit's kind of hash.</summary>
    public static async Task InitializeAsync(GitConnection connection, string what, string folder, string commit, CancellationToken cancellationToken, GitWay? way = null)
    {
        await connection.RunLocallyAsync(what, folder, ["init", "--quiet", "--template=", $"--object-format={(commit.Length == 64 ? "sha256" : "sha1")}"], cancellationToken).ConfigureAwait(false);
        await connection.RunLocallyAsync(what, folder, ["remote", "add", "origin", way?.Url ?? connection.Remote.Url], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Brings a commit into a repository: alone where the server gives single commits, else by what branches and tags lead to, deeper and deeper.</summary>
    /// <param name="connection">The repository to fetch from.</param>
    /// <param name="what">For messages.</param>
    /// <param name="folder">The repository to fetch into.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="reference">A branch or tag that is likely to lead there.</param>
    /// <param name="filter">What to leave out, as git's <c>--filter</c> says it; null for nothing.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <param name="own">What signs in where we do not.</param>
    public static async Task BringAsync(
        GitConnection connection, string what, string folder, string commit, string? reference, string? filter, CancellationToken cancellationToken, GitWay? own = null)
    {
        string[] fetch = ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", .. filter is null ? Array.Empty<string>() : [$"--filter={filter}"]];
        GitRun run = await connection.RunAsync(what, folder, [.. fetch, "--depth=1", "origin", commit], cancellationToken, GitErrors.RefusesCommits, own).ConfigureAwait(false);
        if (run.ExitCode == 0)
            return;
        List<string[]> steps = [["--depth=50", "origin", Branches, Tags], ["--depth=1000", "origin", Branches, Tags], ["origin", Branches, Tags]];
        if (reference is not null)
            steps.Insert(0, ["--depth=50", "origin", reference]);
        foreach (string[] step in steps)
        {
            bool whole = step[0] == "origin";
            string[] deepen = whole && File.Exists(Path.Combine(folder, ".git", "shallow")) ? ["--unshallow"] : [];
            // A reference that is gone, or a server that gives whole histories only: the next step asks for other things.
            run = await connection.RunAsync(what, folder, [.. fetch, .. deepen, .. step], cancellationToken, refused => !whole && (GitErrors.RefusesCommits(refused) || refused.Error.Contains("remote ref", StringComparison.Ordinal)), own).ConfigureAwait(false);
            if (run.ExitCode == 0 && (await connection.Git.RunAsync(["cat-file", "-e", $"{commit}^{{commit}}"], folder, GitConnection.Settings, cancellationToken).ConfigureAwait(false)).ExitCode == 0)
                return;
        }
        throw new StorageException(StorageErrorKind.NotFound, $"{what}: the repository does not have this commit in any branch or tag. Was it pushed, or removed by a forced push? Push it, then publish again.");
    }

    /// <summary>Removes a folder with git's files in it, which are read-only.</summary>
    public static void Remove(string folder)
    {
        if (folder.Length == 0)
            return;
        try
        {
            if (OperatingSystem.IsWindows() && Directory.Exists(folder))
                foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
                    File.SetAttributes(file, FileAttributes.Normal);
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (IoErrors.IsIo(e))
        {
            // Nobody looks at it; the next fetch beside it tries again.
        }
    }

    private async Task CheckOutAsync(string what, string folder, string commit, CancellationToken cancellationToken)
    {
        // A filter of the machine's own, as git-lfs, may ask the server while files are written; so this counts as talking to it.
        await connection.RunAsync(what, folder, ["checkout", "--quiet", "--force", "--detach", commit], cancellationToken).ConfigureAwait(false);
        string head = (await connection.RunLocallyAsync(what, folder, ["rev-parse", "--verify", "HEAD"], cancellationToken).ConfigureAwait(false)).Trim();
        if (head != commit)
            throw new StorageException(StorageErrorKind.Damaged, $"{what}: it names no commit but leads to {head}. Publish again.");
        if (!File.Exists(Path.Combine(folder, ".gitmodules")))
            return;
        await BringSubmodulesAsync($"{what} (its submodules)", folder, cancellationToken).ConfigureAwait(false);
    }

    private async Task BringSubmodulesAsync(string what, string folder, CancellationToken cancellationToken)
    {
        string[] update = ["submodule", "--quiet", "update", "--init", "--recursive", "--force"];
        GitRun run = await connection.RunAsync(what, folder, [.. update, "--depth=1"], cancellationToken, GitErrors.RefusesCommits).ConfigureAwait(false);
        if (run.ExitCode == 0)
            return;
        // A server that gives branches only: with all of their history.
        await connection.RunLocallyAsync(what, folder, ["submodule", "--quiet", "deinit", "--all", "--force"], cancellationToken).ConfigureAwait(false);
        Remove(Path.Combine(folder, ".git", "modules"));
        await connection.RunAsync(what, folder, update, cancellationToken).ConfigureAwait(false);
    }

    // Each submodule has a file of that name, which points into the folder of that name at the root.
    private static void RemoveGit(string folder)
    {
        foreach (string file in CheckedOutFiles.Walk(folder).Where(path => Path.GetFileName(path) == ".git").ToArray())
            File.Delete(file);
        string git = Path.Combine(folder, ".git");
        Remove(git);
        if (Directory.Exists(git))
            throw new IOException($"{git} cannot be removed");
    }

    private static void Sweep(string parent)
    {
        DateTime old = DateTime.UtcNow - s_abandoned;
        foreach (string abandoned in Directory.EnumerateDirectories(parent, Fetching + "*").Where(path => Directory.GetLastWriteTimeUtc(path) < old))
            Remove(abandoned);
    }
}

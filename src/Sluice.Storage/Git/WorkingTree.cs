namespace Sluice.Storage.Git;

/// <summary>Checks that what a working tree holds is what a repository gives to others.</summary>
internal sealed class WorkingTree(GitConnection connection, string shown, string? reference, string? named)
{
    private const int Listed = 5;

    public async Task<CheckedTree> CheckAsync(string path, CancellationToken cancellationToken)
    {
        string full = Path.GetFullPath(path);
        string what = $"Cannot publish {full} from {shown}";
        bool isFolder = Directory.Exists(full);
        if (!isFolder && !File.Exists(full))
            throw new StorageException(StorageErrorKind.NotFound, $"{what}: it does not exist.");
        string start = isFolder ? full : Path.GetDirectoryName(full)!;
        (string root, string inside) = await FindAsync(what, start, cancellationToken).ConfigureAwait(false);
        string relative = (inside + (isFolder ? "" : Path.GetFileName(full))).TrimEnd('/');
        string remote = await MatchingRemoteAsync(what, root, cancellationToken).ConfigureAwait(false);
        string head = await HeadAsync(what, root, cancellationToken).ConfigureAwait(false);
        await CheckCleanAsync(what, root, cancellationToken).ConfigureAwait(false);
        GitRun inCommit = await LocalAsync(root, cancellationToken, "cat-file", "-e", $"HEAD:{relative}").ConfigureAwait(false);
        if (inCommit.ExitCode != 0)
            throw Invalid($"{what}: '{relative}' is in no commit, since it is ignored. Take it out of .gitignore, commit and push it.");
        if (named is not null && relative != named && !relative.StartsWith(named + "/", StringComparison.Ordinal) && !named.StartsWith(relative + "/", StringComparison.Ordinal) && relative.Length > 0)
            throw Invalid($"{what}: the URI names '{named}', and this is '{relative}'. Correct path=…, or leave it out.");
        GitRun branch = await LocalAsync(root, cancellationToken, "symbolic-ref", "--quiet", "--short", "HEAD").ConfigureAwait(false);
        var tree = new CheckedTree(head, branch.ExitCode == 0 ? branch.Output.Trim() : null, relative, root);
        await CheckPushedAsync(what, tree, remote, cancellationToken).ConfigureAwait(false);
        return tree;
    }

    private static StorageException Invalid(string message) => new(StorageErrorKind.Invalid, message);

    private Task<GitRun> LocalAsync(string folder, CancellationToken cancellationToken, params string[] arguments) => connection.Git.RunAsync(arguments, folder, [], cancellationToken);

    private async Task<(string Root, string Inside)> FindAsync(string what, string folder, CancellationToken cancellationToken)
    {
        GitRun run = await LocalAsync(folder, cancellationToken, "rev-parse", "--show-toplevel", "--show-prefix").ConfigureAwait(false);
        if (run.ExitCode == 0 && run.Output.Split('\n') is [var root, var inside, ..])
            return (root, inside);
        throw run.Error.Contains("dubious ownership", StringComparison.Ordinal)
            ? Invalid($"{what}: its working tree belongs to another user, so git leaves it alone. Run: {run.Error.Split('\n').Last(line => line.Contains("safe.directory", StringComparison.Ordinal)).Trim()}")
            : Invalid($"{what}: it is in no git working tree. Clone the repository and publish from there, or choose a store of packages as SluiceStorage.");
    }

    // The address of a remote of this tree that is the repository: who signs in by the tree's own ways needs that one, as it may be ssh.
    private async Task<string> MatchingRemoteAsync(string what, string root, CancellationToken cancellationToken)
    {
        GitRun run = await LocalAsync(root, cancellationToken, "config", "-z", "--get-regexp", @"^remote\..*\.url$").ConfigureAwait(false);
        var others = new List<string>();
        foreach (string entry in run.Output.Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            int line = entry.IndexOf('\n', StringComparison.Ordinal);
            string name = entry["remote.".Length..(line - ".url".Length)];
            string written = entry[(line + 1)..];
            string meant = (await LocalAsync(root, cancellationToken, "ls-remote", "--get-url", name).ConfigureAwait(false)).Output.Trim();
            if (GitAddress.IsSame(written, connection.Remote) || GitAddress.IsSame(meant, connection.Remote))
                return name;
            others.Add($"{name} is {GitAddress.WithoutUser(written)}");
        }
        throw Invalid(others.Count == 0
            ? $"{what}: its working tree has no remote. Add it and push: git remote add origin {connection.Remote.Url}"
            : $"{what}: its working tree is a clone of another repository ({string.Join(", ", others)}), and the URI means {connection.Remote.Url}. Correct the URI, or add the remote and push to it.");
    }

    private async Task<string> HeadAsync(string what, string root, CancellationToken cancellationToken)
    {
        GitRun run = await LocalAsync(root, cancellationToken, "rev-parse", "--verify", "--quiet", "HEAD").ConfigureAwait(false);
        return run.ExitCode == 0 ? run.Output.Trim() : throw Invalid($"{what}: its working tree has no commit yet. Commit and push first.");
    }

    private async Task CheckCleanAsync(string what, string root, CancellationToken cancellationToken)
    {
        GitRun run = await LocalAsync(root, cancellationToken, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal").ConfigureAwait(false);
        if (run.ExitCode != 0)
            throw Invalid($"{what}: git cannot say what changed: {run.Words}.");
        string[] changes = [.. run.Output.Split('\0').Where(entry => entry.Length > 3)];
        if (changes.Length == 0)
            return;
        string list = string.Join(", ", changes.Take(Listed).Select(change => change[3..])) + (changes.Length > Listed ? $" and {changes.Length - Listed} more" : "");
        bool built = changes.All(change => change[3..].Split('/').Any(folder => folder is "bin" or "obj"));
        throw Invalid(!built
            ? $"{what}: commit and push first: {list}. A worker builds what is committed, so this would not be in it."
            : changes.All(change => change.StartsWith("?? ", StringComparison.Ordinal))
            ? $"{what}: what the build writes is not ignored: {list}. Add bin/ and obj/ to .gitignore, then commit and push it."
            : $"{what}: what the build writes is committed: {list}. Take it out (git rm -r --cached bin obj), add bin/ and obj/ to .gitignore, then commit and push.");
    }

    private async Task CheckPushedAsync(string what, CheckedTree tree, string remoteName, CancellationToken cancellationToken)
    {
        GitWay way = await WayAsync(tree, remoteName, cancellationToken).ConfigureAwait(false);
        if (reference is not null)
        {
            ResolvedCommit meant = await GitReferences.ResolveAsync(connection, shown, reference, cancellationToken, way).ConfigureAwait(false);
            if (meant.Commit == tree.Commit)
                return;
            throw Invalid($"{what}: {Named(tree)} is at {tree.Commit[..12]}, and {reference} at the remote is {meant.Commit[..12]}. Push or pull first, or correct ref=….");
        }
        IReadOnlyCollection<string> tips = await GitReferences.TipsAsync(connection, what, way, cancellationToken).ConfigureAwait(false);
        if (!tips.Contains(tree.Commit) && !await IsContainedAsync(what, tree, tips, way, cancellationToken).ConfigureAwait(false))
            throw Invalid($"{what}: the commit {tree.Commit[..12]} ({Named(tree)}) is in no branch or tag of the remote. Push first: git push {remoteName} HEAD{(tree.Branch is null ? ":refs/heads/BRANCH" : "")}");
    }

    // Without credentials of ours, whatever makes 'git push' work in this tree makes this work: its address, which may be ssh, and its own settings, as a CI checkout has them.
    private async Task<GitWay> WayAsync(CheckedTree tree, string remoteName, CancellationToken cancellationToken)
    {
        if (await connection.SignsInAsync(cancellationToken).ConfigureAwait(false))
            return new(connection.Remote.Url, [], []);
        string url = (await LocalAsync(tree.Root, cancellationToken, "ls-remote", "--get-url", remoteName).ConfigureAwait(false)).Output.Trim();
        GitRun settings = await LocalAsync(tree.Root, cancellationToken, "config", "--local", "--includes", "-z", "--get-regexp", @"^(http|credential)\.|^core\.sshcommand$").ConfigureAwait(false);
        return GitWay.By(url, [.. settings.Output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Split('\n', 2)).Where(entry => entry.Length == 2).Select(entry => (entry[0], entry[1]))]);
    }

    private static string Named(CheckedTree tree) => tree.Branch ?? "HEAD, on no branch";

    private async Task<bool> IsContainedAsync(string what, CheckedTree tree, IReadOnlyCollection<string> tips, GitWay way, CancellationToken cancellationToken)
    {
        string known = (await connection.Git.RunAsync(["cat-file", "--batch-check"], tree.Root, [], cancellationToken, input: string.Concat(tips.Select(tip => $"{tip}\n"))).ConfigureAwait(false)).Output;
        GitRun outside = await connection.Git.RunAsync(["rev-list", "--max-count=1", "--ignore-missing", "--stdin", tree.Commit], tree.Root, [], cancellationToken, input: string.Concat(tips.Select(tip => $"^{tip}\n"))).ConfigureAwait(false);
        if (outside is { ExitCode: 0, Output: "" })
            return true;
        if (!known.Contains(" missing", StringComparison.Ordinal) && !await IsShallowAsync(tree, cancellationToken).ConfigureAwait(false))
            return false;
        // Somebody pushed on top. Their history, without files, is fetched beside: nothing is written to the user's repository.
        string history = Directory.CreateTempSubdirectory("sluice-git-").FullName;
        try
        {
            await GitFetch.InitializeAsync(connection, what, history, tree.Commit, cancellationToken).ConfigureAwait(false);
            await connection.RunAsync(what, history, ["fetch", "--quiet", "--no-tags", "--filter=tree:0", "--", way.Url, "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"], cancellationToken, own: way).ConfigureAwait(false);
            return (await LocalAsync(history, cancellationToken, "cat-file", "-e", $"{tree.Commit}^{{commit}}").ConfigureAwait(false)).ExitCode == 0;
        }
        finally
        {
            GitFetch.Remove(history);
        }
    }

    private async Task<bool> IsShallowAsync(CheckedTree tree, CancellationToken cancellationToken) =>
        (await LocalAsync(tree.Root, cancellationToken, "rev-parse", "--is-shallow-repository").ConfigureAwait(false)).Output.Trim() == "true";
}

namespace Sluice.Storage.Git;

/// <summary>
/// A place that holds source: the source is the package. A publish pins a commit, a worker fetches that commit and builds it. Implementations pass one contract test
/// suite. Every failure is a <see cref="StorageException"/>, and no message, argument or file has a secret in it.
/// </summary>
public interface ICodeSource
{
    /// <summary>The source's URI, as <c>github://owner/repository?path=src/App/App.csproj</c>.</summary>
    Uri Location { get; }

    /// <summary>The path in the repository that the URI names, with <c>/</c>: a project, a <c>.cs</c> file or a folder with one of them; null where it names none.</summary>
    string? Path { get; }

    /// <summary>Whether runs take the commit that the URI's reference names when they start, rather than the one that was published.</summary>
    bool Floats { get; }

    /// <summary>The address that git fetches from, without credentials, as <c>https://github.com/owner/repository.git</c>.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StorageException">The block that says so cannot be read, or there is no git.</exception>
    ValueTask<string> AddressAsync(CancellationToken cancellationToken);

    /// <summary>Whether fetched files come with the folder <c>.git</c>, which builds may read (<c>include_git_objects</c>).</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StorageException">The block that says so cannot be read.</exception>
    ValueTask<bool> IncludesGitObjectsAsync(CancellationToken cancellationToken);

    /// <summary>The URI of a path in the same repository, which a <see cref="SourceReference"/> takes. Every other option stays.</summary>
    /// <param name="path">A relative path with <c>/</c>.</param>
    Uri LocationOf(string path);

    /// <summary>Asks the system which commit a reference names now.</summary>
    /// <param name="reference">A branch, a tag, a full name as <c>refs/heads/main</c>, or a full commit; null for the <c>ref</c> of the URI, and without one for the
    /// repository's default branch.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StorageException">NotFound: no such reference or repository; Forbidden: the credentials are missing or wrong.</exception>
    Task<ResolvedCommit> ResolveAsync(string? reference, CancellationToken cancellationToken);

    /// <summary>Checks that what lies in a working tree can be fetched elsewhere: the tree is a clone of this repository, nothing in it is uncommitted, and its commit
    /// is pushed (and is what the URI's <c>ref</c> names, if it has one).</summary>
    /// <param name="path">A project, a <c>.cs</c> file or a folder in the tree.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StorageException">Of kind Invalid where it cannot: the message says what to do.</exception>
    Task<CheckedTree> CheckAsync(string path, CancellationToken cancellationToken);

    /// <summary>Fetches the files of a commit, with its submodules. The folder appears when all of it is there and verified, and not at all otherwise.</summary>
    /// <param name="commit">40 or 64 hex digits.</param>
    /// <param name="folder">A folder that does not exist yet or is empty. Its parent is created; what is fetched lies beside it until it is whole.</param>
    /// <param name="cancellationToken">Cancels the call; nothing is left behind.</param>
    /// <exception cref="StorageException">NotFound: the system does not have the commit; Damaged: the commit's files would leave the folder.</exception>
    Task FetchAsync(string commit, string folder, CancellationToken cancellationToken);
}

/// <summary>What a reference names.</summary>
/// <param name="Commit">40 or 64 lower-case hex digits.</param>
/// <param name="Reference">The full name that was found, as <c>refs/heads/main</c> or <c>refs/tags/v1</c>; null where a commit was asked for.</param>
/// <param name="DefaultBranch">The remote's default branch, as <c>main</c>; null where the remote names none.</param>
public sealed record ResolvedCommit(string Commit, string? Reference, string? DefaultBranch);

/// <summary>A clean, pushed working tree.</summary>
/// <param name="Commit">Its commit.</param>
/// <param name="Branch">The branch that is checked out; null for none.</param>
/// <param name="Path">The checked path in the repository, with <c>/</c>; empty for its root.</param>
/// <param name="Root">The tree's folder.</param>
public sealed record CheckedTree(string Commit, string? Branch, string Path, string Root);

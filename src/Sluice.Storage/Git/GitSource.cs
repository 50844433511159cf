using System.Buffers;
using Sluice.Storage.Git.Systems;
using Sluice.Storage.Options;
using Sluice.Storage.Secrets;

namespace Sluice.Storage.Git;

/// <summary>A repository of any system. Systems differ in addresses and in how they sign in; the rest is git's.</summary>
internal sealed class GitSource : ICodeSource
{
    private const int ShortestAbbreviation = 7;

    // git-check-ref-format(1); what it allows is no option and no pattern.
    private static readonly SearchValues<char> s_notInReferences = SearchValues.Create(" ~^:?*[\\");

    private readonly StoreOptions _options;
    private readonly string? _reference;
    private readonly bool _withGitObjects;
    private readonly TimeProvider _time;
    private readonly Lazy<Task<GitConnection>> _connection;

    internal GitSource(Uri location, GitSystem system, ISecretSource secrets, TimeProvider time, GitLimits limits)
    {
        _options = StoreOptions.Read(location, system.Known, secrets);
        Shown = StoreOptions.Shown(location);
        system.Check(location, _options);
        Path = PathIn(location, system);
        _reference = _options.Text("ref");
        _withGitObjects = _options.Text("include_git_objects") == "true";
        _time = time;
        Location = location;
        if (_reference is not null)
            CheckReference(_reference);
        _connection = new(async () => new(
            await GitProgram.FindAsync(CancellationToken.None).ConfigureAwait(false),
            await system.ConnectAsync(location, _options, secrets, time, CancellationToken.None).ConfigureAwait(false), time, limits));
    }

    public Uri Location { get; }

    public string? Path { get; }

    public bool Floats => _options.Text("float") == "true";

    private string Shown { get; }

    public async ValueTask<string> AddressAsync(CancellationToken cancellationToken) => (await _connection.Value.ConfigureAwait(false)).Remote.Url;

    public ValueTask<bool> IncludesGitObjectsAsync(CancellationToken cancellationToken) => new(_withGitObjects);

    public Uri LocationOf(string path)
    {
        CheckPath(path);
        IEnumerable<string> options = Location.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Where(pair => !pair.StartsWith("path=", StringComparison.Ordinal));
        return new($"{Location.GetLeftPart(UriPartial.Authority)}{GitSystem.RepositoryPart(Location)}?{string.Join('&', options.Append("path=" + Escape(path)))}");
    }

    public async Task<ResolvedCommit> ResolveAsync(string? reference, CancellationToken cancellationToken)
    {
        if (reference is not null)
            CheckReference(reference);
        GitConnection connection = await _connection.Value.ConfigureAwait(false);
        return await GitReferences.ResolveAsync(connection, Shown, reference ?? _reference, cancellationToken).ConfigureAwait(false);
    }

    public async Task<CheckedTree> CheckAsync(string path, CancellationToken cancellationToken)
    {
        GitConnection connection = await _connection.Value.ConfigureAwait(false);
        return await new WorkingTree(connection, Shown, _reference, Path).CheckAsync(path, cancellationToken).ConfigureAwait(false);
    }

    public async Task FetchAsync(string commit, string folder, CancellationToken cancellationToken)
    {
        if (!SourceReference.IsCommit(commit))
            throw new StorageException(StorageErrorKind.Invalid, $"'{commit}' is no commit of {Shown}: write its 40 (or 64) hex digits in lower case.");
        GitConnection connection = await _connection.Value.ConfigureAwait(false);
        await new GitFetch(connection, Shown, _reference, _withGitObjects).RunAsync(commit, System.IO.Path.GetFullPath(folder), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether a text may be the beginning of a commit id.</summary>
    internal static bool IsAbbreviation(string text) => text.Length is >= ShortestAbbreviation and < 64 && text.All(char.IsAsciiHexDigit);

    private string? PathIn(Uri location, GitSystem system)
    {
        string? tail = system.PathBehindRepository(location);
        string? path = _options.Text("path");
        if (tail is not null && path is not null)
            throw new StorageException(StorageErrorKind.Invalid, $"The storage {Shown} names a path twice: behind the repository and as path=. Leave one out.");
        path = (tail ?? path)?.Trim('/');
        if (path is { Length: > 0 })
            CheckPath(path);
        return path is { Length: > 0 } ? path : null;
    }

    private void CheckPath(string path)
    {
        if (path.Length == 0 || path.Split('/').Any(segment => segment is "" or "." or ".." || segment.Equals(".git", StringComparison.OrdinalIgnoreCase)) || path.Any(char.IsControl) || path.Contains('\\', StringComparison.Ordinal))
            throw new StorageException(StorageErrorKind.Invalid, $"The path '{path}' of the storage {Shown} is none in a repository: write it relative to the repository's root with '/', as src/App/App.csproj.");
    }

    private void CheckReference(string reference)
    {
        if (reference.Length == 0 || reference[0] is '-' or '/' || reference.AsSpan().ContainsAny(s_notInReferences) || reference.Any(char.IsControl)
            || reference.Contains("..", StringComparison.Ordinal) || reference.Contains("@{", StringComparison.Ordinal) || reference.EndsWith('/') || reference.EndsWith(".lock", StringComparison.Ordinal))
            throw new StorageException(StorageErrorKind.Invalid, $"'{reference}' is no name of a branch or tag of {Shown}: give a branch, a tag or a full commit.");
    }

    // '/' is fine in a query (RFC 3986, section 3.4), and easier to read.
    private static string Escape(string text) => Uri.EscapeDataString(text).Replace("%2F", "/", StringComparison.Ordinal);
}

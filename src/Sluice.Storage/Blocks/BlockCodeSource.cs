using Sluice.Storage.Git;

namespace Sluice.Storage.Blocks;

/// <summary>The repository that a named block stands for, as <see cref="BlockStore"/> is for packages. The path stands behind the name or as <c>path=</c>.</summary>
internal sealed class BlockCodeSource : ICodeSource
{
    private const string PathOption = "?path=";

    private readonly Lazy<Task<ICodeSource>> _source;

    internal BlockCodeSource(Uri location, StorageSources sources)
    {
        (BlockKind kind, string name, string? path) = BlockUri.Read(location);
        if (kind.Use != BlockUse.Source)
            throw new StorageException(StorageErrorKind.Invalid, $"The block {BlockUri.Shown(location)} names no repository.");
        string query = Uri.UnescapeDataString(location.Query);
        if (query.Length > 0 && (!query.StartsWith(PathOption, StringComparison.Ordinal) || query.Contains('&', StringComparison.Ordinal) || path is not null))
            throw new StorageException(StorageErrorKind.Invalid, $"The source {BlockUri.Shown(location)} is a named block, which has its options itself: a path alone may be written here, once.");
        Path = (path ?? (query.Length > 0 ? query[PathOption.Length..] : null))?.Trim('/');
        Location = location;
        _source = new(async () =>
        {
            (Uri meant, StorageSources own) = await ResolvedBlock.ReadAsync(kind, name, Path, sources, CancellationToken.None).ConfigureAwait(false);
            return CodeSources.Open(meant, own);
        });
    }

    public Uri Location { get; }

    public string? Path { get; }

    public bool Floats => false;

    public async ValueTask<string> AddressAsync(CancellationToken cancellationToken) =>
        await (await _source.Value.ConfigureAwait(false)).AddressAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<bool> IncludesGitObjectsAsync(CancellationToken cancellationToken) =>
        await (await _source.Value.ConfigureAwait(false)).IncludesGitObjectsAsync(cancellationToken).ConfigureAwait(false);

    public Uri LocationOf(string path)
    {
        (BlockKind kind, string name, _) = BlockUri.Read(Location);
        return new($"{BlockUri.Scheme}://{kind.Slug}/{name}{PathOption}{Uri.EscapeDataString(path).Replace("%2F", "/", StringComparison.Ordinal)}");
    }

    public async Task<ResolvedCommit> ResolveAsync(string? reference, CancellationToken cancellationToken) =>
        await (await _source.Value.ConfigureAwait(false)).ResolveAsync(reference, cancellationToken).ConfigureAwait(false);

    public async Task<CheckedTree> CheckAsync(string path, CancellationToken cancellationToken) =>
        await (await _source.Value.ConfigureAwait(false)).CheckAsync(path, cancellationToken).ConfigureAwait(false);

    public async Task FetchAsync(string commit, string folder, CancellationToken cancellationToken) =>
        await (await _source.Value.ConfigureAwait(false)).FetchAsync(commit, folder, cancellationToken).ConfigureAwait(false);
}

using System.Runtime.CompilerServices;

namespace Sluice.Storage.Blocks;

/// <summary>The store that a named block stands for. The server is asked for the block at the first call, so that a block that was changed holds at once.</summary>
internal sealed class BlockStore : IPackageStore
{
    private readonly Lazy<Task<IPackageStore>> _store;

    internal BlockStore(Uri location, StorageSources sources)
    {
        (BlockKind kind, string name, string? path) = BlockUri.Read(location);
        if (kind.Use != BlockUse.Packages)
        {
            throw new StorageException(StorageErrorKind.Invalid, kind.Use == BlockUse.Source
                ? $"The block {BlockUri.Shown(location)} names source in a repository, and packages cannot be put there."
                : $"The block {BlockUri.Shown(location)} is a secret and no storage: write ${{NAME}} where its value is wanted.");
        }
        if (location.Query.Length > 0)
            throw new StorageException(StorageErrorKind.Invalid, $"The storage {BlockUri.Shown(location)} is a named block, which has its options itself: change them with 'sluice block update {kind.Slug}/{name} …'.");
        Location = location;
        _store = new(async () =>
        {
            (Uri meant, StorageSources own) = await ResolvedBlock.ReadAsync(kind, name, path, sources, CancellationToken.None).ConfigureAwait(false);
            return PackageStores.Open(meant, own);
        });
    }

    public Uri Location { get; }

    public async Task<long?> GetSizeAsync(string key, CancellationToken cancellationToken) =>
        await (await _store.Value.ConfigureAwait(false)).GetSizeAsync(key, cancellationToken).ConfigureAwait(false);

    public async Task PutAsync(string key, Stream content, CancellationToken cancellationToken) =>
        await (await _store.Value.ConfigureAwait(false)).PutAsync(key, content, cancellationToken).ConfigureAwait(false);

    public async Task<bool> CreateAsync(string key, Stream content, CancellationToken cancellationToken) =>
        await (await _store.Value.ConfigureAwait(false)).CreateAsync(key, content, cancellationToken).ConfigureAwait(false);

    public async Task<Stream> GetAsync(string key, CancellationToken cancellationToken) =>
        await (await _store.Value.ConfigureAwait(false)).GetAsync(key, cancellationToken).ConfigureAwait(false);

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IPackageStore store = await _store.Value.ConfigureAwait(false);
        await foreach (string key in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
            yield return key;
    }

    public async Task<StoredSizes?> ListSizesAsync(string prefix, int most, CancellationToken cancellationToken) =>
        await (await _store.Value.ConfigureAwait(false)).ListSizesAsync(prefix, most, cancellationToken).ConfigureAwait(false);

    public async Task<bool> DeleteAsync(string key, CancellationToken cancellationToken) =>
        await (await _store.Value.ConfigureAwait(false)).DeleteAsync(key, cancellationToken).ConfigureAwait(false);

    public async Task<Uri?> PresignAsync(string key, PresignedUse use, TimeSpan lifetime, CancellationToken cancellationToken) =>
        await (await _store.Value.ConfigureAwait(false)).PresignAsync(key, use, lifetime, cancellationToken).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        if (_store.IsValueCreated && _store.Value.IsCompletedSuccessfully)
            await (await _store.Value.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
    }
}

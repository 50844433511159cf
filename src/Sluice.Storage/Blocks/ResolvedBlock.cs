namespace Sluice.Storage.Blocks;

/// <summary>What a block's URI stands for now.</summary>
internal static class ResolvedBlock
{
    /// <summary>Asks the server for the block, and puts the path behind its name to what it stands for.</summary>
    /// <exception cref="StorageException">Of kind Invalid (a NotFound would be taken for a missing package): there is no such block, or it lacks something.</exception>
    public static async Task<(Uri Location, StorageSources Sources)> ReadAsync(BlockKind kind, string name, string? path, StorageSources sources, CancellationToken cancellationToken)
    {
        StorageBlock block = await sources.Blocks.FindAsync(kind.Slug, name, cancellationToken).ConfigureAwait(false) ?? throw new StorageException(StorageErrorKind.Invalid,
            $"The server has no block {kind.Slug}/{name}: create it with 'sluice block create {kind.Slug}/{name} …', or mend the name ('sluice block ls' shows all).");
        var target = new BlockTarget(block);
        kind.Locate!(target, path);
        return target.Build(sources);
    }
}

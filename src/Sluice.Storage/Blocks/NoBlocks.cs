namespace Sluice.Storage.Blocks;

/// <summary>Where there is no server to ask for blocks.</summary>
internal sealed class NoBlocks : IBlockSource
{
    public static NoBlocks Instance { get; } = new();

    public ValueTask<StorageBlock?> FindAsync(string type, string name, CancellationToken cancellationToken) =>
        throw new StorageException(StorageErrorKind.Invalid, $"The block {type}/{name} is kept by an orchestration server, and none is asked here: write a storage URI instead.");
}

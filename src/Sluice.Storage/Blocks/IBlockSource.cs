namespace Sluice.Storage.Blocks;

/// <summary>Gives named blocks: options of a storage system that are kept with the orchestration server under a name.</summary>
public interface IBlockSource
{
    /// <summary>The block with its secrets; null where the server has none of that name.</summary>
    /// <param name="type">The slug of its type, as <c>s3</c>.</param>
    /// <param name="name">Its name, as <c>dev-bucket</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StorageException">The server could not be asked.</exception>
    ValueTask<StorageBlock?> FindAsync(string type, string name, CancellationToken cancellationToken);
}

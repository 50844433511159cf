namespace Sluice.Storage;

/// <summary>
/// A place that holds packages: blobs by digest and manifests by key. Implementations live in one folder per system; all pass one contract test
/// suite. Every failure is a <see cref="StorageException"/>.
/// </summary>
public interface IPackageStore : IAsyncDisposable
{
    /// <summary>The store's URI, as <c>file:///home/me/.sluice/storage</c>.</summary>
    Uri Location { get; }

    /// <summary>Whether the object exists.</summary>
    /// <param name="key">A relative path with <c>/</c>, as <c>blobs/sha256/ab/abc…</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<bool> ExistsAsync(string key, CancellationToken cancellationToken);

    /// <summary>Stores an object whole or not at all: no reader ever sees a part of it. An object that exists is replaced.</summary>
    Task PutAsync(string key, Stream content, CancellationToken cancellationToken);

    /// <summary>Opens an object. One that is missing is a <see cref="StorageException"/> of kind NotFound.</summary>
    Task<Stream> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>Lists keys that begin with a prefix, in ordinal order.</summary>
    IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Deletes an object. Answers false where it does not exist.</summary>
    Task<bool> DeleteAsync(string key, CancellationToken cancellationToken);
}

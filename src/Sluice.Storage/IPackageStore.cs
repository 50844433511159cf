namespace Sluice.Storage;

/// <summary>
/// A place that holds packages: blobs by digest and manifests by key. Implementations live in one folder per system; all pass one contract test
/// suite. Every failure is a <see cref="StorageException"/>.
/// </summary>
public interface IPackageStore : IAsyncDisposable
{
    /// <summary>The store's URI, as <c>file:///home/me/.sluice/storage</c>.</summary>
    Uri Location { get; }

    /// <summary>The object's size in bytes; null where it does not exist, also when the store itself does not exist yet.</summary>
    /// <param name="key">A relative path with <c>/</c>, as <c>blobs/sha256/ab/abc…</c>. One that could leave the store or that some system cannot
    /// hold is a <see cref="StorageException"/> of kind Invalid.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<long?> GetSizeAsync(string key, CancellationToken cancellationToken);

    /// <summary>Stores an object whole or not at all: no reader ever sees a part of it, and after success it outlives a power failure. An object that exists is
    /// replaced. A <see cref="StorageException"/> that reading <paramref name="content"/> throws passes through, and nothing is stored.</summary>
    Task PutAsync(string key, Stream content, CancellationToken cancellationToken);

    /// <summary>Stores an object as <see cref="PutAsync"/> does, but only where there is none: of several writers at once, one succeeds. Answers false where one
    /// exists already, which stays as it is.</summary>
    Task<bool> CreateAsync(string key, Stream content, CancellationToken cancellationToken);

    /// <summary>Opens an object. One that is missing, or a store that vanished, is a <see cref="StorageException"/> of kind NotFound.</summary>
    Task<Stream> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>Lists keys that begin with a prefix (empty: all), in ordinal order. A store that does not exist is a <see cref="StorageException"/> of kind NotFound.</summary>
    IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>The sizes of the first objects whose keys begin with a prefix, where the system tells many in one answer; null where asking for each costs no more.</summary>
    /// <param name="prefix">What the keys begin with; ASCII.</param>
    /// <param name="most">At most so many objects.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<StoredSizes?> ListSizesAsync(string prefix, int most, CancellationToken cancellationToken) => Task.FromResult<StoredSizes?>(null);

    /// <summary>Deletes an object. Answers false where it does not exist.</summary>
    Task<bool> DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>A URL that reads or writes one object for a while without any credentials; null where the system has none.</summary>
    /// <param name="key">The object's key; it need not exist.</param>
    /// <param name="use">What the URL allows.</param>
    /// <param name="lifetime">How long; at most 7 days.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<Uri?> PresignAsync(string key, PresignedUse use, TimeSpan lifetime, CancellationToken cancellationToken);
}

/// <summary>What a presigned URL allows.</summary>
public enum PresignedUse
{
    /// <summary>GET the object.</summary>
    Read,

    /// <summary>PUT the object.</summary>
    Write,
}

/// <summary>Sizes of objects, known for all keys up to one.</summary>
/// <param name="Sizes">Size in bytes by key.</param>
/// <param name="Last">What comes after this key in ordinal order was not looked at; null when everything was.</param>
public sealed record StoredSizes(IReadOnlyDictionary<string, long> Sizes, string? Last)
{
    /// <summary>Whether the answer tells about the key.</summary>
    public bool Covers(string key) => Last is null || string.CompareOrdinal(key, Last) <= 0;
}

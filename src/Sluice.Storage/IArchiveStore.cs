using Sluice.Storage.Packages;

namespace Sluice.Storage;

/// <summary>
/// A store that keeps each package whole, as one archive under an address of its own, and knows no keys: what a webhook can offer. Its
/// <see cref="IPackageStore"/> side refuses.
/// </summary>
internal interface IArchiveStore
{
    /// <summary>Stores an archive. Doing so twice with the same digest does no harm.</summary>
    /// <param name="name">What the package is called.</param>
    /// <param name="digest">Its digest.</param>
    /// <param name="archive">The archive; read from its begin as often as needed.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The package's location: <see cref="PackageStores.Open(Uri, StorageSources?)"/> makes of it the store that reads it.</returns>
    Task<Uri> PutArchiveAsync(ArchiveName name, string digest, Stream archive, CancellationToken cancellationToken);

    /// <summary>Whether a package's location is one that this store gives.</summary>
    Task<bool> GivesAsync(Uri location);

    /// <summary>Opens the archive of a package that this store holds. One that is missing is a <see cref="StorageException"/> of kind NotFound.</summary>
    Task<Stream> GetArchiveAsync(PackageReference package, CancellationToken cancellationToken);
}

/// <summary>What an archive may be called.</summary>
/// <param name="Package">The package's slug, as <c>weather-report</c>.</param>
/// <param name="Key">A key that no other publish has, as <c>weather-report/2026-11-22t06-00-00-000000-00-00</c>, or the one that the user fixed.</param>
internal sealed record ArchiveName(string Package, string Key);

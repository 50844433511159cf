using Sluice.Storage.Local;

namespace Sluice.Storage;

/// <summary>Opens a store by its URI. One place knows the schemes.</summary>
public static class PackageStores
{
    private const string Known = "file";

    /// <summary>Opens the store. Nothing is created or checked before the first call on it.</summary>
    /// <exception cref="StorageException">Of kind Invalid: a scheme nobody serves (the message lists the known ones), or a URI that is malformed.</exception>
    public static IPackageStore Open(Uri location)
    {
        if (!location.IsAbsoluteUri)
            throw new StorageException(StorageErrorKind.Invalid, $"The storage '{location}' is no absolute URI: write it as file:///folder. Known schemes: {Known}.");
        return location.Scheme switch
        {
            "file" => new LocalStore(location),
            _ => throw new StorageException(StorageErrorKind.Invalid, $"The scheme '{location.Scheme}' of the storage '{location}' is served by no store. Known schemes: {Known}."),
        };
    }

    /// <summary>Opens the store whose text a user wrote: a URI or an absolute folder.</summary>
    /// <exception cref="StorageException">As <see cref="Open(Uri)"/>.</exception>
    public static IPackageStore Open(string location)
    {
        if (Path.IsPathFullyQualified(location))
            return new LocalStore(StoreUri.OfFolder(location));
        return Uri.TryCreate(location, UriKind.Absolute, out Uri? uri)
            ? Open(uri)
            : throw new StorageException(StorageErrorKind.Invalid, $"The storage '{location}' is neither a URI nor an absolute folder: write it as file:///folder. Known schemes: {Known}.");
    }
}

namespace Sluice.Storage;

/// <summary>Opens a store by its URI. One place knows the schemes.</summary>
public static class PackageStores
{
    /// <summary>Opens the store. A scheme nobody serves is a <see cref="StorageException"/> of kind Invalid that lists the known ones.</summary>
    public static IPackageStore Open(Uri location) => throw new NotImplementedException();
}

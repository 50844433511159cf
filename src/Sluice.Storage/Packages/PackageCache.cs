namespace Sluice.Storage.Packages;

/// <summary>Pulled packages by digest, under <c>$SLUICE_HOME/cache/packages</c>. Safe for several processes at once.</summary>
/// <param name="root">The cache's folder.</param>
public sealed class PackageCache(string root)
{
    /// <summary>
    /// The folder of the verified package, pulled when it is not there. A damaged or vanished blob, a digest that does not match or a path that
    /// leaves the folder is a <see cref="StorageException"/>, and nothing is left behind.
    /// </summary>
    public Task<CachedPackage> GetAsync(PackageReference package, CancellationToken cancellationToken) => throw new NotImplementedException(root);
}

/// <summary>A package on this machine's disk.</summary>
/// <param name="Folder">Absolute path.</param>
/// <param name="Manifest">Its manifest.</param>
public sealed record CachedPackage(string Folder, PackageManifest Manifest);

using Sluice.Storage.Azure;
using Sluice.Storage.Blocks;
using Sluice.Storage.Docker;
using Sluice.Storage.Gcs;
using Sluice.Storage.Git;
using Sluice.Storage.Local;
using Sluice.Storage.Options;
using Sluice.Storage.Rclone;
using Sluice.Storage.S3;
using Sluice.Storage.Secrets;
using Sluice.Storage.Webhook;

namespace Sluice.Storage;

/// <summary>Opens a store by its URI. One place knows the schemes.</summary>
public static class PackageStores
{
    internal const string Known = "file, s3, gs, az, rclone, smb, webhook+https, docker; for source github, gitlab, bitbucket, codecommit, git+https, git+ssh";

    /// <summary>The options of each scheme, by the names that they have in a URI's query.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<StoreOption>> Options { get; } = new Dictionary<string, IReadOnlyList<StoreOption>>(StringComparer.Ordinal)
    {
        ["file"] = [],
        ["s3"] = S3Options.Known,
        ["gs"] = GcsOptions.Known,
        ["az"] = AzureOptions.Known,
        ["rclone"] = RcloneOptions.KnownOfRclone,
        ["smb"] = RcloneOptions.KnownOfSmb,
        ["webhook+https"] = WebhookOptions.Known,
        [ImageTargets.Scheme] = DockerOptions.Known,
    };

    /// <summary>Opens the store. Nothing is created or checked before the first call on it.</summary>
    /// <param name="location">The store's URI.</param>
    /// <param name="sources">Gives what <c>${NAME}</c> in the URI's options means; null for the environment alone.</param>
    /// <exception cref="StorageException">Of kind Invalid: a scheme nobody serves (the message lists the known ones), or a URI that is malformed.</exception>
    public static IPackageStore Open(Uri location, StorageSources? sources = null)
    {
        if (!location.IsAbsoluteUri)
            throw new StorageException(StorageErrorKind.Invalid, $"The storage '{StorageLocation.Shown(location.OriginalString)}' is no absolute URI: write it as file:///folder. Known schemes: {Known}.");
        if (location.Scheme == BlockUri.Scheme)
            return new BlockStore(location, sources ?? StorageSources.Environment);
        ISecretSource source = (sources ?? StorageSources.Environment).Secrets;
        return location.Scheme switch
        {
            "file" => new LocalStore(location),
            "az" => new AzureStore(location, source, TimeProvider.System),
            "gs" => new GcsStore(location, source, TimeProvider.System),
            "rclone" or "smb" => new RcloneStore(location, source, TimeProvider.System),
            "s3" => new S3Store(location, source, TimeProvider.System),
            "webhook+https" or "webhook+http" => new WebhookStore(location, source, TimeProvider.System),
            ImageTargets.Scheme => throw new StorageException(StorageErrorKind.Invalid, $"{StorageLocation.Shown(location)} holds container images, and no packages: a container engine runs them."),
            _ when CodeSources.Serves(location) => throw new StorageException(StorageErrorKind.Invalid, $"The storage '{StorageLocation.Shown(location)}' names source in a repository, and packages cannot be put there."),
            _ => throw new StorageException(StorageErrorKind.Invalid, $"The scheme '{location.Scheme}' of the storage '{StorageLocation.Shown(location)}' is served by no store. Known schemes: {Known}."),
        };
    }

    /// <summary>Opens the store whose text a user wrote: a URI, an absolute folder or a named block.</summary>
    /// <param name="location">The text.</param>
    /// <param name="sources">As for <see cref="Open(Uri, StorageSources?)"/>.</param>
    /// <exception cref="StorageException">As <see cref="Open(Uri, StorageSources?)"/>.</exception>
    public static IPackageStore Open(string location, StorageSources? sources = null) => Open(StorageLocation.Parse(location), sources);
}

using Sluice.Storage.Options;

namespace Sluice.Storage.Docker;

/// <summary>Opens an image target by its URI.</summary>
public static class ImageTargets
{
    /// <summary>The scheme of images.</summary>
    public const string Scheme = "docker";

    /// <summary>Whether a storage is one of images: its text begins with <c>docker:</c>.</summary>
    public static bool Serves(string? storage) => storage?.StartsWith(Scheme + ":", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Opens the target. Nothing is asked or made before the first call on it.</summary>
    /// <param name="location">As <c>docker://registry.example/team</c>; without a host, this machine's container engine.</param>
    /// <param name="sources">Gives what <c>${NAME}</c> in the URI's options means; null for the environment alone.</param>
    /// <param name="time">Names tags; null for the system's clock.</param>
    /// <exception cref="StorageException">Of kind Invalid: what is wrong with the URI.</exception>
    public static IImageTarget Open(string location, StorageSources? sources = null, TimeProvider? time = null)
    {
        if (!Serves(location) || !Uri.TryCreate(location, UriKind.Absolute, out Uri? uri) || !location.StartsWith(Scheme + "://", StringComparison.OrdinalIgnoreCase))
            throw new StorageException(StorageErrorKind.Invalid, $"'{StorageLocation.Shown(location)}' is no address of images: write docker://registry.example/team, or docker:// for this machine alone.");
        if (uri.UserInfo.Length > 0)
            throw new StorageException(StorageErrorKind.Invalid, $"The storage docker://{uri.Authority} holds a user, and a URI is no place for credentials: run docker login, or write username=…&password=${{NAME}} as options.");
        var options = new DockerOptions(uri, StoreOptions.Read(uri, DockerOptions.Known, (sources ?? StorageSources.Environment).Secrets));
        return uri.Host.Length == 0 ? new EngineTarget(uri, options, time ?? TimeProvider.System) : new RegistryTarget(uri, options, time ?? TimeProvider.System);
    }

    /// <summary>Whether an image is still where a deployment names it, asked with what <c>docker login</c> keeps.</summary>
    /// <param name="reference">As <c>registry.example/team/greet@sha256:…</c>; on this machine <c>greet:…</c>.</param>
    /// <param name="isLocal">Whether it was made for a machine's container engine and is in no registry.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="StorageException">It could not be asked, or what is there is not what the digest says (Damaged).</exception>
    public static async Task<bool> HasAsync(string reference, bool isLocal, TimeProvider time, CancellationToken cancellationToken)
    {
        if (isLocal)
        {
            // The engine that has it may be another machine's.
            return await EngineTarget.HasAsync(reference, cancellationToken).ConfigureAwait(false) ? true
                : throw new StorageException(StorageErrorKind.Unavailable, $"This machine's container engine does not have {reference}, or there is none; the machine that runs it may.");
        }
        (string registry, string repository, string name) = ImageNames.Parse(reference);
        using var client = new RegistryClient(registry, null, time);
        if (await client.FindManifestAsync(repository, name, cancellationToken).ConfigureAwait(false) is not null)
            return true;
        // Registries may hide what one may not see.
        return client.HasCredentials ? false
            : throw new StorageException(StorageErrorKind.Forbidden, $"The registry {registry} does not show {reference} to anybody without credentials: it is gone, or hidden. Run docker login {registry}.");
    }
}

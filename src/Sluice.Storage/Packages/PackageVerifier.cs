using System.Text.Json;

namespace Sluice.Storage.Packages;

/// <summary>Reads manifests that come from a store, which nobody here has reason to trust.</summary>
internal static class PackageVerifier
{
    /// <summary>Reads and checks: version, digests, and that no path leaves the package's folder.</summary>
    internal static PackageManifest Read(byte[] json, PackageReference package)
    {
        PackageManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(json, PackageJson.Default.PackageManifest) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw Damaged(package, $"its manifest.json cannot be read ({e.Message})", e);
        }
        if (manifest.PackageVersion != 1)
            throw new StorageException(StorageErrorKind.Invalid, $"The package {package.Location} has the format {manifest.PackageVersion}, and this Sluice reads 1: update Sluice.");
        var paths = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (PackageFile? file in manifest.Files)
        {
            if (file is null)
                throw Damaged(package, "it lists a file that is null");
            if (StoreKey.RefusePath(file.Path) is { } reason)
                throw Damaged(package, $"the path '{file.Path}' is refused: {reason}");
            if (!paths.Add(file.Path))
                throw Damaged(package, $"the path '{file.Path}' is there twice");
            if (file.Sha256.Length != 64 || !file.Sha256.All(char.IsAsciiHexDigitLower) || file.Size < 0 || file.Mode is not ("644" or "755"))
                throw Damaged(package, $"the file '{file.Path}' has a malformed digest, size or mode");
        }
        foreach (PackageDocument document in new[] { manifest.Sbom, manifest.Provenance }.OfType<PackageDocument>())
        {
            if (document.Sha256.Length != 64 || !document.Sha256.All(char.IsAsciiHexDigitLower) || document.Size < 0)
                throw Damaged(package, "its parts list or provenance has a malformed digest or size");
        }
        foreach (string? start in (string?[])[manifest.Launch.Executable, manifest.Launch.Assembly, manifest.Script])
        {
            if (start is not null && !(paths.TryGetValue(start, out string? held) && held == start))
                throw Damaged(package, $"it is started by '{start}', which it does not hold");
        }
        string digest = PackageDigest.Compute(manifest.Files);
        if (digest != manifest.Digest || digest != package.Digest)
            throw Damaged(package, $"its files have the digest {digest}, its manifest says {manifest.Digest}, and {package.Digest} was asked for");
        return manifest;
    }

    /// <summary>Reads the manifest of a package from its folder and checks it.</summary>
    internal static async Task<(PackageManifest Manifest, byte[] Json)> ReadAsync(IPackageStore store, PackageReference package, CancellationToken cancellationToken)
    {
        (byte[]? json, StorageException? missing) = await BytesAsync(PackageWriter.ManifestName).ConfigureAwait(false);
        // Under a fixed storage key a later publish replaced it, or a cleaning took it; the one of this digest lies beneath.
        if (json is null || (DigestOf(json) is { } digest && digest != package.Digest))
            json = (await BytesAsync($"{package.Digest}/{PackageWriter.ManifestName}").ConfigureAwait(false)).Json ?? json;
        return json is not null
            ? (Read(json, package), json)
            : throw new StorageException(StorageErrorKind.NotFound, $"The package {package.Location} does not exist: its store vanished or it was deleted. Publish the project again.", missing);

        async Task<(byte[]? Json, StorageException? Missing)> BytesAsync(string key)
        {
            try
            {
                await using Stream stream = await store.GetAsync(key, cancellationToken).ConfigureAwait(false);
                var bytes = new MemoryStream();
                await stream.CopyToAsync(bytes, cancellationToken).ConfigureAwait(false);
                return (bytes.ToArray(), null);
            }
            catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
            {
                return (null, e);
            }
        }
    }

    /// <summary>The digest that a manifest claims; null where it cannot be read.</summary>
    internal static string? DigestOf(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, PackageJson.Default.PackageManifest)?.Digest;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal static StorageException Damaged(PackageReference package, string why, Exception? inner = null) =>
        new(StorageErrorKind.Damaged, $"The package {package.Location} is damaged: {why}. Publish the project again.", inner);
}

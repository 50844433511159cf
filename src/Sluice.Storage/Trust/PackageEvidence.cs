using Sluice.Storage.Packages;

namespace Sluice.Storage.Trust;

/// <summary>What is known of a package besides its files: read whole, and believed only as far as digests and signature say.</summary>
/// <param name="Signature">Its signature; null for none.</param>
/// <param name="Sbom">Its parts list; null for none.</param>
/// <param name="Provenance">Its provenance; null for none.</param>
internal sealed record PackageEvidence(byte[]? Signature, byte[]? Sbom, byte[]? Provenance)
{
    /// <summary>The parts list in an archive, and beside a package in the cache.</summary>
    public const string SbomName = "sbom.cdx.json";

    /// <summary>The provenance in an archive, and beside a package in the cache.</summary>
    public const string ProvenanceName = "provenance.json";

    /// <summary>Larger documents are none.</summary>
    private const int MaxDocument = 64 * 1024 * 1024;

    /// <summary>Reads it from the package's store.</summary>
    public static async Task<PackageEvidence> ReadAsync(IPackageStore store, byte[] manifest, PackageManifest read, CancellationToken cancellationToken) => new(
        await BytesAsync(store, PackageSignature.KeyOf(manifest), PackageSignature.MaxSize, cancellationToken).ConfigureAwait(false),
        await DocumentAsync(store, read.Sbom, cancellationToken).ConfigureAwait(false),
        await DocumentAsync(store, read.Provenance, cancellationToken).ConfigureAwait(false));

    /// <summary>Reads it by the names that it has in archives and in the cache.</summary>
    /// <param name="open">Opens one; null where it is missing.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static async Task<PackageEvidence> ReadAsync(Func<string, Task<Stream?>> open, CancellationToken cancellationToken)
    {
        return new(
            await OfAsync(PackageSignature.Name, PackageSignature.MaxSize).ConfigureAwait(false),
            await OfAsync(SbomName, MaxDocument).ConfigureAwait(false),
            await OfAsync(ProvenanceName, MaxDocument).ConfigureAwait(false));

        async Task<byte[]?> OfAsync(string name, int most)
        {
            if (await open(name).ConfigureAwait(false) is not { } stream)
                return null;
            await using (stream)
                return await BytesAsync(stream, most, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads what lies beside a package in the cache.</summary>
    public static PackageEvidence ReadFolder(string folder)
    {
        return new(Of(PackageSignature.Name), Of(SbomName), Of(ProvenanceName));

        byte[]? Of(string name) => Path.Combine(folder, name) is var path && File.Exists(path) ? File.ReadAllBytes(path) : null;
    }

    /// <summary>What there is, by the names that it has in archives and in the cache.</summary>
    public IEnumerable<(string Name, byte[] Bytes)> Named =>
        new[] { (PackageSignature.Name, Signature), (SbomName, Sbom), (ProvenanceName, Provenance) }.Where(one => one.Item2 is not null).Select(one => (one.Item1, one.Item2!));

    private static Task<byte[]?> DocumentAsync(IPackageStore store, PackageDocument? document, CancellationToken cancellationToken) => document is null
        ? Task.FromResult<byte[]?>(null)
        : BytesAsync(store, PackageDigest.BlobKey(document.Sha256), MaxDocument, cancellationToken);

    private static async Task<byte[]?> BytesAsync(IPackageStore store, string key, int most, CancellationToken cancellationToken)
    {
        try
        {
            await using Stream stream = await store.GetAsync(key, cancellationToken).ConfigureAwait(false);
            return await BytesAsync(stream, most, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            return null;
        }
    }

    /// <summary>All of it, or nothing where there is more than there can be: what is cut fails its digest.</summary>
    private static async Task<byte[]> BytesAsync(Stream stream, int most, CancellationToken cancellationToken)
    {
        var bytes = new MemoryStream();
        byte[] buffer = new byte[16 * 1024];
        for (int count; (count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            if (bytes.Length + count > most)
                return [];
            bytes.Write(buffer, 0, count);
        }
        return bytes.ToArray();
    }
}

using Sluice.Storage.Packages;

namespace Sluice.Storage.Trust;

/// <summary>What a store says of a package, read without unpacking anything.</summary>
public sealed record InspectedPackage
{
    /// <summary>Its verified manifest.</summary>
    public required PackageManifest Manifest { get; init; }

    /// <summary>Its parts list, CycloneDX 1.6 as JSON; null for none.</summary>
    public byte[]? Sbom { get; init; }

    /// <summary>Its provenance, an in-toto statement as JSON; null for none.</summary>
    public byte[]? Provenance { get; init; }

    /// <summary>Its signature, a DSSE envelope as JSON; null for none.</summary>
    public byte[]? Signature { get; init; }

    /// <summary>Ids of the keys that the signature names, verified or not.</summary>
    public IReadOnlyList<string> Signers => Signature is null ? [] : PackageSignature.KeysOf(Signature);

    /// <summary>Why the policy does not take it; null where it does.</summary>
    public required string? Refusal { get; init; }

    /// <summary>Reads it.</summary>
    /// <param name="package">The package.</param>
    /// <param name="sources">Gives the secrets and blocks of its store.</param>
    /// <param name="policy">What it is held against; null for none.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="StorageException">It is not there, or its manifest is damaged.</exception>
    public static async Task<InspectedPackage> ReadAsync(PackageReference package, StorageSources? sources, PackagePolicy? policy, CancellationToken cancellationToken)
    {
        await using IPackageStore folder = PackageStores.Open(package.Location, sources);
        if (folder is IArchiveStore archives)
        {
            await using FileStream archive = PackageWriter.OpenTemporary();
            await using (Stream stream = await archives.GetArchiveAsync(package, cancellationToken).ConfigureAwait(false))
                await stream.CopyToAsync(archive, cancellationToken).ConfigureAwait(false);
            archive.Position = 0;
            await using var zip = await PackageArchive.OpenAsync(archive, package, cancellationToken).ConfigureAwait(false);
            (PackageManifest read, byte[] json) = await PackageArchive.ReadManifestAsync(zip, package, cancellationToken).ConfigureAwait(false);
            return Of(read, json, await PackageArchive.ReadEvidenceAsync(zip, package, cancellationToken).ConfigureAwait(false), policy);
        }
        (PackageManifest manifest, byte[] bytes) = await PackageVerifier.ReadAsync(folder, package, cancellationToken).ConfigureAwait(false);
        Uri location = StoreUri.StoreOf(package.Location, manifest.Folder)
            ?? throw PackageVerifier.Damaged(package, $"its manifest says that its folder is '{manifest.Folder}'");
        await using IPackageStore store = PackageStores.Open(location, sources);
        return Of(manifest, bytes, await PackageEvidence.ReadAsync(store, bytes, manifest, cancellationToken).ConfigureAwait(false), policy);
    }

    private static InspectedPackage Of(PackageManifest manifest, byte[] json, PackageEvidence evidence, PackagePolicy? policy) => new()
    {
        Manifest = manifest,
        Sbom = evidence.Sbom,
        Provenance = evidence.Provenance,
        Signature = evidence.Signature,
        Refusal = policy?.Refuse(json, manifest, evidence),
    };
}

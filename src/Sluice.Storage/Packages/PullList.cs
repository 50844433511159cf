using System.Globalization;
using System.Text.Json;
using Sluice.Storage.Results;
using Sluice.Storage.Trust;

namespace Sluice.Storage.Packages;

/// <summary>
/// Presigned URLs of a package's manifest and contents, for a run that has no credentials: a container that some worker starts. The list is an object of the
/// package's store itself, since an environment variable is too small for it, and is read by a presigned URL as well.
/// </summary>
public sealed class PullList : IAsyncDisposable
{
    /// <summary>The variable that carries the list's URL.</summary>
    public const string Variable = "SLUICE_PULL_LIST";

    /// <summary>The first segment of every list's key.</summary>
    internal const string Folder = "pulls";

    private readonly IPackageStore _store;
    private readonly string _key;

    private PullList(IPackageStore store, string key, Uri url, Uri results) => (_store, _key, Url, Results) = (store, key, url, results);

    /// <summary>Where the list is read. Whoever has it can read the package: it is for the run alone, and not for logs.</summary>
    public Uri Url { get; }

    /// <summary>As <see cref="CachedPackage.Results"/>.</summary>
    public Uri Results { get; }

    /// <summary>Signs the URLs and stores the list.</summary>
    /// <param name="package">The package.</param>
    /// <param name="sources">Gives the secrets and blocks of its store.</param>
    /// <param name="lifetime">How long the URLs are good; at most 7 days, and no longer than the credentials that sign them.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The list; to be disposed, which deletes it, when nobody pulls by it any more. Null where the store makes no presigned URLs.</returns>
    /// <exception cref="StorageException">The package cannot be read, or the list not be stored.</exception>
    public static async Task<PullList?> CreateAsync(PackageReference package, StorageSources sources, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        PackageManifest manifest;
        byte[] bytes;
        await using (IPackageStore folder = PackageStores.Open(package.Location, sources))
        {
            if (folder is IArchiveStore)
                return null;
            (manifest, bytes) = await PackageVerifier.ReadAsync(folder, package, cancellationToken).ConfigureAwait(false);
        }
        Uri location = StoreUri.StoreOf(package.Location, manifest.Folder)
            ?? throw PackageVerifier.Damaged(package, $"its manifest says that its folder is '{manifest.Folder}'");
        IPackageStore store = PackageStores.Open(location, sources);
        try
        {
            // Under a fixed storage key the one of this digest lies beneath.
            string pinned = PackageWriter.PinnedKey(manifest.Folder, package.Digest);
            string key = await store.GetSizeAsync(pinned, cancellationToken).ConfigureAwait(false) is null ? $"{manifest.Folder}/{PackageWriter.ManifestName}" : pinned;
            Uri? manifestUrl = await store.PresignAsync(key, PresignedUse.Read, lifetime, cancellationToken).ConfigureAwait(false);
            if (manifestUrl is not null)
            {
                var blobs = new SortedDictionary<string, Uri>(StringComparer.Ordinal);
                foreach (string digest in manifest.Files.Select(file => file.Sha256).Concat(new[] { manifest.Sbom, manifest.Provenance }.OfType<PackageDocument>().Select(document => document.Sha256)).Distinct())
                    blobs[digest] = (await store.PresignAsync(PackageDigest.BlobKey(digest), PresignedUse.Read, lifetime, cancellationToken).ConfigureAwait(false))!;
                string signature = PackageSignature.KeyOf(bytes);
                Uri? signatureUrl = await store.GetSizeAsync(signature, cancellationToken).ConfigureAwait(false) is null ? null
                    : await store.PresignAsync(signature, PresignedUse.Read, lifetime, cancellationToken).ConfigureAwait(false);
                byte[] json = JsonSerializer.SerializeToUtf8Bytes(new PullUrls(manifestUrl, blobs, signatureUrl), PackageJson.Default.PullUrls);
                string listKey = KeyOf(manifest.Folder.Split('/')[0], TimeProvider.System.GetUtcNow() + lifetime);
                await store.CreateAsync(listKey, new MemoryStream(json, writable: false), cancellationToken).ConfigureAwait(false);
                Uri url = (await store.PresignAsync(listKey, PresignedUse.Read, lifetime, cancellationToken).ConfigureAwait(false))!;
                return new(store, listKey, url, ResultLocation.FolderOf(package, manifest)!);
            }
        }
        catch
        {
            await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        await store.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    /// <summary>The key of a new list: a killed worker leaves it behind, so it tells when it lapses.</summary>
    internal static string KeyOf(string folder, DateTimeOffset lapses) =>
        string.Create(CultureInfo.InvariantCulture, $"{Folder}/{folder}/{lapses.UtcDateTime:yyyyMMddHHmmss}-{Guid.NewGuid():N}.json");

    /// <summary>When a list lapses, by its key; null for what is no list.</summary>
    internal static DateTimeOffset? LapsesAt(string key) =>
        key.StartsWith(Folder + "/", StringComparison.Ordinal) && key.Split('/') is [_, _, { Length: > 14 } name] && name[14] == '-'
            && DateTimeOffset.TryParseExact(name.AsSpan(0, 14), "yyyyMMddHHmmss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset lapses)
            ? lapses : null;

    /// <summary>Deletes the list. A store that cannot do so now keeps it until a cleaning: its URLs lapse by themselves.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _store.DeleteAsync(_key, CancellationToken.None).ConfigureAwait(false);
        }
        catch (StorageException)
        {
            // As said.
        }
        await _store.DisposeAsync().ConfigureAwait(false);
    }
}

/// <summary>The JSON of a pull list.</summary>
/// <param name="Manifest">The URL of <c>manifest.json</c>.</param>
/// <param name="Blobs">The URLs of the contents, by SHA-256.</param>
/// <param name="Signature">The URL of its signature; null where it has none.</param>
internal sealed record PullUrls(Uri Manifest, IReadOnlyDictionary<string, Uri> Blobs, Uri? Signature = null);

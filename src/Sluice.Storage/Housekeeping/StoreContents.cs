using System.Collections.Concurrent;
using System.Text.Json;
using Sluice.Storage.Packages;
using Sluice.Storage.Trust;

namespace Sluice.Storage.Housekeeping;

/// <summary>What a store holds, read once: packages, blobs, results, and manifests that cannot be read.</summary>
internal sealed class StoreContents
{
    private const int Parallelism = 8;
    private const string Blobs = "blobs/sha256/";
    private const string ResultsPrefix = "results/";

    public required IReadOnlyList<StoredPackage> Packages { get; init; }

    public required IReadOnlyList<StoreDamage> Unreadable { get; init; }

    /// <summary>The digests of the blobs that are there.</summary>
    public required IReadOnlySet<string> Stored { get; init; }

    /// <summary>Keys of results.</summary>
    public required IReadOnlyList<string> Results { get; init; }

    /// <summary>Keys of pull lists.</summary>
    public required IReadOnlyList<string> PullLists { get; init; }

    /// <summary>Keys of the records of applies.</summary>
    public required IReadOnlyList<string> Records { get; init; }

    /// <summary>Keys of signatures.</summary>
    public required IReadOnlyList<string> Signatures { get; init; }

    /// <summary>Digest and size of what the packages hold.</summary>
    public IEnumerable<(string Sha256, long Size)> Referenced => Packages.SelectMany(package => package.Contents).DistinctBy(content => content.Sha256);

    /// <param name="store">The store.</param>
    /// <param name="between">Called now and then, so that a cleaning can show life.</param>
    /// <param name="progress">Told how many manifests were read, and how many there are.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static async Task<StoreContents> ReadAsync(IPackageStore store, Func<CancellationToken, Task>? between, IProgress<(int Done, int Total)>? progress, CancellationToken cancellationToken)
    {
        var blobs = new HashSet<string>(StringComparer.Ordinal);
        var manifests = new List<string>();
        var results = new List<string>();
        var pulls = new List<string>();
        var records = new List<string>();
        var signatures = new List<string>();
        int listed = 0;
        await foreach (string key in store.ListAsync("", cancellationToken).ConfigureAwait(false))
        {
            if (++listed % 1000 == 0 && between is not null)
                await between(cancellationToken).ConfigureAwait(false);
            if (key.StartsWith(Blobs, StringComparison.Ordinal))
                blobs.Add(key[(key.LastIndexOf('/') + 1)..]);
            else if (key.StartsWith(ResultsPrefix, StringComparison.Ordinal))
                results.Add(key);
            else if (RecordKeys.TryParse(key, out _, out _))
                records.Add(key);
            else if (key.StartsWith(PackageSignature.Folder + "/", StringComparison.Ordinal))
                signatures.Add(key);
            else if (PullList.LapsesAt(key) is not null)
                pulls.Add(key);
            else if (key.EndsWith("/" + PackageWriter.ManifestName, StringComparison.Ordinal))
                manifests.Add(key);
        }
        var read = new ConcurrentBag<(string Key, PackageManifest Manifest, string Signature)>();
        var unreadable = new ConcurrentBag<StoreDamage>();
        int done = 0;
        foreach (string[] some in manifests.Chunk(64))
        {
            if (between is not null)
                await between(cancellationToken).ConfigureAwait(false);
            await Parallel.ForEachAsync(some, new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken }, async (key, token) =>
            {
                try
                {
                    if (await ReadManifestAsync(store, key, token).ConfigureAwait(false) is { } one)
                        read.Add((key, one.Manifest, one.Signature));
                }
                catch (StorageException e) when (e.Kind is StorageErrorKind.Damaged or StorageErrorKind.Invalid)
                {
                    string folder = key[..key.LastIndexOf('/')];
                    unreadable.Add(new("unreadable", key, [folder], $"{e.Message} Or delete {key} from the store where no deployment uses it."));
                }
                progress?.Report((Interlocked.Increment(ref done), manifests.Count));
            }).ConfigureAwait(false);
        }
        return new()
        {
            Packages = [.. read.GroupBy(m => (m.Manifest.Folder, m.Manifest.Digest)).Select(Package).OrderBy(p => p.Folder, StringComparer.Ordinal).ThenBy(p => p.Created)],
            Unreadable = [.. unreadable.OrderBy(d => d.Key, StringComparer.Ordinal)],
            Stored = blobs,
            Results = results,
            PullLists = pulls,
            Records = records,
            Signatures = signatures,
        };
    }

    private static StoredPackage Package(IGrouping<(string Folder, string Digest), (string Key, PackageManifest Manifest, string Signature)> same)
    {
        PackageManifest manifest = same.First().Manifest;
        return new()
        {
            Folder = manifest.Folder,
            Digest = manifest.Digest,
            Files = manifest.Files.Count,
            Bytes = manifest.Files.Sum(file => file.Size),
            Created = manifest.Created,
            Version = manifest.Version,
            Manifests = [.. same.Select(m => m.Key).Order(StringComparer.Ordinal)],
            Signatures = [.. same.Select(m => m.Signature).Distinct()],
            Contents = [.. same.SelectMany(m => m.Manifest.Files.Select(file => (file.Sha256, file.Size))
                .Concat(new[] { m.Manifest.Sbom, m.Manifest.Provenance }.OfType<PackageDocument>().Select(document => (document.Sha256, document.Size)))).Distinct()],
        };
    }

    /// <summary>Null where it was deleted meanwhile.</summary>
    private static async Task<(PackageManifest Manifest, string Signature)?> ReadManifestAsync(IPackageStore store, string key, CancellationToken cancellationToken)
    {
        var bytes = new MemoryStream();
        try
        {
            await using Stream stream = await store.GetAsync(key, cancellationToken).ConfigureAwait(false);
            await stream.CopyToAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            return null;
        }
        byte[] json = bytes.ToArray();
        string folder = key[..key.LastIndexOf('/')];
        return (PackageVerifier.Read(json, new(StoreUri.Append(store.Location, folder), PackageVerifier.DigestOf(json) ?? "")), PackageSignature.KeyOf(json));
    }
}

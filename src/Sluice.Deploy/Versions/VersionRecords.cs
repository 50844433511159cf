using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Sluice.Storage;
using Sluice.Storage.Blocks;
using Sluice.Storage.Housekeeping;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Versions;

/// <summary>
/// Reads and writes the records of applies, in whatever stores they lie: <c>versions/APP/TIME-DIGEST.json</c>. What was read is kept, so that a thousand
/// deployments that point to few documents cost few reads. Safe for several callers at once.
/// </summary>
/// <param name="sources">Gives the secrets and blocks that the stores need.</param>
/// <param name="named">
/// The stores that the user names. A pointer is what a server says, and whoever may write a deployment may write it: it opens these, with the user's own options, and
/// others only where its URI can take no secret of this machine anywhere.
/// </param>
public sealed class VersionRecords(StorageSources sources, IEnumerable<Uri>? named = null) : IAsyncDisposable
{
    /// <summary>What the keys of all records begin with.</summary>
    public const string Prefix = "versions/";

    /// <summary>The environment variable that names stores of records besides those of a publish, with spaces between them.</summary>
    public const string StoresVariable = "SLUICE_RECORDS";

    // A thousand deployments with a schema of 60 KB each.
    private const int LongestDocument = 64 * 1024 * 1024;

    private const int Parallelism = 8;

    private readonly ConcurrentDictionary<Uri, IPackageStore> _stores = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<AppliedVersions>>> _read = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IReadOnlyList<(VersionPointer Pointer, AppliedVersion Version, AppliedVersions Record)>> _listed = new(StringComparer.Ordinal);

    /// <summary>Which places are opened.</summary>
    internal TrustedStores Trusted { get; } = new(named);

    /// <summary>Stores a document. Nobody sees it before a deployment points to it.</summary>
    /// <param name="store">The store's URI.</param>
    /// <param name="document">The document.</param>
    /// <param name="cancellationToken">Cancels it; a document that nothing points to may stay, and a cleaning takes it.</param>
    /// <returns>Where it is, and its digest.</returns>
    /// <exception cref="StorageException">The store failed.</exception>
    public async Task<(Uri Location, string Digest)> WriteAsync(Uri store, AppliedVersions document, CancellationToken cancellationToken)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(document, VersionsJson.Default.AppliedVersions);
        string digest = Convert.ToHexStringLower(SHA256.HashData(json));
        IPackageStore open = Open(store);
        string key = KeyOf(document, digest);
        // One that is there already has the same digest in its name: another attempt of ours, or damage, which the reader would find.
        if (!await open.CreateAsync(key, new MemoryStream(json, writable: false), cancellationToken).ConfigureAwait(false)
            && Convert.ToHexStringLower(SHA256.HashData(await BytesAsync(open, key, cancellationToken).ConfigureAwait(false))) != digest)
            throw new StorageException(StorageErrorKind.Damaged, $"{Shown(StoreUri.Append(open.Location, key))} is damaged: delete it, then publish again.");
        return (StoreUri.Append(open.Location, key), digest);
    }

    /// <summary>Reads the version of one deployment.</summary>
    /// <param name="pointer">Its pointer.</param>
    /// <param name="fullName">What the deployment was called then, as <c>flow/deployment</c>.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="StorageException">The record is gone (NotFound), is not what was stored (Damaged), has a newer format (Invalid), or its store failed.</exception>
    public async Task<AppliedVersion> ReadAsync(VersionPointer pointer, string fullName, CancellationToken cancellationToken)
    {
        AppliedVersions document = await ReadAsync(pointer, cancellationToken).ConfigureAwait(false);
        return document.Deployments.FirstOrDefault(one => one.Number == pointer.Number && one.IsNamed(fullName))
            // A deployment that was renamed on the server has another name now.
            ?? (document.Deployments.Where(one => one.Number == pointer.Number).ToArray() is [var only] ? only : null)
            ?? throw new StorageException(StorageErrorKind.Damaged, string.Create(CultureInfo.InvariantCulture, $"{Shown(pointer.Location)} tells nothing of version {pointer.Number} of {fullName}."));
    }

    /// <summary>Reads a document, and checks that it is what was stored.</summary>
    /// <param name="pointer">A pointer to it.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="StorageException">As <see cref="ReadAsync(VersionPointer, string, CancellationToken)"/>.</exception>
    public async Task<AppliedVersions> ReadAsync(VersionPointer pointer, CancellationToken cancellationToken)
    {
        string id = $"{pointer.Location.AbsoluteUri} {pointer.Digest}";
        Lazy<Task<AppliedVersions>> reading = _read.GetOrAdd(id, _ => new(() => FetchAsync(pointer, cancellationToken)));
        try
        {
            return await reading.Value.ConfigureAwait(false);
        }
        catch (StorageException)
        {
            // What failed now need not fail at the next asking.
            _read.TryRemove(KeyValuePair.Create(id, reading));
            throw;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Another caller's reading was cancelled, and ours is not.
            _read.TryRemove(KeyValuePair.Create(id, reading));
            return await FetchAsync(pointer, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Reads all records of the app that a record belongs to, by listing its store: for where the way from record to record is cut. What is damaged is left out. Nothing
    /// vouches for them but their place: records of publishes that failed are among them.
    /// </summary>
    /// <param name="record">A record of the app, which need not be there.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="StorageException">The store failed or may not be listed, or there is a record of a newer format (Invalid).</exception>
    public async Task<IReadOnlyList<(VersionPointer Pointer, AppliedVersion Version, AppliedVersions Record)>> ListAsync(VersionPointer record, CancellationToken cancellationToken)
    {
        if (!TrySplit(record.Location, out Uri? location, out string? key))
            return [];
        string folder = key[..(key.LastIndexOf('/') + 1)], id = $"{location.AbsoluteUri} {folder}";
        if (_listed.TryGetValue(id, out var known))
            return known;
        IPackageStore store = Open(Trusted.Of(location));
        var keys = new List<string>();
        try
        {
            await foreach (string one in store.ListAsync(folder, cancellationToken).ConfigureAwait(false))
            {
                if (IsRecord(one))
                    keys.Add(one);
            }
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            // The store is gone, and all records with it.
        }
        var found = new ConcurrentBag<(VersionPointer Pointer, AppliedVersion Version, AppliedVersions Record)>();
        await Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken }, async (one, token) =>
        {
            Uri place = StoreUri.Append(store.Location, one);
            try
            {
                byte[] json = await BytesAsync(store, one, token).ConfigureAwait(false);
                string digest = Convert.ToHexStringLower(SHA256.HashData(json));
                if (!RecordKeys.TryParse(one, out _, out string named) || !digest.StartsWith(named, StringComparison.Ordinal))
                    return;
                AppliedVersions document = Parse(json, Shown(place));
                foreach (AppliedVersion version in document.Deployments)
                    found.Add((new(version.Number, place, digest), version, document));
            }
            catch (StorageException e) when (VersionHistory.IsLost(e))
            {
                // It was removed meanwhile, or is as damaged as the one that should have led here.
            }
        }).ConfigureAwait(false);
        return _listed[id] = [.. found.OrderByDescending(one => one.Version.Number).ThenByDescending(one => one.Record.Created)];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (IPackageStore store in _stores.Values)
            await store.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Whether a key is that of a record, as <c>versions/weather/2026-11-22t06-00-00-000000-00-00-0123456789ab.json</c>.</summary>
    /// <param name="key">The key of an object in a store.</param>
    public static bool IsRecord(string key) => RecordKeys.TryParse(key, out _, out _);

    /// <summary>The store that a pointer's record lies in.</summary>
    /// <param name="pointer">The pointer.</param>
    /// <exception cref="StorageException">Of kind Damaged: it names no place of a record.</exception>
    public static Uri StoreOf(VersionPointer pointer) => TrySplit(pointer.Location, out Uri store, out _) ? store : throw NoPlace(pointer);

    /// <summary>The store of a live deployment's record; null where it has none, or one that is not to be opened here: another machine's folder, or what this machine does not trust.</summary>
    internal Uri? StoreOfLive(Orchestration.Deployment? live) =>
        VersionPointer.Of(live?.JobVariables) is { } pointer && TrySplit(pointer.Location, out Uri store, out _) && !(store.IsFile && !Directory.Exists(store.LocalPath)) ? Trusted.Find(store) : null;

    private static StorageException NoPlace(VersionPointer pointer) => new(StorageErrorKind.Damaged, $"{Shown(pointer.Location)} is no place of a version's record.");

    private static string KeyOf(AppliedVersions document, string digest)
    {
        string app = PackageSlug.Of(document.App) is { Length: > 0 } slug ? slug : "app";
        return $"{Prefix}{app}/{PackageSlug.Of(document.Created)}-{digest[..RecordKeys.DigestLength]}.json";
    }

    private IPackageStore Open(Uri store) => _stores.GetOrAdd(store, location => PackageStores.Open(location, sources));

    /// <summary>The stores that an environment variable names, as <c>s3://bucket/flows?endpoint_url=https://s3.example</c>.</summary>
    /// <param name="text">The value of <see cref="StoresVariable"/>; null for none.</param>
    /// <exception cref="StorageException">Of kind Invalid: one of them is no store.</exception>
    public static IEnumerable<Uri> Stores(string? text) => (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Store);

    // One that is misspelt would never be the one that a pointer names, and nobody would hear of it.
    private static Uri Store(string text)
    {
        Uri? store = StorageLocation.TryParse(text);
        return store is { Scheme: "file" or "s3" or "gs" or "az" or "rclone" or "smb" or "block" } && (store.Host.Length > 0 || store.AbsolutePath.Trim('/').Length > 0) ? store
            : throw new StorageException(StorageErrorKind.Invalid,
                $"{StoresVariable} names {(store is null ? "a text that is no store" : $"'{StorageLocation.Shown(store)}'")}, where no records lie: write absolute folders, s3, gs, az, rclone or smb URIs, or named blocks, with spaces between them (%20 within one).");
    }

    private async Task<AppliedVersions> FetchAsync(VersionPointer pointer, CancellationToken cancellationToken)
    {
        string shown = Shown(pointer.Location);
        if (!TrySplit(pointer.Location, out Uri? store, out string? key))
            throw NoPlace(pointer);
        byte[] json;
        try
        {
            json = await BytesAsync(Open(Trusted.Of(store)), key, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            throw new StorageException(StorageErrorKind.NotFound, $"The record {shown} is gone: its store vanished, or it was deleted.", e);
        }
        return Convert.ToHexStringLower(SHA256.HashData(json)) == pointer.Digest ? Parse(json, shown)
            : throw new StorageException(StorageErrorKind.Damaged, $"The record {shown} is not what was stored: it was changed or damaged since.");
    }

    private static AppliedVersions Parse(byte[] json, string shown)
    {
        try
        {
            AppliedVersions document = JsonSerializer.Deserialize(json, VersionsJson.Default.AppliedVersions) ?? throw new JsonException("It is null.");
            return document.RecordVersion == AppliedVersions.Format ? document : throw Newer(shown, document.RecordVersion);
        }
        catch (JsonException e)
        {
            throw FormatOf(json) is { } format and not AppliedVersions.Format ? Newer(shown, format) : new StorageException(StorageErrorKind.Damaged, $"The record {shown} cannot be read ({e.Message}).", e);
        }
    }

    private static StorageException Newer(string shown, int format) =>
        new(StorageErrorKind.Invalid, string.Create(CultureInfo.InvariantCulture, $"The record {shown} has the format {format}, and this Sluice reads {AppliedVersions.Format}: update Sluice."));

    // Another format need not have our members.
    private static int? FormatOf(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("record_version", out JsonElement version) && version.TryGetInt32(out int format) ? format : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static async Task<byte[]> BytesAsync(IPackageStore store, string key, CancellationToken cancellationToken)
    {
        var bytes = new MemoryStream();
        try
        {
            await using Stream stream = await store.GetAsync(key, cancellationToken).ConfigureAwait(false);
            byte[] buffer = new byte[64 * 1024];
            for (int count; (count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                bytes.Write(buffer, 0, count);
                if (bytes.Length > LongestDocument)
                    throw new StorageException(StorageErrorKind.Damaged, $"The record {key} has more than {LongestDocument / (1024 * 1024)} MB: it is none of ours.");
            }
        }
        catch (Exception e) when (StorageException.FromFileSystem(e, $"Cannot read {key} of {StorageLocation.Shown(store.Location)}") is { } failure)
        {
            throw failure;
        }
        return bytes.ToArray();
    }

    private static string Shown(Uri location) => StorageLocation.Shown(location);

    /// <summary>The store and the key of a record's URI, whose last three segments are its key.</summary>
    private static bool TrySplit(Uri location, out Uri store, out string key)
    {
        string[] segments = location.AbsolutePath.Split('/');
        (store, key) = (location, segments.Length < 4 ? "" : string.Join('/', segments[^3..].Select(Uri.UnescapeDataString)));
        if (!IsRecord(key))
            return false;
        store = new($"{location.Scheme}://{location.Authority}{string.Join('/', segments[..^3])}{location.Query}");
        return true;
    }
}

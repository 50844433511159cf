using System.Collections.Concurrent;
using System.Security.Cryptography;
using Sluice.Storage.Packages;

namespace Sluice.Storage.Housekeeping;

/// <summary>Looks after a store: lists its packages, checks them, and removes what nobody uses.</summary>
/// <param name="store">The store.</param>
/// <param name="time">The clock.</param>
public sealed class StoreHousekeeping(IPackageStore store, TimeProvider time)
{
    private const int Parallelism = 8;

    /// <summary>A package so young may be one that a publish is about to name in its deployments.</summary>
    public static readonly TimeSpan Youth = TimeSpan.FromMinutes(10);

    internal TimeSpan Lease { get; init; } = CleaningMarks.DefaultLease;

    /// <summary>The packages, by folder. Manifests that cannot be read are left out; <see cref="VerifyAsync"/> names them.</summary>
    /// <exception cref="StorageException">The store does not exist, or failed.</exception>
    public async Task<IReadOnlyList<StoredPackage>> ListAsync(IProgress<(int Done, int Total)>? progress, CancellationToken cancellationToken) =>
        (await ReadAsync(null, progress, cancellationToken).ConfigureAwait(false)).Packages;

    /// <summary>Checks every manifest, and every blob that one names.</summary>
    /// <param name="quick">Presence and sizes only; else every byte is read.</param>
    /// <param name="progress">Told how many blobs were checked, and how many there are.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="StorageException">The store does not exist, or failed.</exception>
    public async Task<VerifyReport> VerifyAsync(bool quick, IProgress<(int Done, int Total)>? progress, CancellationToken cancellationToken)
    {
        StoreContents contents = await ReadAsync(null, null, cancellationToken).ConfigureAwait(false);
        (string Sha256, long Size)[] blobs = [.. contents.Referenced];
        var damages = new ConcurrentBag<StoreDamage>();
        int done = 0;
        await Parallel.ForEachAsync(blobs, new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken }, async (blob, token) =>
        {
            if (await CheckAsync(blob.Sha256, blob.Size, quick, token).ConfigureAwait(false) is { } wrong)
            {
                string[] holders = await HoldersAsync(contents, blob.Sha256, token).ConfigureAwait(false);
                // A package that was deleted meanwhile misses nothing.
                if (holders.Length > 0)
                    damages.Add(Damage(blob.Sha256, wrong, holders));
            }
            progress?.Report((Interlocked.Increment(ref done), blobs.Length));
        }).ConfigureAwait(false);
        if (!quick)
            await VerifyRecordsAsync(contents, damages, cancellationToken).ConfigureAwait(false);
        return new()
        {
            Records = contents.Records.Count,
            Damages = [.. contents.Unreadable, .. damages.OrderBy(damage => damage.Key, StringComparer.Ordinal)],
            Packages = contents.Packages.Count,
            Blobs = blobs.Length,
            Bytes = blobs.Sum(blob => blob.Size),
            Orphans = contents.Stored.Except(blobs.Select(blob => blob.Sha256)).Count(),
        };
    }

    /// <summary>
    /// Removes packages that have been in no use for the grace, then blobs that no package holds. Manifests go first, so that a kill leaves no package
    /// that misses a blob; the next cleaning goes on. A publish at the same time keeps what it uses (see <c>docs/storage.md</c>).
    /// </summary>
    /// <exception cref="StorageException">The store failed, another cleaning is at work, or a manifest cannot be read (Damaged), so that nobody knows what it needs.</exception>
    public async Task<CleaningReport> CleanAsync(CleaningOptions options, IProgress<(int Done, int Total)>? progress, CancellationToken cancellationToken)
    {
        Refuse();
        // A store that does not exist is said so, and not made.
        await foreach (string _ in store.ListAsync(CleaningState.Prefix, cancellationToken).ConfigureAwait(false))
            break;
        var marks = new CleaningMarks(store, time, Lease);
        Cleaning? cleaning = options.Apply ? await Cleaning.BeginAsync(store, time, Lease, cancellationToken).ConfigureAwait(false) : null;
        IReadOnlyDictionary<string, DateTimeOffset> before = new Dictionary<string, DateTimeOffset>();
        try
        {
            before = await CleaningNotes.ReadAsync(store, marks, cancellationToken).ConfigureAwait(false);
            return await CleanAsync(options, cleaning, before, progress, cancellationToken).ConfigureAwait(false);
        }
        catch when (cleaning is { IsQuiet: true })
        {
            // Publishes need not wait for one that has given up.
            using var bounded = new CancellationTokenSource(Lease / 4);
            await cleaning.EndAsync(cleaning.Noted ?? new CleaningNotes { Unused = before }.ToJson(), bounded.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private async Task<CleaningReport> CleanAsync(
        CleaningOptions options, Cleaning? cleaning, IReadOnlyDictionary<string, DateTimeOffset> before, IProgress<(int Done, int Total)>? progress, CancellationToken cancellationToken)
    {
        StoreContents contents = await ReadAsync(cleaning is null ? null : cleaning.KeepAsync, progress, cancellationToken).ConfigureAwait(false);
        if (contents.Unreadable is [var first, ..])
            throw new StorageException(StorageErrorKind.Damaged, $"Nothing is removed from {store.Location}, since nobody knows what {first.Key} needs: {first.Message}");
        // Before deployments are asked: a rollback takes its mark away when they name the package.
        IReadOnlyList<string> holds = await HoldMarks.ListAsync(store, cancellationToken).ConfigureAwait(false);
        DateTimeOffset now = time.GetUtcNow();
        string[] held = [.. holds.Where(key => !before.TryGetValue(key, out DateTimeOffset seen) || now - seen < HoldMarks.Life)];
        HashSet<string> used = [.. await options.UsedAsync(cancellationToken).ConfigureAwait(false), .. held.Select(HoldMarks.DigestOf)];

        StoredPackage[] unused = [.. contents.Packages.Where(package => !used.Contains(package.Digest))];
        Dictionary<string, DateTimeOffset> since = unused.ToDictionary(Name, package => before.TryGetValue(Name(package), out DateTimeOffset known) && known < now ? known : now);
        StoredPackage[] old = [.. unused.Where(package => now - since[Name(package)] >= options.Grace && now - package.Created >= Max(options.Grace, Youth))];
        // Under a fixed storage key the newest manifest is the way to the others: it stays with them.
        HashSet<string> folders = [.. contents.Packages.Except(old).Select(package => package.Folder)];
        StoredPackage[] going = [.. old.Where(package => !package.Manifests.Contains($"{package.Folder}/{PackageWriter.ManifestName}") || !folders.Contains(package.Folder))];

        HashSet<string> needed = [.. contents.Packages.Except(going).SelectMany(package => package.Contents).Select(content => content.Sha256)];
        HashSet<string>? led = options.RecordsAsync is { } asked ? [.. (await asked(cancellationToken).ConfigureAwait(false)).Select(digest => digest[..RecordKeys.DigestLength])] : null;
        string[] unled = led is null ? [] : [.. contents.Records.Where(key => RecordKeys.TryParse(key, out _, out string digest) && !led.Contains(digest))];
        foreach (string key in unled)
            since[key] = before.TryGetValue(key, out DateTimeOffset known) && known < now ? known : now;
        foreach (string key in held)
            since[key] = before.TryGetValue(key, out DateTimeOffset known) && known < now ? known : now;
        string[] records = [.. unled.Where(key => now - since[key] >= options.Grace && RecordKeys.TryParse(key, out DateTimeOffset created, out _) && now - created >= Max(options.Grace, Youth))];
        string[] manifests = [.. going.SelectMany(package => package.Manifests)];
        string[] blobs = [.. contents.Stored.Where(digest => !needed.Contains(digest)).Select(PackageDigest.BlobKey)];
        IReadOnlyList<string> results = await DeadResultsAsync(contents, options, cancellationToken).ConfigureAwait(false);
        long bytes = await BytesAsync(contents, blobs, cleaning, cancellationToken).ConfigureAwait(false);

        if (cleaning is not null)
        {
            // A worker that was killed leaves its list behind. Its URLs are good for nothing any more, a day allows for clocks that are off.
            string[] lapsed = [.. contents.PullLists.Where(key => PullList.LapsesAt(key) < now - TimeSpan.FromDays(1))];
            HashSet<string> signed = [.. contents.Packages.Except(going).SelectMany(package => package.Signatures)];
            lapsed = [.. lapsed, .. holds.Except(held), .. contents.Signatures.Where(key => !signed.Contains(key))];
            // Where every cleaning fails at its deletions, what was seen is known to the next one all the same, and a mark lapses.
            if (manifests.Length + blobs.Length + results.Count + lapsed.Length + records.Length > 0)
                await cleaning.NoteAsync(new CleaningNotes { Unused = since }.ToJson(), cancellationToken).ConfigureAwait(false);
            int done = 0, total = manifests.Length + blobs.Length + results.Count + lapsed.Length + records.Length;
            void Deleted() => progress?.Report((Interlocked.Increment(ref done), total));
            await cleaning.DeleteAsync(manifests, Deleted, cancellationToken).ConfigureAwait(false);
            await cleaning.DeleteAsync(blobs, Deleted, cancellationToken).ConfigureAwait(false);
            await cleaning.DeleteAsync([.. results, .. lapsed, .. records], Deleted, cancellationToken).ConfigureAwait(false);
            await cleaning.EndAsync(
                new CleaningNotes { Unused = unused.Except(going).Select(Name).Concat(unled.Except(records)).Concat(held).ToDictionary(name => name, name => since[name]) }.ToJson(), cancellationToken).ConfigureAwait(false);
        }
        return new()
        {
            Packages = going,
            Waiting = [.. unused.Except(old).Select(package => (package, since[Name(package)]))],
            Used = contents.Packages.Count - unused.Length + old.Length - going.Length,
            Blobs = blobs.Length,
            Bytes = bytes,
            Results = results,
            Records = records,
        };
    }

    private static string Name(StoredPackage package) => $"{package.Folder} {package.Digest}";

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private Task<StoreContents> ReadAsync(Func<CancellationToken, Task>? between, IProgress<(int Done, int Total)>? progress, CancellationToken cancellationToken)
    {
        Refuse();
        return StoreContents.ReadAsync(store, between, progress, cancellationToken);
    }

    private void Refuse()
    {
        if (store is IArchiveStore)
            throw new StorageException(StorageErrorKind.Invalid, $"The store {store.Location} keeps one archive for each package, and cannot list them: look after it where it is.");
    }

    /// <summary>What is wrong with a blob; null where nothing is.</summary>
    private async Task<string?> CheckAsync(string sha256, long size, bool quick, CancellationToken cancellationToken)
    {
        string key = PackageDigest.BlobKey(sha256);
        if (await store.GetSizeAsync(key, cancellationToken).ConfigureAwait(false) is not { } there)
            return "missing";
        if (there != size)
            return "damaged";
        if (quick)
            return null;
        try
        {
            await using Stream stream = await store.GetAsync(key, cancellationToken).ConfigureAwait(false);
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false)) == sha256 ? null : "damaged";
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            return "missing";
        }
        catch (Exception e) when (IoErrors.IsIo(e))
        {
            return "damaged";
        }
    }

    private async Task VerifyRecordsAsync(StoreContents contents, ConcurrentBag<StoreDamage> damages, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(contents.Records, options, async (key, token) =>
        {
            try
            {
                await using Stream stream = await store.GetAsync(key, token).ConfigureAwait(false);
                if (RecordKeys.TryParse(key, out _, out string digest) && Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, token).ConfigureAwait(false)).StartsWith(digest, StringComparison.Ordinal))
                    return;
            }
            catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
            {
                return; // It was deleted meanwhile.
            }
            catch (Exception e) when (IoErrors.IsIo(e))
            {
                // It cannot be read, which is damage as well.
            }
            damages.Add(new("damaged", key, [], $"{key} is damaged, which tells about versions of deployments: none of them can be rolled back to. Restore it from the storage's own history; the next publish works without it."));
        }).ConfigureAwait(false);
    }

    private async Task<string[]> HoldersAsync(StoreContents contents, string sha256, CancellationToken cancellationToken)
    {
        var holders = new List<string>();
        foreach (StoredPackage package in contents.Packages.Where(package => package.Contents.Any(content => content.Sha256 == sha256)))
        {
            if (await store.GetSizeAsync(package.Manifests[^1], cancellationToken).ConfigureAwait(false) is not null)
                holders.Add(package.Folder);
        }
        return [.. holders];
    }

    private static StoreDamage Damage(string sha256, string kind, string[] holders)
    {
        string key = PackageDigest.BlobKey(sha256);
        string mend = kind == "missing" ? "publish the projects again" : $"delete {key} from the store, then publish the projects again";
        return new(kind, key, holders, $"{key} is {kind}, which {string.Join(", ", holders)} {(holders.Length == 1 ? "needs" : "need")}: {mend}.");
    }

    private async Task<IReadOnlyList<string>> DeadResultsAsync(StoreContents contents, CleaningOptions options, CancellationToken cancellationToken)
    {
        if (options.RunsAsync is not { } runs)
            return [];
        (string Key, Guid Run)[] results = [.. contents.Results.Select(key => (key, Run: RunOf(key))).Where(result => result.Run is not null).Select(result => (result.key, result.Run!.Value))];
        IReadOnlySet<Guid> alive = await runs([.. results.Select(result => result.Run).Distinct()], cancellationToken).ConfigureAwait(false);
        return [.. results.Where(result => !alive.Contains(result.Run)).Select(result => result.Key)];
    }

    // A result's name begins with the id of its run.
    private static Guid? RunOf(string key) =>
        key.Split('/').Where(segment => segment.Length >= 36).Select(segment => Guid.TryParseExact(segment.AsSpan(0, 36), "D", out Guid id) ? id : (Guid?)null).FirstOrDefault(id => id is not null);

    private async Task<long> BytesAsync(StoreContents contents, string[] blobs, Cleaning? cleaning, CancellationToken cancellationToken)
    {
        Dictionary<string, long> sizes = contents.Referenced.ToDictionary(content => PackageDigest.BlobKey(content.Sha256), content => content.Size);
        long bytes = blobs.Sum(key => sizes.GetValueOrDefault(key));
        foreach (string[] some in blobs.Where(key => !sizes.ContainsKey(key)).Chunk(64))
        {
            if (cleaning is not null)
                await cleaning.KeepAsync(cancellationToken).ConfigureAwait(false);
            await Parallel.ForEachAsync(some, new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken }, async (key, token) =>
                Interlocked.Add(ref bytes, await store.GetSizeAsync(key, token).ConfigureAwait(false) ?? 0)).ConfigureAwait(false);
        }
        return bytes;
    }
}

using System.IO.Compression;
using System.Text.Json;
using Sluice.Storage.Housekeeping;
using Sluice.Storage.Results;
using Sluice.Storage.Trust;

namespace Sluice.Storage.Packages;

/// <summary>Stores packages: blobs first, several at a time and only those that are missing, the manifest last. Until then nobody sees the package.</summary>
/// <param name="store">Where they go.</param>
/// <param name="time">Names the folder.</param>
public sealed class PackageWriter(IPackageStore store, TimeProvider time)
{
    /// <summary>The object that makes a package visible.</summary>
    internal const string ManifestName = "manifest.json";

    private const int Parallelism = 8;

    // Folders of the store that are no packages'.
    private static readonly string[] s_reserved = ["blobs", ResultLocation.Folder, PullList.Folder, PackageSignature.Folder];
    private const int FewBlobs = 3;

    // The parts list and the provenance.
    private const int Documents = 2;

    // What S3 gives at most in one answer.
    private const int LongestList = 1000;

    /// <summary>After how long without a sign of life a cleaning of the store counts as dead.</summary>
    internal TimeSpan Lease { get; init; } = CleaningMarks.DefaultLease;

    /// <summary>Stores a package. Blobs are checked and mended also when the live package is the same.</summary>
    /// <param name="draft">The package.</param>
    /// <param name="live">The deployments' packages now: one of the same digest and folder name is kept and no manifest is written, unless it lacks the signature of
    /// the draft's key, or says that it comes from a changed tree or another repository, and the draft, which is signed, from a commit.</param>
    /// <param name="progress">Told often, from several threads.</param>
    /// <param name="cancellationToken">Ends the upload; nothing becomes visible.</param>
    /// <exception cref="StorageException">The store failed, or a file changed meanwhile (Changed). Nothing became visible.</exception>
    public async Task<PackageWritten> WriteAsync(
        PackageDraft draft, IEnumerable<PackageReference> live, IProgress<PackageProgress>? progress, CancellationToken cancellationToken)
    {
        string slug = SlugOf(draft);
        if (draft.StorageKey is { } key && (StoreKey.Refuse(key) ?? (s_reserved.Contains(key.Split('/')[0]) ? $"'{key.Split('/')[0]}' holds other things than packages" : null)) is { } reason)
            throw new StorageException(StorageErrorKind.Invalid, $"The storage key '{key}' is refused: {reason}.");
        if (store is IArchiveStore archives)
            return await WriteArchiveAsync(archives, draft, slug, live, progress, cancellationToken).ConfigureAwait(false);
        var marks = new CleaningMarks(store, time, Lease);
        CleaningState before = await marks.ReadAsync(cancellationToken).ConfigureAwait(false);
        PackageWritten written = await StoreAsync(draft, slug, live, progress, cancellationToken).ConfigureAwait(false);
        for (CleaningState now; (now = await marks.ReadAsync(cancellationToken).ConfigureAwait(false)).IsRunning || now != before; before = now)
        {
            // A cleaning may have removed what was found, or the manifest's forerunner: all is looked at again, for a quiet moment.
            if (now.IsRunning)
            {
                int files = draft.Content.Files.Count;
                long bytes = draft.Content.Files.Sum(file => file.Size);
                progress?.Report(new(files, files, written.UploadedBytes, bytes, bytes) { WaitsFor = $"a cleaning of {store.Location.GetLeftPart(UriPartial.Path)} to end" });
            }
            now = await marks.WaitForEndAsync(cancellationToken).ConfigureAwait(false);
            PackageWritten again = await StoreAsync(draft, slug, [written.Reference], progress, cancellationToken).ConfigureAwait(false);
            written = again with
            {
                IsNew = written.IsNew || again.IsNew,
                UploadedFiles = written.UploadedFiles + again.UploadedFiles,
                UploadedBytes = written.UploadedBytes + again.UploadedBytes,
                ReusedFiles = Math.Max(0, written.ReusedFiles - again.UploadedFiles),
                ReusedBytes = Math.Max(0, written.ReusedBytes - again.UploadedBytes),
            };
        }
        return written;
    }

    private async Task<PackageWritten> StoreAsync(PackageDraft draft, string slug, IEnumerable<PackageReference> live, IProgress<PackageProgress>? progress, CancellationToken cancellationToken)
    {
        (PackageWritten written, StoredSizes? known) = await UploadAsync(draft.Content, draft.DocumentsAsync is null ? 0 : Documents, progress, cancellationToken).ConfigureAwait(false);
        if (await FindKeptAsync(draft, slug, live, known, cancellationToken).ConfigureAwait(false) is { } kept)
            return written with { Reference = kept, IsNew = false };
        PackageDocuments documents = await PackageDocuments.OfAsync(draft, cancellationToken).ConfigureAwait(false);
        foreach (byte[] document in new[] { documents.Sbom, documents.Provenance }.OfType<byte[]>())
            await store.PutAsync(PackageDigest.BlobKey(PackageSignature.Hash(document)), new MemoryStream(document, writable: false), cancellationToken).ConfigureAwait(false);
        return written with { Reference = await WriteManifestAsync(draft, documents, slug, cancellationToken).ConfigureAwait(false) };
    }

    /// <summary>The live package that a publish of this draft keeps; null where it would write a manifest.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="live">The deployments' packages now.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="StorageException">The store failed.</exception>
    public Task<PackageReference?> FindKeptAsync(PackageDraft draft, IEnumerable<PackageReference> live, CancellationToken cancellationToken) => store is IArchiveStore archives
        ? FindKeptAsync(archives, draft, live, cancellationToken)
        : FindKeptAsync(draft, SlugOf(draft), live, null, cancellationToken);

    private async Task<PackageReference?> FindKeptAsync(PackageDraft draft, string slug, IEnumerable<PackageReference> live, StoredSizes? known, CancellationToken cancellationToken)
    {
        foreach (PackageReference reference in live.Where(r => r.Digest == draft.Content.Digest))
        {
            if (StoreUri.KeyIn(store.Location, reference.Location) is { } folder
                && (draft.StorageKey is null ? folder.StartsWith(slug + "/", StringComparison.Ordinal) : folder == draft.StorageKey)
                && await IsWholeAsync(draft, folder, known, cancellationToken).ConfigureAwait(false))
                return reference;
        }
        return null;
    }

    // Its manifest and documents are there, and the draft's key signed it. A package whose manifest others may have written is not signed after the fact: who signs
    // answers for what this publish says of it.
    private async Task<bool> IsWholeAsync(PackageDraft draft, string folder, StoredSizes? known, CancellationToken cancellationToken)
    {
        string newest = $"{folder}/{ManifestName}";
        try
        {
            byte[] manifest = await BytesAsync(draft.StorageKey is null ? newest : PinnedKey(folder, draft.Content.Digest), cancellationToken).ConfigureAwait(false);
            PackageManifest read = PackageVerifier.Read(manifest, new(StoreUri.Append(store.Location, folder), draft.Content.Digest));
            // Under a fixed key the newest manifest replaces the one before, which deployments may still name: each stays reachable by its digest. A cleaning that meant
            // the one before may have deleted the newest.
            if (draft.StorageKey is not null && await store.GetSizeAsync(newest, cancellationToken).ConfigureAwait(false) is null)
                return false;
            // What the upload was told of sizes tells of these as well, as a rule.
            bool[] whole = await Task.WhenAll(new[] { read.Sbom, read.Provenance }.OfType<PackageDocument>().Select(async document =>
                await SizeAsync(PackageDigest.BlobKey(document.Sha256), known, cancellationToken).ConfigureAwait(false) == document.Size)).ConfigureAwait(false);
            if (whole.Contains(false))
                return false;
            if (draft.Signer is not { } signer)
                return true;
            PackageEvidence evidence = await PackageEvidence.ReadAsync(store, manifest, read, cancellationToken).ConfigureAwait(false);
            return await IsVouchedForAsync(draft, signer, manifest, read, evidence, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind is StorageErrorKind.Damaged or StorageErrorKind.NotFound)
        {
            return false;
        }
    }

    // The key signed it, and it does not say worse where it comes from than this publish does: a policy that refuses the changed tree of the first publish says to publish again.
    private static async Task<bool> IsVouchedForAsync(PackageDraft draft, SigningKey signer, byte[] manifest, PackageManifest read, PackageEvidence evidence, CancellationToken cancellationToken)
    {
        if (new PackagePolicy { Keys = [signer.Public] }.Refuse(manifest, read, evidence) is not null)
            return false;
        PackageDocuments documents = await PackageDocuments.OfAsync(draft, cancellationToken).ConfigureAwait(false);
        return RepositoryOf(documents.Provenance) is not { } repository || (RepositoryOf(evidence.Provenance) is { } kept && RepositoryAddress.IsSame(kept, repository));
    }

    // Whose commit it is; null of a tree with changes.
    private static string? RepositoryOf(byte[]? provenance) => provenance is not null && PackageProvenance.Read(provenance) is { Dirty: false, Repository: { } repository } ? repository : null;

    // Before the manifest, so that nobody sees the one without the other.
    private async Task SignAsync(PackageDraft draft, byte[] manifest, CancellationToken cancellationToken)
    {
        if (draft.Signer is not { } signer)
            return;
        byte[] signature = PackageSignature.Create(manifest, JsonSerializer.Deserialize(manifest, PackageJson.Default.PackageManifest)!, signer);
        await store.PutAsync(PackageSignature.KeyOf(manifest), new MemoryStream(signature, writable: false), cancellationToken).ConfigureAwait(false);
    }

    private async Task<byte[]> BytesAsync(string key, CancellationToken cancellationToken)
    {
        await using Stream stream = await store.GetAsync(key, cancellationToken).ConfigureAwait(false);
        var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, cancellationToken).ConfigureAwait(false);
        return bytes.ToArray();
    }

    /// <summary>The key of a manifest that a fixed folder keeps for one digest.</summary>
    internal static string PinnedKey(string folder, string digest) => $"{folder}/{digest}/{ManifestName}";

    private static string SlugOf(PackageDraft draft) => PackageSlug.Of(draft.Name) switch
    {
        "" => "package",
        var slug when s_reserved.Contains(slug) => slug + "-package",
        var slug => slug,
    };

    private async Task<PackageReference> WriteManifestAsync(PackageDraft draft, PackageDocuments documents, string slug, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (draft.StorageKey is { } fixedFolder)
        {
            byte[] json = Manifest(draft, documents, fixedFolder, now);
            await SignAsync(draft, json, cancellationToken).ConfigureAwait(false);
            await store.PutAsync(PinnedKey(fixedFolder, draft.Content.Digest), new MemoryStream(json, writable: false), cancellationToken).ConfigureAwait(false);
            await store.PutAsync($"{fixedFolder}/{ManifestName}", new MemoryStream(json, writable: false), cancellationToken).ConfigureAwait(false);
            return new(StoreUri.Append(store.Location, fixedFolder), draft.Content.Digest);
        }
        // Two publishes in the same microsecond: the second takes the next one.
        string folder;
        for (; ; now = now.AddMicroseconds(1))
        {
            folder = $"{slug}/{PackageSlug.Of(now)}";
            byte[] json = Manifest(draft, documents, folder, now);
            string key = $"{folder}/{ManifestName}";
            await SignAsync(draft, json, cancellationToken).ConfigureAwait(false);
            if (await store.CreateAsync(key, new MemoryStream(json, writable: false), cancellationToken).ConfigureAwait(false)
                || await IsOursAsync(key, json, cancellationToken).ConfigureAwait(false))
                break;
        }
        return new(StoreUri.Append(store.Location, folder), draft.Content.Digest);
    }

    // A connection that broke before the answer left the object behind, and the second attempt found it.
    private async Task<bool> IsOursAsync(string key, byte[] json, CancellationToken cancellationToken) =>
        (await BytesAsync(key, cancellationToken).ConfigureAwait(false)).AsSpan().SequenceEqual(json);

    private async Task<PackageWritten> WriteArchiveAsync(
        IArchiveStore archives, PackageDraft draft, string slug, IEnumerable<PackageReference> live, IProgress<PackageProgress>? progress, CancellationToken cancellationToken)
    {
        PackageContent content = draft.Content;
        long size = content.Files.Sum(file => file.Size);
        if (await FindKeptAsync(archives, draft, live, cancellationToken).ConfigureAwait(false) is { } kept)
            return new() { Reference = kept, IsNew = false, UploadedFiles = 0, UploadedBytes = 0, ReusedFiles = content.Files.Count, ReusedBytes = size };
        // On the disk, since servers want its length and a broken upload is sent again.
        await using FileStream archive = OpenTemporary();
        // Without the time, so that the same package gives the same bytes.
        PackageDocuments documents = await PackageDocuments.OfAsync(draft, cancellationToken).ConfigureAwait(false);
        byte[] manifest = Manifest(draft, documents, slug, DateTimeOffset.UnixEpoch);
        byte[]? signature = draft.Signer is { } signer ? PackageSignature.Create(manifest, JsonSerializer.Deserialize(manifest, PackageJson.Default.PackageManifest)!, signer) : null;
        await PackageArchive.WriteAsync(content, manifest, new(signature, documents.Sbom, documents.Provenance), archive, cancellationToken).ConfigureAwait(false);
        var name = new ArchiveName(slug, draft.StorageKey ?? $"{slug}/{PackageSlug.Of(time.GetUtcNow())}");
        Uri location = await archives.PutArchiveAsync(name, content.Digest, archive, cancellationToken).ConfigureAwait(false);
        progress?.Report(new(content.Files.Count, content.Files.Count, archive.Length, size, size));
        return new()
        {
            Reference = new(location, content.Digest), IsNew = true, UploadedFiles = content.Files.Count, UploadedBytes = archive.Length, ReusedFiles = 0, ReusedBytes = 0,
        };

    }

    internal static FileStream OpenTemporary() => new(
        Path.Combine(Path.GetTempPath(), $"sluice-{Guid.NewGuid():N}.zip"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose | FileOptions.Asynchronous);

    private static async Task<PackageReference?> FindKeptAsync(IArchiveStore archives, PackageDraft draft, IEnumerable<PackageReference> live, CancellationToken cancellationToken)
    {
        foreach (PackageReference reference in live.Where(r => r.Digest == draft.Content.Digest))
        {
            if (await archives.GivesAsync(reference.Location).ConfigureAwait(false) && await IsKeptAsync(archives, draft, reference, cancellationToken).ConfigureAwait(false))
                return reference;
        }
        return null;
    }

    private static async Task<bool> IsKeptAsync(IArchiveStore archives, PackageDraft draft, PackageReference reference, CancellationToken cancellationToken)
    {
        try
        {
            await using Stream stream = await archives.GetArchiveAsync(reference, cancellationToken).ConfigureAwait(false);
            if (draft.Signer is not { } signer)
                return true;
            // A zip file is read from its end.
            await using FileStream archive = OpenTemporary();
            await stream.CopyToAsync(archive, cancellationToken).ConfigureAwait(false);
            archive.Position = 0;
            await using ZipArchive zip = await PackageArchive.OpenAsync(archive, reference, cancellationToken).ConfigureAwait(false);
            (PackageManifest read, byte[] json) = await PackageArchive.ReadManifestAsync(zip, reference, cancellationToken).ConfigureAwait(false);
            PackageEvidence evidence = await PackageArchive.ReadEvidenceAsync(zip, reference, cancellationToken).ConfigureAwait(false);
            return await IsVouchedForAsync(draft, signer, json, read, evidence, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind is StorageErrorKind.NotFound || (e.Kind is StorageErrorKind.Damaged && draft.Signer is not null))
        {
            return false;
        }
    }

    private static byte[] Manifest(PackageDraft draft, PackageDocuments documents, string folder, DateTimeOffset created) => JsonSerializer.SerializeToUtf8Bytes(
        new PackageManifest
        {
            PackageVersion = 1,
            Folder = folder,
            Digest = draft.Content.Digest,
            Files = draft.Content.Files,
            Manifest = draft.Manifest,
            Launch = draft.Launch,
            TargetFramework = draft.TargetFramework,
            RuntimeIdentifier = draft.RuntimeIdentifier,
            DeploymentMode = draft.DeploymentMode,
            Version = draft.Version,
            Commit = draft.Commit,
            Created = created,
            Script = draft.Script,
            Sbom = DocumentOf(documents.Sbom),
            Provenance = DocumentOf(documents.Provenance),
        },
        PackageJson.Default.PackageManifest);

    private static PackageDocument? DocumentOf(byte[]? document) => document is null ? null : new(document.Length, PackageSignature.Hash(document));

    private async Task<(PackageWritten Written, StoredSizes? Known)> UploadAsync(PackageContent content, int documents, IProgress<PackageProgress>? progress, CancellationToken cancellationToken)
    {
        int done = 0, uploaded = 0;
        long uploadedBytes = 0, passed = 0;
        long total = content.Files.Sum(f => f.Size);
        // The largest first, so that none of them is left alone at the end.
        PackageFile[][] blobs = [.. content.Files.GroupBy(f => f.Sha256, StringComparer.Ordinal).Select(same => same.ToArray()).OrderByDescending(same => same[0].Size)];
        StoredSizes? known = await KnownAsync(blobs.Length + documents, cancellationToken).ConfigureAwait(false);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(blobs, options, async (files, token) =>
        {
            PackageFile file = files[0];
            string key = PackageDigest.BlobKey(file.Sha256);
            // The size is asked because a blob that a failing disk cut short would else never be mended.
            long? size = await SizeAsync(key, known, token).ConfigureAwait(false);
            if (size == file.Size)
                Tell(file.Size * files.Length, files.Length);
            else
            {
                await PutAsync(file, key, token).ConfigureAwait(false);
                Interlocked.Increment(ref uploaded);
                Interlocked.Add(ref uploadedBytes, file.Size);
                Tell(file.Size * (files.Length - 1), files.Length);
            }
        }).ConfigureAwait(false);
        return (new()
        {
            Reference = new(store.Location, content.Digest),
            IsNew = true,
            UploadedFiles = uploaded,
            UploadedBytes = uploadedBytes,
            ReusedFiles = content.Files.Count - uploaded,
            ReusedBytes = total - uploadedBytes,
        }, known);

        // A server that compares what arrived refuses what was damaged on its way: sent once more.
        async Task PutAsync(PackageFile file, string key, CancellationToken token)
        {
            long read = 0;
            try
            {
                await using Stream first = content.Open(file, Count);
                await store.PutAsync(key, first, token).ConfigureAwait(false);
            }
            catch (StorageException e) when (e.Kind == StorageErrorKind.Damaged)
            {
                Tell(-read, 0);
                await using Stream second = content.Open(file, count => Tell(count, 0));
                await store.PutAsync(key, second, token).ConfigureAwait(false);
            }

            void Count(int count)
            {
                read += count;
                Tell(count, 0);
            }
        }

        void Tell(long bytes, int files)
        {
            long sum = Interlocked.Add(ref passed, bytes);
            progress?.Report(new(Interlocked.Add(ref done, files), content.Files.Count, Interlocked.Read(ref uploadedBytes), sum, total));
        }
    }

    private async Task<long?> SizeAsync(string key, StoredSizes? known, CancellationToken cancellationToken) => known?.Covers(key) == true
        ? known.Sizes.TryGetValue(key, out long listed) ? listed : null
        : await store.GetSizeAsync(key, cancellationToken).ConfigureAwait(false);

    // One answer of many sizes costs a fraction of asking for each. Digests are spread evenly, so that a store with far more blobs than the package has tells of few
    // of ours: the rest is asked for one by one.
    private async Task<StoredSizes?> KnownAsync(int blobs, CancellationToken cancellationToken)
    {
        if (blobs < FewBlobs)
            return null;
        try
        {
            return await store.ListSizesAsync(PackageDigest.BlobPrefix, Math.Min(LongestList, blobs * 3), cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind is StorageErrorKind.Forbidden or StorageErrorKind.NotFound)
        {
            // Who may not list may still write; and a bucket that is not there is told of by the first request that needs it.
            return null;
        }
    }
}

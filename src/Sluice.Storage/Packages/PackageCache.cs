using System.IO.Compression;
using Sluice.Storage.Results;
using Sluice.Storage.Trust;

namespace Sluice.Storage.Packages;

/// <summary>
/// Pulled packages by digest, under <c>$SLUICE_HOME/cache/packages/DIGEST</c>: <c>manifest.json</c> and <c>files/</c>. Safe for several processes at
/// once: each pulls into a folder of its own, verifies, and renames; the first one wins.
/// </summary>
/// <param name="root">The cache's folder; created when missing.</param>
/// <param name="sources">Gives the secrets and blocks of the packages' stores; null for the environment alone.</param>
/// <param name="pullList">The URL of a <see cref="PullList"/>, where packages are pulled by it and without credentials; null where their stores are opened.</param>
/// <param name="policy">What packages must be, those that are here already too; null for any.</param>
public sealed class PackageCache(string root, StorageSources? sources = null, Uri? pullList = null, PackagePolicy? policy = null)
{
    private const string Pulling = ".pull-";
    private const int Parallelism = 8;
    private static readonly TimeSpan s_abandoned = TimeSpan.FromDays(1);

    private readonly string _root = Path.GetFullPath(root);
    private readonly SemaphoreSlim _pulls = new(1);

    /// <summary>
    /// The folder of the verified package, pulled when it is not there. A damaged or vanished blob, a digest that does not match or a path that
    /// leaves the folder is a <see cref="StorageException"/>, and nothing is left behind. Once pulled, only the small manifest is read, and what the policy asks for.
    /// </summary>
    /// <exception cref="StorageException">Of kind Untrusted: the policy allows no such package. Nothing of it was unpacked.</exception>
    public Task<CachedPackage> GetAsync(PackageReference package, CancellationToken cancellationToken) => GetAsync(package, null, cancellationToken);

    /// <summary>As <see cref="GetAsync(PackageReference, CancellationToken)"/>, and tells how far a pull is.</summary>
    /// <param name="package">The package.</param>
    /// <param name="progress">Told often, from several threads; not where the package is here already.</param>
    /// <param name="cancellationToken">Ends a pull; nothing is left behind.</param>
    public async Task<CachedPackage> GetAsync(PackageReference package, IProgress<PackageProgress>? progress, CancellationToken cancellationToken)
    {
        if (ReadCached(package) is { } cached)
            return cached;
        await _pulls.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (ReadCached(package) is { } meanwhile)
                return meanwhile;
            return await PullAsync(package, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IoErrors.IsIo(e))
        {
            throw IoErrors.Translate(e, $"Cannot pull {package.Location} to the cache {_root}");
        }
        finally
        {
            _pulls.Release();
        }
    }

    private string FolderOf(PackageReference package) => Path.Combine(_root, package.Digest);

    private CachedPackage? ReadCached(PackageReference package, bool trusted = true)
    {
        string folder = FolderOf(package);
        string files = Path.Combine(folder, "files");
        try
        {
            byte[] json = File.ReadAllBytes(Path.Combine(folder, PackageWriter.ManifestName));
            PackageManifest manifest = PackageVerifier.Read(json, package);
            if (trusted && policy?.Refuse(json, manifest, PackageEvidence.ReadFolder(folder)) is not null)
                return null;
            // A cache that somebody cleaned by half is pulled again.
            string? start = manifest.Launch.Assembly ?? manifest.Launch.Executable;
            return start is null || File.Exists(Path.Combine(files, start)) ? new(files, manifest) { Results = ResultLocation.FolderOf(package, manifest) } : null;
        }
        catch (Exception e) when (IoErrors.IsIo(e) || e is StorageException)
        {
            return null;
        }
    }

    private async Task<CachedPackage> PullAsync(PackageReference package, IProgress<PackageProgress>? progress, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_root);
        Sweep();
        string pull = Path.Combine(_root, Pulling + Guid.NewGuid().ToString("N"));
        string files = Path.Combine(pull, "files");
        Directory.CreateDirectory(files);
        try
        {
            await using (IPackageStore store = pullList is null ? PackageStores.Open(package.Location, sources) : await PullListStore.OpenAsync(pullList, package, cancellationToken).ConfigureAwait(false))
            {
                await (store is IArchiveStore archives
                    ? PullArchiveAsync(archives, package, pull, files, cancellationToken)
                    : PullBlobsAsync(store, package, pull, files, progress, cancellationToken)).ConfigureAwait(false);
            }
            return Publish(package, pull) ?? throw new StorageException(StorageErrorKind.Unavailable, $"Cannot put {package.Location} into the cache: remove {FolderOf(package)}.");
        }
        finally
        {
            Remove(pull);
        }
    }

    private async Task PullBlobsAsync(IPackageStore folder, PackageReference package, string pull, string files, IProgress<PackageProgress>? progress, CancellationToken cancellationToken)
    {
        (PackageManifest manifest, byte[] json) = await PackageVerifier.ReadAsync(folder, package, cancellationToken).ConfigureAwait(false);
        Uri location = StoreUri.StoreOf(package.Location, manifest.Folder)
            ?? throw PackageVerifier.Damaged(package, $"its manifest says that its folder is '{manifest.Folder}'");
        await using IPackageStore store = pullList is null ? PackageStores.Open(location, sources) : folder;
        PackageEvidence? evidence = policy is null ? null : await PackageEvidence.ReadAsync(store, json, manifest, cancellationToken).ConfigureAwait(false);
        await AdmitAsync(package, json, manifest, evidence, pull, cancellationToken).ConfigureAwait(false);
        // The files are here, and the policy is new: what it asks for is put beside them.
        if (evidence is not null && ReadCached(package, trusted: false) is not null)
            return;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken };
        int done = 0;
        long arrived = 0, whole = 0, total = manifest.Files.Sum(file => file.Size);
        await Parallel.ForEachAsync(manifest.Files.OrderByDescending(file => file.Size), options, async (file, token) =>
        {
            await PullFileAsync(store, package, file, files, count => Tell(count, 0, 0), token).ConfigureAwait(false);
            Tell(0, 1, file.Size);
        }).ConfigureAwait(false);

        void Tell(int bytes, int count, long size)
        {
            long moved = Interlocked.Add(ref whole, size), sum = Interlocked.Add(ref arrived, bytes);
            progress?.Report(new(Interlocked.Add(ref done, count), manifest.Files.Count, moved, sum, total));
        }
    }

    /// <summary>Reads the archive to the disk, since a zip file is read from its end, then unpacks what the manifest names.</summary>
    private async Task PullArchiveAsync(IArchiveStore archives, PackageReference package, string pull, string files, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 64 * 1024, Options = FileOptions.DeleteOnClose };
        await using var archive = new FileStream(Path.Combine(pull, "archive.zip"), options);
        await using (Stream stream = await archives.GetArchiveAsync(package, cancellationToken).ConfigureAwait(false))
            await stream.CopyToAsync(archive, 128 * 1024, cancellationToken).ConfigureAwait(false);
        archive.Position = 0;
        await using ZipArchive zip = await PackageArchive.OpenAsync(archive, package, cancellationToken).ConfigureAwait(false);
        (PackageManifest manifest, byte[] json) = await PackageArchive.ReadManifestAsync(zip, package, cancellationToken).ConfigureAwait(false);
        PackageEvidence? evidence = policy is null ? null : await PackageArchive.ReadEvidenceAsync(zip, package, cancellationToken).ConfigureAwait(false);
        await AdmitAsync(package, json, manifest, evidence, pull, cancellationToken).ConfigureAwait(false);
        foreach (PackageFile file in manifest.Files)
            await UnpackAsync(await PackageArchive.OpenAsync(zip, package, file, cancellationToken).ConfigureAwait(false), file, files, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Checks what is to be unpacked, and puts down what was checked: nothing is read twice.</summary>
    private async Task AdmitAsync(PackageReference package, byte[] json, PackageManifest manifest, PackageEvidence? evidence, string pull, CancellationToken cancellationToken)
    {
        if (evidence is not null && policy!.Refuse(json, manifest, evidence) is { } reason)
            throw new StorageException(StorageErrorKind.Untrusted, $"The package {StorageLocation.Shown(package.Location)} is refused by the policy of this machine: {reason}.");
        foreach ((string name, byte[] bytes) in (evidence?.Named ?? []).Append((PackageWriter.ManifestName, json)))
            await WriteAsync(Path.Combine(pull, name), new MemoryStream(bytes, writable: false), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Renames the pulled folder to its place. Where another process was first, its package is as good; what is unreadable there gives way.</summary>
    private CachedPackage? Publish(PackageReference package, string pull)
    {
        string folder = FolderOf(package);
        for (int attempt = 0; attempt < 3; attempt++)
        {
            try
            {
                Directory.Move(pull, folder);
            }
            catch (IOException) when (Directory.Exists(folder))
            {
                if (ReadCached(package) is { } theirs)
                    return theirs;
                // Flows may run from there: only what says how to start it, and who signed that, is exchanged.
                if (policy is not null && ReadCached(package, trusted: false) is not null)
                {
                    foreach (string file in Directory.EnumerateFiles(pull).OrderBy(file => Path.GetFileName(file) == PackageWriter.ManifestName))
                        File.Move(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
                    return ReadCached(package);
                }
                string aside = Path.Combine(_root, Pulling + Guid.NewGuid().ToString("N"));
                Directory.Move(folder, aside);
                Remove(aside);
                continue;
            }
            return ReadCached(package);
        }
        return null;
    }

    // What arrives damaged was damaged on its way or in the store: asked for once more, the first is mended and the second certain.
    private static async Task PullFileAsync(IPackageStore store, PackageReference package, PackageFile file, string folder, Action<int> told, CancellationToken cancellationToken)
    {
        int arrived = 0;
        try
        {
            await PullFileOnceAsync(store, package, file, folder, Count, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e is { Kind: StorageErrorKind.Damaged, InnerException: null })
        {
            told(-arrived);
            File.Delete(TargetOf(file, folder));
            await PullFileOnceAsync(store, package, file, folder, told, cancellationToken).ConfigureAwait(false);
        }

        void Count(int bytes)
        {
            arrived += bytes;
            told(bytes);
        }
    }

    private static async Task PullFileOnceAsync(IPackageStore store, PackageReference package, PackageFile file, string folder, Action<int> told, CancellationToken cancellationToken)
    {
        string key = PackageDigest.BlobKey(file.Sha256);
        Stream blob;
        try
        {
            blob = await store.GetAsync(key, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
        {
            throw new StorageException(StorageErrorKind.NotFound, $"The package {package.Location} misses the blob {key} (file '{file.Path}'): publish the project again.", e);
        }
        var verified = new VerifyingStream(blob, file, e => new(
            StorageErrorKind.Damaged,
            $"The package {package.Location} is damaged: the blob {key} (file '{file.Path}') {(e is null ? "has other content than its digest says" : $"cannot be read: {e.Message}")}. Delete the blob from {store.Location}, then publish the project again.",
            e), told);
        await UnpackAsync(verified, file, folder, cancellationToken).ConfigureAwait(false);
    }

    private static string TargetOf(PackageFile file, string folder) => Path.Combine(folder, file.Path.Replace('/', Path.DirectorySeparatorChar));

    private static async Task UnpackAsync(Stream content, PackageFile file, string folder, CancellationToken cancellationToken)
    {
        await using Stream verified = content;
        string target = TargetOf(file, folder);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        await WriteAsync(target, verified, cancellationToken).ConfigureAwait(false);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(target, file.Mode == "755" ? (UnixFileMode)0b111_101_101 : (UnixFileMode)0b110_100_100);
    }

    // Flushed, because what is in the cache is not verified again: a power failure must not leave empty files under a digest.
    private static async Task WriteAsync(string path, Stream content, CancellationToken cancellationToken)
    {
        await using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1);
        await content.CopyToAsync(target, 128 * 1024, cancellationToken).ConfigureAwait(false);
        target.Flush(flushToDisk: true);
    }

    private void Sweep()
    {
        DateTime old = DateTime.UtcNow - s_abandoned;
        foreach (string pull in Directory.EnumerateDirectories(_root, Pulling + "*").Where(path => Directory.GetLastWriteTimeUtc(path) < old))
            Remove(pull);
    }

    private static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (IoErrors.IsIo(e))
        {
            // Nobody looks at it; the next sweep tries again.
        }
    }
}

/// <summary>A package on this machine's disk.</summary>
/// <param name="Folder">Absolute path.</param>
/// <param name="Manifest">Its manifest.</param>
public sealed record CachedPackage(string Folder, PackageManifest Manifest)
{
    /// <summary>Where results of its runs go in the store that it came from; null where they do not go beside it.</summary>
    public Uri? Results { get; init; }
}

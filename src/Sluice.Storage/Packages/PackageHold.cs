using Sluice.Storage.Housekeeping;
using Sluice.Storage.Trust;

namespace Sluice.Storage.Packages;

/// <summary>
/// A stored package that a deployment is about to name: it was looked at and found whole, while no cleaning was at work, and a mark in its store keeps later cleanings off until
/// this is disposed of. Where no mark could be left, and against cleanings that know of none, <see cref="ConfirmAsync"/>, called after the deployment names it, tells whether one
/// came between.
/// </summary>
public sealed class PackageHold : IAsyncDisposable
{
    private static readonly TimeSpan s_longestRelease = TimeSpan.FromSeconds(15);

    private const int Parallelism = 8;

    private readonly PackageReference _package;
    private readonly StorageSources? _sources;
    private readonly TimeProvider _time;
    private readonly bool _marks;
    private CleaningState? _state;
    private (Uri Store, string Key)? _mark;

    private PackageHold(PackageReference package, bool marks, StorageSources? sources, TimeProvider time) =>
        (_package, _marks, _sources, _time) = (package, marks, sources, time);

    /// <summary>The package's manifest; null where its store keeps one archive for each package, which is only opened.</summary>
    public PackageManifest? Manifest { get; private set; }

    /// <summary>Whether there is a signature of its manifest, whosoever's; null where its store keeps archives, which are only opened.</summary>
    public bool? IsSigned { get; private set; }

    /// <summary>
    /// Checks that a package is there and whole: its manifest has its digest, and every file's content, its parts list and its provenance are there with their sizes. No content
    /// is read.
    /// </summary>
    /// <param name="package">The package.</param>
    /// <param name="looksOnly">Whether nothing is to be applied: then no mark is left.</param>
    /// <param name="sources">Gives the secrets and blocks of its store; null for the environment alone.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="StorageException">It is gone (NotFound), it is damaged (Damaged), or its store failed.</exception>
    public static async Task<PackageHold> TakeAsync(PackageReference package, bool looksOnly, StorageSources? sources, TimeProvider time, CancellationToken cancellationToken)
    {
        var hold = new PackageHold(package, !looksOnly, sources, time);
        try
        {
            await hold.LookAsync(cancellationToken).ConfigureAwait(false);
            return hold;
        }
        catch
        {
            await hold.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Whether a package has a signature, whosoever's; null where that cannot be told.</summary>
    /// <param name="package">The package.</param>
    /// <param name="sources">Gives the secrets and blocks of its store; null for the environment alone.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static async Task<bool?> IsSignedAsync(PackageReference package, StorageSources? sources, CancellationToken cancellationToken)
    {
        try
        {
            await using IPackageStore folder = PackageStores.Open(package.Location, sources);
            if (folder is IArchiveStore)
                return null;
            (PackageManifest manifest, byte[] json) = await PackageVerifier.ReadAsync(folder, package, cancellationToken).ConfigureAwait(false);
            if (StoreUri.StoreOf(package.Location, manifest.Folder) is not { } location)
                return null;
            await using IPackageStore store = PackageStores.Open(location, sources);
            return await store.GetSizeAsync(PackageSignature.KeyOf(json), cancellationToken).ConfigureAwait(false) is not null;
        }
        catch (StorageException)
        {
            // It is asked for a warning.
            return null;
        }
    }

    /// <summary>Takes the mark away: deployments name the package now, or never will.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_mark is not { } mark)
            return;
        _mark = null;
        try
        {
            using var bounded = new CancellationTokenSource(s_longestRelease, _time);
            await using IPackageStore store = PackageStores.Open(mark.Store, _sources);
            await store.DeleteAsync(mark.Key, bounded.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageException or OperationCanceledException)
        {
            // It lapses, as that of one who was killed.
        }
    }

    /// <summary>Reads the manifest of a package and checks its digest, and nothing else.</summary>
    /// <param name="package">The package.</param>
    /// <param name="sources">Gives the secrets and blocks of its store; null for the environment alone.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="StorageException">It is gone (NotFound), it is damaged (Damaged), its store keeps archives (Invalid), or it failed.</exception>
    public static async Task<PackageManifest> ReadManifestAsync(PackageReference package, StorageSources? sources, CancellationToken cancellationToken)
    {
        await using IPackageStore folder = PackageStores.Open(package.Location, sources);
        if (folder is IArchiveStore)
            throw new StorageException(StorageErrorKind.Invalid, $"The store of {StorageLocation.Shown(package.Location)} keeps one archive for each package, whose manifest is inside.");
        return (await PackageVerifier.ReadAsync(folder, package, cancellationToken).ConfigureAwait(false)).Manifest;
    }

    /// <summary>Looks again where a cleaning began meanwhile, after its end. From then on no cleaning takes the package, as long as a deployment names it.</summary>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="StorageException">The package is not whole any more.</exception>
    public async Task ConfirmAsync(CancellationToken cancellationToken)
    {
        if (_state is not { } before)
            return;
        await using IPackageStore store = PackageStores.Open(StoreOf(Manifest!), _sources);
        if (await new CleaningMarks(store, _time, CleaningMarks.DefaultLease).ReadAsync(cancellationToken).ConfigureAwait(false) != before)
            await LookAsync(cancellationToken).ConfigureAwait(false);
    }

    private Uri StoreOf(PackageManifest manifest) => StoreUri.StoreOf(_package.Location, manifest.Folder)
        ?? throw PackageVerifier.Damaged(_package, $"its manifest says that its folder is '{manifest.Folder}'");

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        PackageManifest manifest;
        byte[] json;
        await using (IPackageStore folder = PackageStores.Open(_package.Location, _sources))
        {
            if (folder is IArchiveStore archives)
            {
                await using Stream stream = await archives.GetArchiveAsync(_package, cancellationToken).ConfigureAwait(false);
                return;
            }
            (manifest, json) = await PackageVerifier.ReadAsync(folder, _package, cancellationToken).ConfigureAwait(false);
        }
        await using IPackageStore store = PackageStores.Open(StoreOf(manifest), _sources);
        await MarkAsync(store, cancellationToken).ConfigureAwait(false);
        var marks = new CleaningMarks(store, _time, CleaningMarks.DefaultLease);
        CleaningState state;
        do
        {
            state = await marks.WaitForEndAsync(cancellationToken).ConfigureAwait(false);
            await CheckAsync(store, manifest, cancellationToken).ConfigureAwait(false);
        }
        while (await marks.ReadAsync(cancellationToken).ConfigureAwait(false) != state);
        IsSigned = await store.GetSizeAsync(PackageSignature.KeyOf(json), cancellationToken).ConfigureAwait(false) is not null;
        (_state, Manifest) = (state, manifest);
    }

    private async Task MarkAsync(IPackageStore store, CancellationToken cancellationToken)
    {
        if (!_marks || _mark is not null)
            return;
        string key = HoldMarks.NewKey(_package.Digest);
        try
        {
            // Known before it is there, so that a call which broke off leaves none.
            _mark = (store.Location, key);
            await store.CreateAsync(key, new MemoryStream(), cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.Forbidden)
        {
            // Who may only read these packages may still name them; ConfirmAsync looks again.
            _mark = null;
        }
    }

    private async Task CheckAsync(IPackageStore store, PackageManifest manifest, CancellationToken cancellationToken)
    {
        // A cleaning takes the manifest first.
        await using (IPackageStore folder = PackageStores.Open(_package.Location, _sources))
            await PackageVerifier.ReadAsync(folder, _package, cancellationToken).ConfigureAwait(false);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken };
        IEnumerable<(string What, string Sha256, long Size)> contents = manifest.Files.Select(file => ($"the content of its file '{file.Path}'", file.Sha256, file.Size))
            .Concat(Document("its parts list", manifest.Sbom)).Concat(Document("its provenance", manifest.Provenance));
        await Parallel.ForEachAsync(contents.DistinctBy(content => content.Sha256), options, async (content, token) =>
        {
            long? size = await store.GetSizeAsync(PackageDigest.BlobKey(content.Sha256), token).ConfigureAwait(false);
            if (size is null)
                throw new StorageException(StorageErrorKind.NotFound, $"The package {StorageLocation.Shown(_package.Location)} is not whole: {content.What} is missing.");
            if (size != content.Size)
                throw PackageVerifier.Damaged(_package, $"{content.What} has another size");
        }).ConfigureAwait(false);
    }

    private static IEnumerable<(string, string, long)> Document(string what, PackageDocument? document) => document is null ? [] : [(what, document.Sha256, document.Size)];
}

using Sluice.Storage.Housekeeping;

namespace Sluice.Storage.Packages;

/// <summary>
/// A stored package that a deployment is about to name: it was looked at and found whole, while no cleaning was at work. <see cref="ConfirmAsync"/>, called after
/// the deployment names it, tells whether a cleaning came between.
/// </summary>
public sealed class PackageHold
{
    private const int Parallelism = 8;

    private readonly PackageReference _package;
    private readonly StorageSources? _sources;
    private readonly TimeProvider _time;
    private CleaningState? _state;

    private PackageHold(PackageReference package, PackageManifest? manifest, StorageSources? sources, TimeProvider time) =>
        (_package, Manifest, _sources, _time) = (package, manifest, sources, time);

    /// <summary>The package's manifest; null where its store keeps one archive for each package, which is only opened.</summary>
    public PackageManifest? Manifest { get; private set; }

    /// <summary>Checks that a package is there and whole: its manifest has its digest, and every content is there with its size. No content is read.</summary>
    /// <param name="package">The package.</param>
    /// <param name="sources">Gives the secrets and blocks of its store; null for the environment alone.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="StorageException">It is gone (NotFound), it is damaged (Damaged), or its store failed.</exception>
    public static async Task<PackageHold> TakeAsync(PackageReference package, StorageSources? sources, TimeProvider time, CancellationToken cancellationToken)
    {
        var hold = new PackageHold(package, null, sources, time);
        await hold.LookAsync(cancellationToken).ConfigureAwait(false);
        return hold;
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
        await using (IPackageStore folder = PackageStores.Open(_package.Location, _sources))
        {
            if (folder is IArchiveStore archives)
            {
                await using Stream stream = await archives.GetArchiveAsync(_package, cancellationToken).ConfigureAwait(false);
                return;
            }
            manifest = (await PackageVerifier.ReadAsync(folder, _package, cancellationToken).ConfigureAwait(false)).Manifest;
        }
        await using IPackageStore store = PackageStores.Open(StoreOf(manifest), _sources);
        var marks = new CleaningMarks(store, _time, CleaningMarks.DefaultLease);
        CleaningState state;
        do
        {
            state = await marks.WaitForEndAsync(cancellationToken).ConfigureAwait(false);
            await CheckAsync(store, manifest, cancellationToken).ConfigureAwait(false);
        }
        while (await marks.ReadAsync(cancellationToken).ConfigureAwait(false) != state);
        (_state, Manifest) = (state, manifest);
    }

    private async Task CheckAsync(IPackageStore store, PackageManifest manifest, CancellationToken cancellationToken)
    {
        // A cleaning takes the manifest first.
        await using (IPackageStore folder = PackageStores.Open(_package.Location, _sources))
            await PackageVerifier.ReadAsync(folder, _package, cancellationToken).ConfigureAwait(false);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(manifest.Files.DistinctBy(file => file.Sha256), options, async (file, token) =>
        {
            long? size = await store.GetSizeAsync(PackageDigest.BlobKey(file.Sha256), token).ConfigureAwait(false);
            if (size is null)
                throw new StorageException(StorageErrorKind.NotFound, $"The package {StorageLocation.Shown(_package.Location)} is not whole: the content of its file '{file.Path}' is missing.");
            if (size != file.Size)
                throw PackageVerifier.Damaged(_package, $"the content of its file '{file.Path}' has another size");
        }).ConfigureAwait(false);
    }
}

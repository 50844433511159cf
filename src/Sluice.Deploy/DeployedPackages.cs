using Sluice.Deploy.Manifest;
using Sluice.Deploy.Packaging;
using Sluice.Deploy.Planning;
using Sluice.Storage;
using Sluice.Storage.Packages;

namespace Sluice.Deploy;

/// <summary>Stores the published files once for each place that the deployments name, and gives every deployment its package.</summary>
internal sealed class DeployedPackages(DeployRequest request, ReadManifest read, PackageAssembly files, PackageContent content, DeployEnvironment environment)
{
    private readonly List<PackageWritten> _written = [];
    private PackageReference? _reference;

    public async Task<PlannedDeployment[]> StoreAsync(PlannedDeployment[] planned, CancellationToken cancellationToken)
    {
        if (request.SkipUpload)
            return KeepLive(planned);
        var packages = new Dictionary<(string? Storage, string? Key), PackageReference?>();
        foreach (IGrouping<(string? Storage, string? Key), PlannedDeployment> place in planned.GroupBy(PlaceOf))
        {
            await using IPackageStore store = place.Key.Storage is { Length: > 0 } named ? PackageStores.Open(named, environment.Sources) : PackageStores.Open(StoreUri.OfFolder(environment.Home.Storage));
            IEnumerable<PackageReference> live = place.Select(p => DeploymentDesign.LivePackage(p.Live)).OfType<PackageReference>().Distinct();
            if (request.PlanOnly)
            {
                packages[place.Key] = live.FirstOrDefault(l => l.Digest == content.Digest);
                _reference ??= packages[place.Key];
                continue;
            }
            PackageWritten written = await new PackageWriter(store, environment.Time).WriteAsync(Draft(place.Key.Key), live, null, cancellationToken).ConfigureAwait(false);
            _written.Add(written);
            _reference ??= written.Reference;
            packages[place.Key] = written.Reference;
        }
        // A plan has no place for a package that is not stored yet; its digest alone makes the difference.
        return [.. planned.Select(p => p with { Package = packages[PlaceOf(p)] ?? new(StoreUri.OfFolder(environment.Home.Storage), content.Digest) })];
    }

    /// <summary>What was stored, and how much travelled.</summary>
    public DeployOutcome Describe() => new()
    {
        Deployments = [],
        PackageUri = _reference?.Location.AbsoluteUri,
        PackageSha256 = _reference?.Digest ?? content.Digest,
        UploadedFiles = _written.Sum(w => w.UploadedFiles),
        UploadedBytes = _written.Sum(w => w.UploadedBytes),
        ReusedFiles = _written.Sum(w => w.ReusedFiles),
        ReusedBytes = _written.Sum(w => w.ReusedBytes),
    };

    private PlannedDeployment[] KeepLive(PlannedDeployment[] planned)
    {
        if (planned.Where(p => DeploymentDesign.LivePackage(p.Live) is null).Select(p => p.FullName).ToArray() is { Length: > 0 } without)
        {
            throw new DeployException((DeployCodes.NoLivePackage,
                $"{string.Join(", ", without)} {(without.Length == 1 ? "has" : "have")} no package to keep: publish once without SluiceSkipUpload."));
        }
        _reference = DeploymentDesign.LivePackage(planned[0].Live);
        return planned;
    }

    private (string? Storage, string? Key) PlaceOf(PlannedDeployment planned) =>
        (planned.Declared.Storage ?? request.Storage, planned.Declared.StorageKey ?? request.StorageKey);

    private PackageDraft Draft(string? key) => new()
    {
        Content = content,
        Name = read.Manifest.Flows is [var only] ? only.Name : read.Manifest.Assembly,
        StorageKey = string.IsNullOrEmpty(key) ? null : key,
        Manifest = read.Json,
        Launch = files.Launch,
        TargetFramework = request.TargetFramework ?? "unknown",
        RuntimeIdentifier = request.RuntimeIdentifier,
        DeploymentMode = request.DeploymentMode ?? "framework-dependent",
        Version = request.Version,
        Commit = request.Commit,
        Script = files.Script,
    };
}

using Sluice.Deploy.Images;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Ownership;
using Sluice.Deploy.Packaging;
using Sluice.Deploy.Planning;
using Sluice.Deploy.Planning.Merge;
using Sluice.Deploy.Provenance;
using Sluice.Deploy.SelfTesting;
using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Docker;
using Sluice.Storage.Packages;

namespace Sluice.Deploy;

/// <summary>Stores the published files once for each place that the deployments name, and gives every deployment its package.</summary>
internal sealed class DeployedPackages(DeployRequest request, ReadManifest read, PackageAssembly files, PackageContent content, DeployEnvironment environment, DeployedEnvironment? inEnvironment, ConflictWords words) : IDeploySource
{
    /// <summary>What is named instead of a store where the program is on the workers' machines already: Prefect's Module storage.</summary>
    private const string Installed = "installed";

    private static readonly TimeSpan s_untilLine = TimeSpan.FromSeconds(5);

    private readonly ProgramSelfTest _selfTest = new(request, read.Manifest, files, environment);
    private readonly List<PackageWritten> _written = [];
    private readonly List<DeployedSource> _sources = [];
    private DeployedProgram? _program;
    private DeployedImages? _images;
    private bool _hasPackage;
    private string? _signer;

    public IReadOnlyList<FlowManifest> Flows => read.Manifest.Flows;

    public string AppOf(FlowManifest flow) => read.Manifest.Assembly;

    public ConflictWords ConflictWords => words;

    public PackageAssembly Files => files;

    public IReadOnlyList<(PublishedImage Image, string Where, bool IsLocal)> Images => _images?.Images ?? [];

    public DeploymentCreate Design(PlannedDeployment planned, string host, ApiInfo? server) => DeploymentDesign.Of(planned, request, read.Manifest.Assembly, host, server);

    public async Task<PlannedDeployment[]> StoreAsync(PlannedDeployment[] planned, List<(string Code, string Message)> warnings, CancellationToken cancellationToken)
    {
        // A plan may be made anew; what travelled before travelled.
        _sources.Clear();
        (_program, _hasPackage) = (null, false);
        using var description = new PackageDescription(request, read.Manifest, files, content, environment);
        if (request is { SelfTest: true, SkipUpload: false, PlanOnly: false })
            await _selfTest.RunAsync(warnings, cancellationToken).ConfigureAwait(false);
        _images = new(request, read.Manifest, files, content, environment, _selfTest);
        planned = await _images.StoreAsync(planned, warnings, cancellationToken).ConfigureAwait(false);
        if (request.SkipUpload)
            return KeepLive(planned);
        var packages = new Dictionary<(string? Storage, string? Key), DeployedProgram>();
        foreach (IGrouping<(string? Storage, string? Key), PlannedDeployment> place in planned.Where(p => p.Image is null).GroupBy(PlaceOf))
        {
            packages[place.Key] = place.Key.Storage == Installed ? CheckCommands(place)
                : PinnedSource.IsSource(place.Key.Storage) ? await PinAsync(place.Key, cancellationToken).ConfigureAwait(false)
                : await StoreAsync(place, description, warnings, cancellationToken).ConfigureAwait(false);
        }
        if (description.Warning is { } warning)
            warnings.Add(warning);
        if (description.Signer is not null && request.SigningKeyFile is not null && !_hasPackage)
            warnings.Add((DeployCodes.NotSigned, $"The key {request.SigningKeyFile} signs packages, and {planned[0].FullName} is none: an image is named by its digest, source by its commit. Leave SluiceSigningKeyFile out, or choose a storage of packages."));
        return [.. planned.Select(p => p.Image is not null ? p : p with { Package = packages[PlaceOf(p)] })];
    }

    private static DeployedProgram CheckCommands(IEnumerable<PlannedDeployment> place)
    {
        if (place.FirstOrDefault(p => p.Declared.JobVariables?.ContainsKey("command") != true) is { } without)
        {
            throw new DeployException((DeployCodes.CommandMissing,
                $"{without.FullName} is stored nowhere (SluiceStorage={Installed}), and nothing says how workers start it: set [Deployment(…, JobVariables = \"\"\"{{\"command\": \"/opt/flows/App\"}}\"\"\")]."));
        }
        return DeployedProgram.Installed;
    }

    private async Task<DeployedProgram> StoreAsync(IGrouping<(string? Storage, string? Key), PlannedDeployment> place, PackageDescription description, List<(string Code, string Message)> warnings, CancellationToken cancellationToken)
    {
        _hasPackage = true;
        await using IPackageStore store = place.Key.Storage is { Length: > 0 } named ? PackageStores.Open(named, environment.Sources) : PackageStores.Open(StoreUri.OfFolder(environment.Home.Storage));
        IEnumerable<PackageReference> live = place.Select(p => p.Former ?? DeploymentDesign.LivePackage(p.Live)?.Package).OfType<PackageReference>().Distinct();
        // A plan has no place for a package that is not stored yet; its digest alone makes the difference.
        PackageDraft draft = Draft(place.Key.Key, description);
        var writer = new PackageWriter(store, environment.Time);
        _signer = description.Signer?.Public.Id;
        if (request.PlanOnly)
        {
            await TryReadAsync(store, warnings, cancellationToken).ConfigureAwait(false);
            PackageReference[] alike = [.. live.Where(l => l.Digest == content.Digest && StoreUri.MayHold(store.Location, l.Location))];
            // Who signs keeps what is signed alone: the store is asked.
            if ((_signer is null ? alike.FirstOrDefault() : await writer.FindKeptAsync(draft, alike, cancellationToken).ConfigureAwait(false)) is not { } same)
                return DeployedProgram.Of(new(store.Location, content.Digest));
            _program ??= DeployedProgram.Of(same);
            return DeployedProgram.Of(same);
        }
        PackageWritten written = await writer.WriteAsync(draft, live, ProgressTo(store), cancellationToken).ConfigureAwait(false);
        _written.Add(written);
        _program ??= DeployedProgram.Of(written.Reference);
        return DeployedProgram.Of(written.Reference);
    }

    /// <summary>What a publish would find out when it stores: whether the store can be reached with these credentials.</summary>
    private async Task TryReadAsync(IPackageStore store, List<(string Code, string Message)> warnings, CancellationToken cancellationToken)
    {
        try
        {
            await store.GetSizeAsync($"blobs/sha256/{content.Digest[..2]}/{content.Digest}", cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind is not StorageErrorKind.Invalid)
        {
            warnings.Add((DeployCodes.StorageFailed, $"A publish would fail: {e.Message}"));
        }
    }

    private async Task<DeployedProgram> PinAsync((string? Storage, string? Key) place, CancellationToken cancellationToken)
    {
        (DeployedProgram program, DeployedSource source) = await PinnedSource.PinAsync(request, place.Storage!, place.Key, environment.Sources, cancellationToken).ConfigureAwait(false);
        _sources.Add(source);
        _program ??= program;
        return program;
    }

    /// <summary>What was stored, and how much travelled.</summary>
    public DeployOutcome Describe() => new()
    {
        Deployments = [],
        PackageUri = _program?.Location?.AbsoluteUri ?? Images.Select(i => i.Image.Uri).FirstOrDefault(),
        PackageSha256 = _program?.Package?.Digest ?? (_hasPackage || Images.Count > 0 ? content.Digest : null),
        SignedBy = _signer,
        Sources = _sources,
        Image = Images.Select(i => i.Image.Reference).FirstOrDefault(),
        UploadedFiles = _written.Sum(w => w.UploadedFiles),
        UploadedBytes = _written.Sum(w => w.UploadedBytes),
        ReusedFiles = _written.Sum(w => w.ReusedFiles),
        ReusedBytes = _written.Sum(w => w.ReusedBytes),
    };

    private PlannedDeployment[] KeepLive(PlannedDeployment[] planned)
    {
        if (planned.Where(p => DeploymentDesign.LivePackage(p.Live) is null && p.Image is null).Select(p => p.FullName).ToArray() is { Length: > 0 } without)
        {
            throw new DeployException((DeployCodes.NoLivePackage,
                $"{string.Join(", ", without)} {(without.Length == 1 ? "has" : "have")} no package to keep: publish once without SluiceSkipUpload."));
        }
        _program = DeploymentDesign.LivePackage(planned[0].Live);
        return planned;
    }

    private (string? Storage, string? Key) PlaceOf(PlannedDeployment planned) =>
        (planned.Declared.Storage ?? request.Storage, planned.Declared.StorageKey ?? request.StorageKey);

    // Packages and results of an environment lie in a folder of its own.
    private string Named(string name) => inEnvironment is null ? name : inEnvironment.Suffixed(name);

    private TransferProgress ProgressTo(IPackageStore store)
    {
        string what = $"Uploading to {StorageLocation.Shown(store.Location)}";
        return environment.Progress is { } progress
            ? new(what, TimeSpan.Zero, progress, environment.Time)
            : new(what, s_untilLine, line => environment.Output.WriteLine($"Sluice: {line}"), environment.Time);
    }

    private PackageDraft Draft(string? key, PackageDescription description) => new()
    {
        Content = content,
        Name = Named(read.Manifest.Flows is [var only] ? only.Name : read.Manifest.Assembly),
        StorageKey = string.IsNullOrEmpty(key) ? null : key,
        Manifest = read.Json,
        Launch = files.Launch,
        TargetFramework = request.TargetFramework ?? "unknown",
        RuntimeIdentifier = request.RuntimeIdentifier,
        DeploymentMode = request.DeploymentMode ?? "framework-dependent",
        Version = request.Version,
        Commit = request.Commit,
        Script = files.Script,
        DocumentsAsync = description.DocumentsAsync,
        Signer = description.Signer,
    };
}

using System.Text.Json;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Ownership;
using Sluice.Deploy.Packaging;
using Sluice.Deploy.Planning;
using Sluice.Deploy.Planning.Merge;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Storage.Docker;
using Sluice.Storage.Git;
using Sluice.Storage.Labels;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Files;

/// <summary>Files of deployments in place of an assembly: they name packages that are stored already, or programs that are stored now.</summary>
internal sealed class FileSource(IReadOnlyList<DeploymentFile> files, bool upload, DeployRequest request, DeployEnvironment environment) : IDeploySource, IAsyncDisposable
{
    private readonly Dictionary<string, DeploymentFile> _files = files.ToDictionary(file => file.FullName, StringComparer.Ordinal);
    private readonly HashSet<string> _uploaded = new(StringComparer.Ordinal);
    private readonly FilePackages _packages = new(request.PlanOnly, HostName.Current(environment.Variable), environment);
    private readonly List<DeployOutcome> _described = [];
    private readonly List<(PublishedImage Image, string Where, bool IsLocal)> _images = [];

    public IReadOnlyList<FlowManifest> Flows { get; } = [.. files.Select(file => file.Flow)];

    public ConflictWords ConflictWords => ConflictWords.File;

    public PackageAssembly? Files => null;

    public IReadOnlyList<(PublishedImage Image, string Where, bool IsLocal)> Images => _images;

    // Where its publishes keep theirs, so that they meet; a new one's lie beside its package.
    public Uri? RecordsOf(PlannedDeployment planned, VersionRecords records) => request.Records is not null ? null
        : records.StoreOfLive(planned.Live) ?? VersionWriter.Find(null, [FileOf(planned).Storage]);

    public async Task<PlannedDeployment[]> StoreAsync(PlannedDeployment[] planned, List<(string Code, string Message)> warnings, CancellationToken cancellationToken)
    {
        // A plan that somebody's change has outdated is made again.
        _described.Clear();
        _images.Clear();
        PlannedDeployment[] result = [.. planned];
        var sources = new List<(int Index, string Assembly)>();
        for (int i = 0; i < planned.Length; i++)
        {
            DeploymentFile file = FileOf(planned[i]);
            // Where the package of a program lies is no block of Prefect's.
            result[i] = planned[i] with { Blocks = new(file.IsProgram ? null : file.StorageBlock, file.InfrastructureData, !file.IsProgram && file.HasNoStorageBlock), HasNoVersion = file.HasNoVersion };
            if (!file.IsProgram)
            {
                result[i] = result[i] with { Package = DeployedProgram.Installed };
            }
            else if (upload)
            {
                sources.Add((i, SourceOf(file)));
            }
            else
            {
                result[i] = result[i] with { Package = ProgramOf(file, planned[i].Live) };
                if (result[i].Package?.Package is { } package && package != DeploymentDesign.LivePackage(planned[i].Live)?.Package)
                    await _packages.HoldAsync(file, package, HostOf(file), warnings, cancellationToken).ConfigureAwait(false);
            }
        }
        foreach (IGrouping<string, (int Index, string Assembly)> program in sources.GroupBy(source => source.Assembly))
        {
            int[] indexes = [.. program.Select(source => source.Index)];
            ReadManifest read = ManifestReader.Read(program.Key);
            DeployRequest stored = request with { Assembly = program.Key, PublishDir = Path.GetDirectoryName(program.Key)! };
            (PlannedDeployment[] done, DeployedPackages packages) = await FileProgram.StoreAsync(
                read, stored, [.. indexes.Select(i => planned[i] with { Former = FileOf(planned[i]).Package is { } former ? PackageReference.TryParse(former) : null, Declared = planned[i].Declared with { Storage = FileOf(planned[i]).Storage, StorageKey = FileOf(planned[i]).StorageKey } })], environment, warnings, cancellationToken).ConfigureAwait(false);
            foreach ((int index, PlannedDeployment one) in indexes.Zip(done))
            {
                result[index] = result[index] with { Package = one.Package, Image = one.Image };
                _uploaded.Add(one.FullName);
            }
            _described.Add(packages.Describe());
            _images.AddRange(packages.Images);
        }
        return result;
    }

    public DeploymentCreate Design(PlannedDeployment planned, string host, ApiInfo? server)
    {
        DeploymentFile file = FileOf(planned);
        // Files own nothing: a deployment stays whose it is, and a new one is nobody's, so that no publish takes it for one that vanished from its code.
        planned = planned with { Owner = planned.Owner ?? (planned.Live is null ? null : OwnerMark.Of(planned.Live)) };
        bool isNew = _uploaded.Contains(planned.FullName);
        // Where the package lies was told to the file when it was built.
        DeploymentCreate design = DeploymentDesign.Of(planned, isNew ? request : planned.Package is null ? request with { SkipUpload = true } : request with { AddDefaultLabels = false }, ((IDeploySource)this).AppOf(planned.Flow), host, server);
        var labels = new Dictionary<string, JsonElement>(design.Labels!, StringComparer.Ordinal);
        if (planned.Owner is null)
            labels.Remove(OwnerMark.AppLabel);
        var variables = new Dictionary<string, JsonElement>(design.JobVariables!, StringComparer.Ordinal);
        if (!file.IsProgram && file.Deployment.JobVariables?.ContainsKey("command") != true)
            variables.Remove("command");
        if (!isNew && planned.Package is not null)
            AddPlace(labels, variables);
        return design with
        {
            Labels = labels,
            JobVariables = variables,
            Path = planned.Image is null && planned.Package?.Location is null ? file.Path ?? planned.Live?.Path : design.Path,
            PullSteps = file.StorageBlock is { } block && !file.IsProgram && server is not { IsPrefect2: true } ? PullSteps(block, file.Path) : null,
        };
    }

    public DeployOutcome Describe() => new()
    {
        Deployments = [],
        PackageUri = _described.Select(one => one.PackageUri).FirstOrDefault(),
        PackageSha256 = _described.Select(one => one.PackageSha256).FirstOrDefault(),
        Sources = [.. _described.SelectMany(one => one.Sources)],
        Image = _described.Select(one => one.Image).FirstOrDefault(),
        UploadedFiles = _described.Sum(one => one.UploadedFiles),
        UploadedBytes = _described.Sum(one => one.UploadedBytes),
        ReusedFiles = _described.Sum(one => one.ReusedFiles),
        ReusedBytes = _described.Sum(one => one.ReusedBytes),
    };

    /// <summary>Called when the deployments are applied: whether no cleaning took a package of theirs meanwhile.</summary>
    /// <param name="warnings">Are added to.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <returns>What is to be told; empty where all is well.</returns>
    public Task<IReadOnlyList<(string Code, string Message)>> ConfirmAsync(List<(string Code, string Message)> warnings, CancellationToken cancellationToken) => _packages.ConfirmAsync(warnings, cancellationToken);

    /// <summary>Lets cleanings go by what deployments name again.</summary>
    public ValueTask DisposeAsync() => _packages.DisposeAsync();

    private static string? HostOf(DeploymentFile file) =>
        file.Deployment.JobVariables?.TryGetValue("env", out JsonElement env) == true && env.ValueKind == JsonValueKind.Object
            && env.TryGetProperty(StorageLabels.PackageHostVariable, out JsonElement host) && host.ValueKind == JsonValueKind.String ? host.GetString() : null;

    private static void AddPlace(Dictionary<string, JsonElement> labels, Dictionary<string, JsonElement> variables)
    {
        if (!variables.TryGetValue("env", out JsonElement env) || env.ValueKind != JsonValueKind.Object)
            return;
        if (env.TryGetProperty(StorageLabels.PackageHostVariable, out JsonElement host) && host.ValueKind == JsonValueKind.String)
            labels[StorageLabels.Host] = host;
        else if (env.TryGetProperty(PackageReference.Variable, out JsonElement package) && StorageLabels.PlaceOf(package.ToString()) is { } place && StorageLabels.Of(place) is { } system)
            labels[StorageLabels.System] = JsonSerializer.SerializeToElement(system, DeployJson.Default.String);
    }

    /// <summary>How Prefect 3's workers fetch code from a saved block, and go to its folder there; those of Prefect 2 are told the block itself.</summary>
    private static JsonElement PullSteps(string block, string? folder)
    {
        string[] parts = block.Split('/', 2);
        string pull = $$$"""{"prefect.deployments.steps.pull_with_block": {"id": "pull", "block_type_slug": {{{Quoted(parts[0])}}}, "block_document_name": {{{Quoted(parts[1])}}} }}""";
        return JsonElement.Parse(string.IsNullOrEmpty(folder) ? $"[{pull}]" : $$"""[{{pull}}, {"prefect.deployments.steps.set_working_directory": {"directory": {{Quoted("{{ pull.directory }}/" + folder.Trim('/'))}} } }]""");
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text, DeployJson.Default.String);

    private static string SourceOf(DeploymentFile file) =>
        file.Source is { } source && Path.GetFullPath(source, Path.GetDirectoryName(Path.GetFullPath(file.Name))!) is var path && File.Exists(path) ? path
        : throw new DeployException((DeployCodes.FileWithoutProgram, file.Source is { } gone
            ? $"{file.Name} was built from {gone}, which is not there: publish the project again (dotnet publish -p:SluiceDeploy=false), or apply without --upload."
            : $"{file.Name} does not say what it was built from: build it again (sluice deployment build), or apply without --upload."));

    private static DeployedProgram? ProgramOf(DeploymentFile file, Deployment? live)
    {
        if (file.Package is { } text)
        {
            return PackageReference.TryParse(text) is { } package ? DeployedProgram.Of(package)
                : SourceReference.TryParse(text) is { } source ? PinnedSource.ProgramOf(source)
                : throw new DeployException((DeployCodes.FileWithoutProgram, $"{file.Name}: SLUICE_PACKAGE '{text}' is no package: build the file again."));
        }
        // A program without package is in an image, or on the workers' machines already, or keeps what is live.
        if (file.Deployment.JobVariables?.ContainsKey("image") == true || file.Path == "")
            return DeployedProgram.Installed;
        return DeploymentDesign.LivePackage(live) is not null ? null
            : throw new DeployException((DeployCodes.FileWithoutProgram, $"{file.FullName} has no package: {file.Name} was built with --skip-upload. Apply it with --upload."));
    }

    private DeploymentFile FileOf(PlannedDeployment planned) => _files[planned.FullName];
}

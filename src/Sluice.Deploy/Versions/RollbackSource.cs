using System.Globalization;
using System.Text.Json;
using Sluice.Deploy.Files;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Ownership;
using Sluice.Deploy.Packaging;
using Sluice.Deploy.Planning;
using Sluice.Deploy.Planning.Merge;
using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Docker;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Versions;

/// <summary>Deploys versions that were deployed before: what their records say, in place of what an assembly says, and their packages, which are only looked at.</summary>
internal sealed class RollbackSource(IReadOnlyList<RollbackTarget> targets, TrustedStores trusted, bool planOnly, DeployEnvironment environment) : IDeploySource, IAsyncDisposable
{
    private static readonly JsonElement s_anything = JsonDocument.Parse("{}").RootElement.Clone();

    private readonly Dictionary<PackageReference, PackageHold> _holds = [];

    public string AppOf(FlowManifest flow) => targets.First(target => target.FullName == $"{flow.Name}/{flow.Deployments[0].Name}").Then.Record!.App;

    public Uri RecordsOf(PlannedDeployment planned, VersionRecords records) => records.StoreOfLive(TargetOf(planned).Live) ?? records.Trusted.Of(VersionRecords.StoreOf(TargetOf(planned).Now.Pointer));

    public IReadOnlyList<FlowManifest> Flows { get; } = [.. targets.Select(FlowOf)];

    public ConflictWords ConflictWords => ConflictWords.Rollback;

    public PackageAssembly? Files => null;

    public IReadOnlyList<(PublishedImage Image, string Where, bool IsLocal)> Images => [];

    public async Task<PlannedDeployment[]> StoreAsync(PlannedDeployment[] planned, List<(string Code, string Message)> warnings, CancellationToken cancellationToken)
    {
        var programs = new RolledBackPrograms(environment);
        foreach (RollbackTarget target in targets)
        {
            if (target.Version.PackageReference is { } package)
                await HoldAsync(target, package, warnings, cancellationToken).ConfigureAwait(false);
            else
                await programs.CheckAsync(target, warnings, cancellationToken).ConfigureAwait(false);
        }
        return [.. planned.Select(one => TargetOf(one) is var target ? one with
        {
            Package = DeploymentDesign.PackageOf(target.Version.Declared.JobVariables) ?? DeployedProgram.Installed,
            Blocks = FileBlocks.Of(target.Version.StorageBlock),
            RolledBackTo = target.Version.Number,
            Origin = target.Then.Build,
        } : one)];
    }

    private async Task HoldAsync(RollbackTarget target, PackageReference package, List<(string Code, string Message)> warnings, CancellationToken cancellationToken)
    {
        try
        {
            trusted.Check(package.Location);
        }
        catch (StorageException e)
        {
            warnings.Add((DeployCodes.VersionProgramUnknown, string.Create(CultureInfo.InvariantCulture,
                $"Whether the package of version {target.Version.Number} of {target.FullName} is still there was not asked: {e.Message}")));
            return;
        }
        try
        {
            if (!_holds.TryGetValue(package, out PackageHold? hold))
                _holds[package] = hold = await PackageHold.TakeAsync(package, planOnly, environment.Sources, environment.Time, cancellationToken).ConfigureAwait(false);
            if (hold.IsSigned == false && DeploymentDesign.LivePackage(target.Live)?.Package is { } present && present != package && trusted.Looks(present.Location)
                && await PackageHold.IsSignedAsync(present, environment.Sources, cancellationToken).ConfigureAwait(false) == true)
            {
                warnings.Add((DeployCodes.VersionNotSigned, string.Create(CultureInfo.InvariantCulture,
                    $"The package of version {target.Version.Number} of {target.FullName} is not signed, and the present one is: workers that take signed packages alone will refuse its runs.")));
            }
        }
        catch (StorageException e) when (VersionHistory.IsLost(e))
        {
            throw Gone(target, e);
        }
    }

    public DeploymentCreate Design(PlannedDeployment planned, string host, ApiInfo? server)
    {
        RollbackTarget target = TargetOf(planned);
        DeploymentCreate declared = target.Version.Declared;
        return declared with
        {
            // A deployment that was renamed since keeps its name.
            Name = target.Live.Name,
            Labels = Labels(declared, target.Live, server),
            JobVariables = Variables(declared, target.Live, server),
        };
    }

    // Whose a deployment is, and until when, is not what is rolled back.
    private static Dictionary<string, JsonElement> Labels(DeploymentCreate declared, Deployment live, ApiInfo? server)
    {
        var labels = (declared.Labels ?? new Dictionary<string, JsonElement>()).Where(label => !OwnerMark.Labels.Contains(label.Key)).ToDictionary();
        OwnerMark.Of(live)?.AddLabels(labels, server);
        return labels;
    }

    private static Dictionary<string, JsonElement> Variables(DeploymentCreate declared, Deployment live, ApiInfo? server)
    {
        var variables = new Dictionary<string, JsonElement>(declared.JobVariables ?? new Dictionary<string, JsonElement>(), StringComparer.Ordinal);
        var env = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (variables.TryGetValue("env", out JsonElement given) && given.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty variable in given.EnumerateObject().Where(variable => !OwnerMark.Variables.Contains(variable.Name)))
                env[variable.Name] = variable.Value;
        }
        OwnerMark.Of(live)?.AddVariables(env, server);
        variables["env"] = JsonSerializer.SerializeToElement(env, DeployJson.Default.DictionaryStringJsonElement);
        return variables;
    }

    public DeployOutcome Describe()
    {
        PackageReference? package = targets.Select(target => target.Version.PackageReference).FirstOrDefault(package => package is not null);
        return new() { Deployments = [], PackageUri = package?.Location.AbsoluteUri, PackageSha256 = package?.Digest };
    }

    /// <summary>Called when the deployments name the packages: whether no cleaning took one meanwhile, of a Sluice that passes over the marks that hold them.</summary>
    /// <returns>What is to be told; empty where all is well.</returns>
    public async Task<IReadOnlyList<(string Code, string Message)>> ConfirmAsync(CancellationToken cancellationToken)
    {
        var errors = new List<(string, string)>();
        foreach ((PackageReference package, PackageHold hold) in _holds)
        {
            try
            {
                await hold.ConfirmAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (StorageException e) when (VersionHistory.IsLost(e))
            {
                RollbackTarget target = targets.First(target => target.Version.PackageReference == package);
                errors.Add((DeployCodes.VersionPackageGone, string.Create(CultureInfo.InvariantCulture,
                    $"{target.FullName} was rolled back to version {target.Version.Number}, and a cleaning took that version's package in the meantime: {e.Message} Its runs fail until it is rolled back again ('sluice deployment rollback \"{target.FullName}\"' brings back what it was) or published.")));
            }
        }
        return errors;
    }

    /// <summary>Lets cleanings go by what deployments name again.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (PackageHold hold in _holds.Values)
            await hold.DisposeAsync().ConfigureAwait(false);
    }

    private static DeployException Gone(RollbackTarget target, StorageException e) => new((DeployCodes.VersionPackageGone,
        string.Create(CultureInfo.InvariantCulture, $"The package of version {target.Version.Number} of {target.FullName} cannot be run any more: {e.Message} Choose another version (sluice deployment versions \"{target.FullName}\"); 'sluice storage gc --keep-versions' says how many keep their packages.")));

    private RollbackTarget TargetOf(PlannedDeployment planned) => targets.First(target => target.FullName == planned.FullName);

    private static FlowManifest FlowOf(RollbackTarget target)
    {
        DeploymentCreate declared = target.Version.Declared;
        return new()
        {
            Name = target.FlowName,
            Entrypoint = declared.Entrypoint ?? "",
            Description = declared.Description,
            ParameterOpenapiSchema = declared.ParameterOpenapiSchema ?? s_anything,
            Deployments =
            [
                new()
                {
                    Name = target.Live.Name,
                    Schedules = [.. (declared.Schedules ?? []).Where(schedule => schedule.Slug is not null).Select(ScheduleOf)],
                    WorkPoolName = declared.WorkPoolName,
                    WorkQueueName = declared.WorkQueueName,
                    Tags = declared.Tags,
                    Parameters = declared.Parameters,
                    Description = declared.Description,
                    Version = declared.Version,
                    Paused = declared.Paused,
                    Infrastructure = target.Version.Infrastructure,
                    JobVariables = declared.JobVariables,
                    ConcurrencyLimit = declared.ConcurrencyLimit,
                },
            ],
        };
    }

    private static ScheduleManifest ScheduleOf(DeploymentScheduleCreate schedule) => new()
    {
        Slug = schedule.Slug!,
        Active = schedule.Active,
        Parameters = schedule.Parameters,
        Misfire = schedule.Misfire,
        MaxMisfires = schedule.MaxMisfires,
        Dst = schedule.Dst,
        Schedule = ScheduleTexts.Of(schedule.Schedule),
    };
}

using System.Globalization;
using System.Text.Json;
using Sluice.Deploy.Files;
using Sluice.Deploy.Journal;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Ownership;
using Sluice.Deploy.Packaging;
using Sluice.Deploy.Planning;
using Sluice.Deploy.Planning.Merge;
using Sluice.Deploy.Provenance;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Labels;
using Sluice.Storage.Packages;

namespace Sluice.Deploy;

/// <summary>
/// Deploys what was published: validates, packages, stores, compares with the live deployments and applies what differs, in this order, so that a
/// failure or a kill anywhere leaves the deployments as they were.
/// </summary>
/// <param name="environment">Its surroundings.</param>
public sealed class DeployRunner(DeployEnvironment environment)
{
    /// <summary>How often a plan is made anew because somebody else changed what it was made from.</summary>
    private const int Plans = 3;

    /// <summary>Deploys. Expected failures are data in the result; the lines for people go to the environment's output.</summary>
    public Task<DeployResult> RunAsync(DeployRequest request, CancellationToken cancellationToken) => RunAsync(request, null, cancellationToken);

    /// <summary>Deploys what a program says of an assembly's flows, in place of what the assembly says; null for the latter.</summary>
    internal Task<DeployResult> RunAsync(DeployRequest request, ReadManifest? said, CancellationToken cancellationToken) =>
        RunAsync(request, request.Project ?? request.Assembly, (wanted, warnings) => DeployAsync(wanted, said, warnings, cancellationToken), cancellationToken);

    /// <summary>Applies files of deployments, all of them or none, as a publish applies what its code declares. Expected failures are data in the result.</summary>
    /// <param name="files">The files, as <c>weather-deployment.yaml</c>.</param>
    /// <param name="upload">Whether the programs that they were built from are stored anew.</param>
    /// <param name="request">How they are applied. Its assembly is where messages and git look: the first file.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<DeployResult> ApplyFilesAsync(IReadOnlyList<string> files, bool upload, DeployRequest request, CancellationToken cancellationToken)
    {
        (IReadOnlyList<DeploymentFile> read, IReadOnlyList<DeployError> faults) = await FileSet.ReadAsync(files, cancellationToken).ConfigureAwait(false);
        if (faults.Count > 0)
            return new(null, faults);
        IReadOnlyList<(string Code, string Message)> taken = [];
        string origin = string.Join(", ", files);
        DeployResult result = await RunAsync(
            request, origin,
            async (wanted, warnings) =>
            {
                DeployTarget target = await environment.OpenApiAsync(cancellationToken).ConfigureAwait(false);
                await using IOrchestrationApi api = target.Api;
                await using var source = new FileSource(read, upload, wanted, environment);
                DeployOutcome outcome = await DeployAsync(wanted, source, ownership: null, target, warnings, cancellationToken).ConfigureAwait(false);
                if (!wanted.PlanOnly)
                    taken = await source.ConfirmAsync(warnings, cancellationToken).ConfigureAwait(false);
                return outcome;
            },
            cancellationToken).ConfigureAwait(false);
        return result with { Diagnostics = [.. result.Diagnostics, .. taken.Select(error => new DeployError(error.Code, error.Message, origin))] };
    }

    /// <summary>Runs a deploy of whatever source: failures become data, and the files that are to tell of it are written.</summary>
    internal async Task<DeployResult> RunAsync(DeployRequest request, string origin, Func<DeployRequest, List<(string, string)>, Task<DeployOutcome>> deploy, CancellationToken cancellationToken)
    {
        var warnings = new List<(string Code, string Message)>();
        DeployOutcome? outcome = null;
        IReadOnlyList<(string Code, string Message)> errors = [];
        try
        {
            foreach (string wanted in new[] { request.PlanFile, request.OutcomeFile }.OfType<string>().Where(file => file.Length > 0))
                CheckWritable(wanted);
            outcome = await deploy(request, warnings).ConfigureAwait(false);
        }
        catch (Exception e) when (Failures.Explain(e, environment.Home) is { } explained)
        {
            errors = explained;
        }
        if (outcome is not null)
        {
            bool applied = request is { PlanOnly: false, SkipApply: false };
            await WriteAsync(request.PlanFile, () => DeployPlan.Of(outcome, applied).ToJson(), warnings).ConfigureAwait(false);
            await WriteAsync(request.OutcomeFile, () => JsonSerializer.SerializeToUtf8Bytes(outcome, DeployJson.Default.DeployOutcome), warnings).ConfigureAwait(false);
        }
        else if (request is { PlanFile.Length: > 0, PlanOnly: false } && errors.All(error => error.Code == DeployCodes.Conflict))
        {
            errors = [.. errors, .. await PlanConflictsAsync(request, deploy, warnings).ConfigureAwait(false)];
        }
        return new(outcome, [.. warnings.Select(w => new DeployError(w.Code, w.Message, origin, IsWarning: true)), .. errors.Select(e => new DeployError(e.Code, e.Message, origin))]);
    }

    /// <summary>Writes the plan where conflicts stopped it: who decides them reads it there.</summary>
    private async Task<IReadOnlyList<(string Code, string Message)>> PlanConflictsAsync(DeployRequest request, Func<DeployRequest, List<(string, string)>, Task<DeployOutcome>> deploy, List<(string Code, string Message)> warnings)
    {
        try
        {
            DeployOutcome plan = await deploy(request with { PlanOnly = true }, []).ConfigureAwait(false);
            await WriteAsync(request.PlanFile, () => DeployPlan.Of(plan, applied: false).ToJson(), warnings).ConfigureAwait(false);
            return [];
        }
        catch (Exception e) when (Failures.Explain(e, environment.Home) is { } explained)
        {
            return explained;
        }
    }

    /// <summary>Writes what was done. It is done, whatever becomes of the file.</summary>
    private static async Task WriteAsync(string? file, Func<byte[]> content, List<(string Code, string Message)> warnings)
    {
        if (string.IsNullOrEmpty(file))
            return;
        try
        {
            await File.WriteAllBytesAsync(file, content(), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (StorageException.FromFileSystem(e, file) is not null)
        {
            warnings.Add((DeployCodes.SummaryUnwritable, $"What was done is done, and {file}, which was to tell it, cannot be written: {e.Message}"));
        }
    }

    /// <summary>A file that cannot be written is found out before anything is applied, and not after.</summary>
    private static void CheckWritable(string file)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            bool isNew = !File.Exists(file);
            File.Open(file, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
            if (isNew)
                File.Delete(file);
        }
        catch (Exception e) when (StorageException.FromFileSystem(e, $"The file {file} cannot be written") is { } told)
        {
            throw told;
        }
    }

    private async Task<DeployOutcome> DeployAsync(DeployRequest request, ReadManifest? said, List<(string, string)> warnings, CancellationToken cancellationToken)
    {
        ConflictRules.Parse(request.Conflicts);
        ReadManifest read = said ?? ManifestReader.Read(request.Assembly);
        FlowsManifest manifest = read.Manifest;
        if (!manifest.Flows.Any(f => f.Deployments.Count > 0))
        {
            environment.Output.WriteLine($"Sluice: nothing to deploy: {manifest.Assembly} has no method with [Flow] and [Deployment].");
            return new() { Deployments = [] };
        }
        PublishOwnership? ownership = said is null ? new(request, manifest.Assembly, environment.Time.GetUtcNow()) : null;
        read = ownership?.Name(read) ?? read;
        manifest = read.Manifest;
        (string, string)[] errors = [.. ManifestValidator.Validate(manifest), .. ManifestValidator.CheckOwnVariables(manifest)];
        if (errors.Length > 0)
            throw new DeployException(errors);
        PackageAssembly files = PackageAssembly.Of(request, manifest.Assembly);

        // The API opens while the files are hashed, and is closed whatever happens to either.
        Task<DeployTarget>? opening = request.SkipApply ? null : Task.Run(() => environment.OpenApiAsync(cancellationToken), cancellationToken);
        try
        {
            PackageContent content = await files.ReadAsync(environment, cancellationToken).ConfigureAwait(false);
            DeployTarget? target = opening is null ? null : await opening.ConfigureAwait(false);
            return await DeployAsync(request, new DeployedPackages(request, read, files, content, environment, ownership?.Environment, ownership is null ? ConflictWords.Program : ConflictWords.Publish), ownership, target, warnings, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (opening is not null)
            {
                await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (opening.IsCompletedSuccessfully)
                    await opening.Result.Api.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Deploys what a source says; the caller opens and closes the API.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="source">What is declared.</param>
    /// <param name="ownership">Whose it is, and what becomes of what it does not declare any more; null where it is a part of an app, whose marks stay and whose others are left alone.</param>
    /// <param name="target">The API; null where nothing is applied.</param>
    /// <param name="warnings">Are added to.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    internal async Task<DeployOutcome> DeployAsync(
        DeployRequest request, IDeploySource source, PublishOwnership? ownership, DeployTarget? target, List<(string, string)> warnings, CancellationToken cancellationToken)
    {
        for (int plan = 1; ; plan++)
        {
            var found = new List<(string, string)>();
            try
            {
                DeployOutcome outcome = await PlanAndApplyAsync(request, source, ownership, target, found, cancellationToken).ConfigureAwait(false);
                warnings.AddRange(found);
                return outcome;
            }
            catch (PlanOutdatedException e) when (plan < Plans)
            {
                environment.Output.WriteLine(PlainLine.Of($"Sluice: {e.Message} Planning again."));
            }
            catch (PlanOutdatedException e)
            {
                throw new DeployException((DeployCodes.ChangedMeanwhile, $"{e.Message} That was so {Plans.ToString(CultureInfo.InvariantCulture)} times: is another publish running? Publish again."));
            }
        }
    }

    private async Task<DeployOutcome> PlanAndApplyAsync(
        DeployRequest request, IDeploySource source, PublishOwnership? ownership, DeployTarget? target, List<(string, string)> warnings, CancellationToken cancellationToken)
    {
        warnings.AddRange(DeployWarnings.Of(request, target, environment.Variable));
        ApiInfo? server = target is null or { IsLocal: true } ? null : await target.Api.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        string?[] storages = [.. source.Flows.SelectMany(flow => flow.Deployments).Select(declared => declared.Storage ?? request.Storage)];
        await using var records = new VersionRecords(environment.Sources, [.. VersionWriter.Named(request.Records, storages), .. VersionRecords.Stores(environment.Variable(VersionRecords.StoresVariable))]);
        var touched = new TouchedApps(source, ownership?.App, new VersionWriter(records, environment).StoreOf(request.Records, storages), records);
        var applies = new JournaledApplies(environment, server);
        IReadOnlyList<AppPlace> places = touched.Declared;
        await applies.RecoverAsync(target?.Api, places, request.PlanOnly, warnings, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<OwnedDeployment> all;
        PlannedDeployment[] planned;
        bool isOutdated;
        do
        {
            all = ownership is null ? [] : await ownership.ReadAsync(target?.Api, server, cancellationToken).ConfigureAwait(false);
            planned = await LiveDeployments.FindAsync(source.Flows, all, target?.Api, cancellationToken).ConfigureAwait(false);
            // Whose the live ones are is known only now.
            (IReadOnlyList<AppPlace> before, places) = (places, [.. places.Union(touched.All(planned))]);
            isOutdated = await applies.RecoverAsync(target?.Api, places.Except(before), request.PlanOnly, warnings, cancellationToken).ConfigureAwait(false);
        }
        while (isOutdated);
        var facts = new Lazy<Task<BuildFacts>>(() => BuildFacts.ReadAsync(request, environment, cancellationToken));
        if (ownership is not null)
            all = await ownership.WithoutOthersAsync(planned, all, records, facts, warnings, cancellationToken).ConfigureAwait(false);
        OwnedPlan owned = ownership is null ? new([.. planned.Select(one => one with { Owner = OwnerMark.OfPublish(one.Live, server) })], [], []) : ownership.Resolve(planned, target is null ? null : all, warnings);
        planned = owned.Planned;
        string host = HostName.Current(environment.Variable);
        var merge = new PlannedMerge(records, source, host, server, ConflictRules.Parse(request.Conflicts));
        PlannedDeployment[] foreseen = await merge.ForeseeAsync(planned, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<string> newPools = target is null ? [] : await new DeployValidation(request, source, target, server).CheckAsync(foreseen, warnings, cancellationToken).ConfigureAwait(false);
        if (merge.Conflicts(foreseen) is { Count: > 0 } conflicts)
        {
            if (!request.PlanOnly)
                throw new DeployException(conflicts);
            warnings.AddRange(conflicts);
        }

        planned = await source.StoreAsync(planned, warnings, cancellationToken).ConfigureAwait(false);

        if (server is { IsSluice: false })
            warnings.AddRange(DeployWarnings.OfSchedules(planned, target!.Description));
        planned = await merge.MergeAsync(planned, warnings, cancellationToken).ConfigureAwait(false);
        planned = await StorageBlocks.MergeAsync(planned, target?.Api, server, ConflictRules.Parse(request.Conflicts), cancellationToken).ConfigureAwait(false);
        if (StorageBlocks.Conflicts(planned, source.ConflictWords) is { Count: > 0 } blocks)
        {
            if (!request.PlanOnly)
                throw new DeployException(blocks);
            warnings.AddRange(blocks);
        }
        planned = await InfrastructureBlocks.CompareAsync(planned, target?.Api, server, cancellationToken).ConfigureAwait(false);
        if (ownership is not null && planned.Any(one => one.Live is not null && PlannedChanges.IsChanged(one)) && ProjectIdentity.Of(await facts.Value.ConfigureAwait(false)) is { } project)
            warnings.AddRange(await new OtherProjects(ownership.App, records).TakenAsync(planned.Where(PlannedChanges.IsChanged), project, cancellationToken).ConfigureAwait(false));

        IReadOnlyDictionary<string, Guid> ids = new Dictionary<string, Guid>();
        int writes = 0;
        if (target is not null && !request.PlanOnly)
        {
            planned = await RecordAsync(records, planned, request, touched, facts, target.IsLocal, cancellationToken).ConfigureAwait(false);
            (ids, writes) = await ApplyAsync(planned, PlannedChanges.Of(planned, newPools, owned.Orphans), target.Api, server, applies, places, cancellationToken).ConfigureAwait(false);
            if (request.QueueLimit is { } limit && server is { IsPrefect2: true })
                await QueueLimits.SetAsync(planned, limit, target.Api, environment.Output, cancellationToken).ConfigureAwait(false);
        }

        DeployOutcome outcome = source.Describe() with
        {
            Deployments = [.. planned.Select(p => new DeployedDeployment
            {
                Id = ids.TryGetValue(p.FullName, out Guid id) ? id : p.Live?.Id,
                FullName = p.FullName,
                Version = p.Desired!.Version ?? (p.HasNoVersion ? null : p.Live?.Version),
                Number = p.Number ?? VersionPointer.Of(p.Live?.JobVariables)?.Number,
                RolledBackTo = p.RolledBackTo,
                Outcome = target is null ? "stored" : p.Outcome,
                Changes = p.Changes,
                MovedFrom = p.MovedFrom,
                Fields = p.Fields,
            }), .. owned.Orphans.Select(o => o.ToOutcome())],
            ApiWrites = writes,
            AppliedTo = target?.Description,
            LeftOut = source.Files?.LeftOut ?? [],
        };
        warnings.AddRange(DeployWarnings.OfImages(source.Images, target));
        foreach (string note in owned.Notes)
            environment.Output.WriteLine(PlainLine.Of(note));
        new DeployReport(environment, request, source.ConflictWords, server).Write(outcome, planned, source.Files, newPools, isLocal: target is null or { IsLocal: true }, source.Images);
        return outcome;
    }

    /// <summary>Writes the record of what is about to be applied: before the API is told, so that what points to it never points to nothing.</summary>
    private async Task<PlannedDeployment[]> RecordAsync(VersionRecords records, PlannedDeployment[] planned, DeployRequest request, TouchedApps touched, Lazy<Task<BuildFacts>> facts, bool isLocal, CancellationToken cancellationToken)
    {
        int[] changed = [.. Enumerable.Range(0, planned.Length).Where(i => PlannedChanges.IsChanged(planned[i]))];
        if (changed.Length == 0)
            return planned;
        var writer = new VersionWriter(records, environment);
        string?[] storages = [.. planned.Select(p => p.Declared.Storage ?? request.Storage)];
        if (!isLocal && writer.Note(request.Records, storages) is { } note)
            environment.Output.WriteLine(note);
        PlannedDeployment[] result = [.. planned];
        // One document for each app, environment and store: mostly one for all.
        foreach (var group in changed.GroupBy(i => (Place: touched.Of(planned[i]), TouchedApps.Mark(planned[i])?.Environment)))
        {
            IReadOnlyList<(DeploymentCreate Desired, int Number)> written = await writer.WriteAsync(
                group.Key.Place.Store, group.Key.Place.App, group.Key.Environment, await facts.Value.ConfigureAwait(false),
                [.. group.Select(i => new VersionedDeployment(planned[i].Flow.Name, planned[i].Design!, planned[i].Desired!, planned[i].Live)
                {
                    Infrastructure = planned[i].Declared.Infrastructure, StorageBlock = planned[i].Blocks?.SaidStorage, LiveFullName = planned[i].MovedFrom, RolledBackTo = planned[i].RolledBackTo, Origin = planned[i].Origin,
                })],
                cancellationToken).ConfigureAwait(false);
            foreach ((int i, (DeploymentCreate desired, int number)) in group.Zip(written))
                result[i] = planned[i] with { Desired = desired, Number = number };
        }
        return result;
    }

    private static async Task<(Dictionary<string, Guid> Ids, int Writes)> ApplyAsync(
        PlannedDeployment[] planned, DeploymentChanges changes, IOrchestrationApi api, ApiInfo? server, JournaledApplies applies, IReadOnlyList<AppPlace> places, CancellationToken cancellationToken)
    {
        var ids = new Dictionary<string, Guid>();
        if (changes.IsEmpty)
            return (ids, 0);
        try
        {
            IReadOnlyList<DeploymentApplied> applied = await applies.ApplyAsync(api, places, changes, cancellationToken).ConfigureAwait(false);
            foreach ((PlannedDeployment changed, DeploymentApplied one) in planned.Where(PlannedChanges.IsChanged).Zip(applied))
                ids[changed.FullName] = one.Id;
            return (ids, 1);
        }
        catch (OrchestrationException e) when (e.Kind == OrchestrationErrorKind.Conflict && (server is not { IsSluice: false } || e.Field == "seen"))
        {
            throw new PlanOutdatedException(e.Message, e);
        }
    }
}

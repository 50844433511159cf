using Sluice.Deploy.Journal;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Planning;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Deploy.Ownership;

/// <summary>Pauses or deletes what publishes created and nothing needs any more, without a publish. What somebody else made is never touched.</summary>
/// <param name="api">The server.</param>
/// <param name="environment">Its surroundings; the API that they open is not asked.</param>
public sealed class DeploymentPruner(IOrchestrationApi api, DeployEnvironment environment)
{
    /// <summary>Finds them, in the order of their names.</summary>
    /// <param name="selection">Which.</param>
    /// <param name="rule">What is to become of them.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ManifestException">The assembly cannot be read.</exception>
    /// <exception cref="OrchestrationException">The server cannot be asked.</exception>
    public async Task<IReadOnlyList<Orphan>> FindAsync(PruneSelection selection, PruneRule rule, CancellationToken cancellationToken)
    {
        FlowsManifest? manifest = selection.Assembly is { } assembly ? ManifestReader.Read(assembly).Manifest : null;
        string? app = selection.App ?? manifest?.Assembly;
        ApiInfo server = await api.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<OwnedDeployment> owned = await OwnedDeployments.ReadAsync(api, server, app, cancellationToken).ConfigureAwait(false);
        if (manifest is not null)
            return await VanishedAsync(manifest, [.. owned.Where(one => one.Mark.Environment == selection.Environment)], selection.Environment, rule, cancellationToken).ConfigureAwait(false);
        DateTimeOffset now = environment.Time.GetUtcNow();
        return
        [
            .. from one in owned
               where one.IsCreated
               let reason = selection.Environment is { } environment ? one.Mark.Environment == environment ? $"of environment {environment}" : null
                   : selection.All ? one.Mark.Environment is null ? $"of the app {one.Mark.App}" : null
                   : one.Mark.Expires <= now ? PublishOwnership.Expired(one.Mark) : null
               where reason is not null
               select Orphan.Of(one, reason, rule),
        ];
    }

    /// <summary>Pauses or deletes what was found, all of it or nothing, as a publish would: after one that runs, and with a journal where the server has no transactions.</summary>
    /// <exception cref="OrchestrationException">Of kind Conflict: one of them changed since it was found; nothing was done.</exception>
    /// <exception cref="StorageException">The store of the journal failed; nothing was done.</exception>
    public async Task ApplyAsync(IReadOnlyList<Orphan> orphans, CancellationToken cancellationToken)
    {
        DeploymentChanges changes = Orphan.AddTo(new(), orphans);
        if (!changes.IsEmpty)
            await new JournaledChanges(api, environment).ApplyAsync(changes, changes.SeenAs, orphans[0].App, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What an assembly no longer has. What its next publish would recognise as a rename is left for that.</summary>
    private async Task<IReadOnlyList<Orphan>> VanishedAsync(FlowsManifest manifest, OwnedDeployment[] owned, string? inEnvironment, PruneRule rule, CancellationToken cancellationToken)
    {
        if (inEnvironment is not null)
            manifest = new DeployedEnvironment(inEnvironment).Of(manifest, null);
        Dictionary<string, OwnedDeployment> live = owned.ToDictionary(one => one.FullName, StringComparer.Ordinal);
        PlannedDeployment[] declared = [.. manifest.Flows.SelectMany(flow => flow.Deployments.Select(one => new PlannedDeployment { Flow = flow, Declared = one })).Select(one => one with { Live = live.GetValueOrDefault(one.FullName)?.Live })];
        // Mostly another project's assembly, or one that is published under another app's name.
        if (rule != PruneRule.Report && !Array.Exists(declared, one => one.Live is not null))
            return [.. owned.Where(one => one.IsCreated).Select(one => Orphan.Of(one, "left as it is: nothing of the assembly is live as this app's; name the app (--app) it is published under", PruneRule.Report))];
        HashSet<string> names = [.. declared.Select(one => one.FullName)];
        OwnedDeployment[] vanished = [.. owned.Where(one => one.IsCreated && !names.Contains(one.FullName))];
        HashSet<string> others = await OthersAsync(owned.Where(one => names.Contains(one.FullName)), vanished, cancellationToken).ConfigureAwait(false);
        (PlannedDeployment[] planned, IReadOnlyList<UnclearRename> unclear) = Renames.Find(declared, [.. vanished.Where(one => !others.Contains(one.FullName))]);
        Dictionary<string, string> moved = planned.Where(one => one.MovedFrom is not null).ToDictionary(one => one.MovedFrom!, one => one.FullName);
        return [.. vanished.Select(one => moved.TryGetValue(one.FullName, out string? now) ? Orphan.Of(one, $"the next publish moves it to {now}", PruneRule.Report)
            : UnclearRename.Of(one, unclear) is { } rename ? Orphan.Of(one, $"left as it is: it may be {string.Join(" or ", rename.Created)} under a new name, which the next publish is told by {rename.Property}", PruneRule.Report)
            : others.Contains(one.FullName) ? Orphan.Of(one, $"left as it is: another project published it as '{one.Mark.App}'", PruneRule.Report) : Orphan.Of(one, "no longer in the code", rule))];
    }

    /// <summary>What other projects published than those that published what the assembly still has.</summary>
    private async Task<HashSet<string>> OthersAsync(IEnumerable<OwnedDeployment> kept, OwnedDeployment[] vanished, CancellationToken cancellationToken)
    {
        if (vanished.Length == 0)
            return [];
        await using var records = new VersionRecords(environment.Sources, VersionRecords.Stores(environment.Variable(VersionRecords.StoresVariable)));
        var projects = new OtherProjects(vanished[0].Mark.App, records);
        var own = new HashSet<ProjectIdentity>();
        foreach (OwnedDeployment one in kept)
        {
            if ((await projects.OfAsync(one.Live, one.FullName, cancellationToken).ConfigureAwait(false)).Project is { } project)
                own.Add(project);
        }
        IReadOnlyList<OwnedDeployment> ours = await projects.WithoutAsync(vanished, project => own.Count == 0 || own.Any(known => !known.IsOther(project)), changes: false, [], cancellationToken).ConfigureAwait(false);
        return [.. vanished.Except(ours).Select(one => one.FullName)];
    }
}

/// <summary>Which deployments <see cref="DeploymentPruner"/> finds: without <see cref="Assembly"/>, <see cref="Environment"/> and <see cref="All"/>, those of environments whose time is over.</summary>
public sealed record PruneSelection
{
    /// <summary>Of this app; null: of all, or of the assembly's.</summary>
    public string? App { get; init; }

    /// <summary>Of this environment, as <see cref="EnvironmentName"/> reads it; with an assembly: what is compared. Null: of none.</summary>
    public string? Environment { get; init; }

    /// <summary>The path of an assembly: those that its code no longer has.</summary>
    public string? Assembly { get; init; }

    /// <summary>All of the app, outside of environments.</summary>
    public bool All { get; init; }
}

using System.Text.Json;
using Sluice.Deploy.Journal;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Planning;
using Sluice.Deploy.Planning.Merge;
using Sluice.Orchestration;
using Sluice.Storage;
using Sluice.Storage.Labels;

namespace Sluice.Deploy;

/// <summary>Applies the deployments of a program that is served where it lies: without pool, queue and package, and not paused, as Prefect's <c>serve</c> does.</summary>
public static class ServedDeployments
{
    /// <summary>How often they are looked at anew because somebody else changed them meanwhile.</summary>
    private const int Attempts = 3;

    /// <summary>Applies them all.</summary>
    /// <param name="manifest">What the program declares.</param>
    /// <param name="folder">Where it lies, for people: the deployments' <c>path</c>.</param>
    /// <param name="version">Its version; null for none.</param>
    /// <param name="api">The API.</param>
    /// <param name="environment">Its surroundings; the API that they open is not asked.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    /// <returns>In the manifest's order.</returns>
    /// <exception cref="ManifestException">A declaration is not valid.</exception>
    /// <exception cref="OrchestrationException">Of kind Conflict: one of them was published to a pool, whose workers run it. The API refuses.</exception>
    /// <exception cref="StorageException">The store of the journal failed; nothing was changed.</exception>
    public static async Task<IReadOnlyList<ServedDeployment>> ApplyAsync(
        FlowsManifest manifest, string folder, string? version, IOrchestrationApi api, DeployEnvironment environment, CancellationToken cancellationToken)
    {
        if (ManifestValidator.Validate(manifest) is { Count: > 0 } errors)
            throw new ManifestException(string.Join(" ", errors.Select(error => error.Message)));
        var request = new DeployRequest { Assembly = manifest.Assembly, PublishDir = folder, Version = version };
        ApiInfo server = await api.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        string host = HostName.Current(environment.Variable);
        var journaled = new JournaledChanges(api, environment);
        for (int attempt = 1; ; attempt++)
        {
            List<PlannedDeployment> planned = await PlanAsync(manifest, api, cancellationToken).ConfigureAwait(false);
            if (await journaled.RecoverAsync(Live(planned), manifest.Assembly, cancellationToken).ConfigureAwait(false))
                planned = await PlanAsync(manifest, api, cancellationToken).ConfigureAwait(false);
            var changes = new DeploymentChanges
            {
                Deployments = [.. planned.Select(one => new DeploymentApply { FlowName = one.Flow.Name, Deployment = Served(one, request, manifest.Assembly, host, folder, server), MustBeNew = one.Live is null })],
                Seen = Live(planned).ToDictionary(live => live.Id, live => live.Updated),
                SeenAs = [.. Live(planned)],
            };
            try
            {
                IReadOnlyList<DeploymentApplied> applied = await journaled.ApplyAsync(changes, changes.SeenAs, manifest.Assembly, cancellationToken).ConfigureAwait(false);
                return [.. planned.Select((one, i) => new ServedDeployment(applied[i].Id, one.FullName, one.Declared.Schedules?.Count ?? 0, one.Declared.Paused == true))];
            }
            catch (OrchestrationException e) when (e.Kind == OrchestrationErrorKind.Conflict && (server.IsSluice || e.Field == "seen") && attempt < Attempts)
            {
                await environment.Output.WriteLineAsync($"Sluice: {e.Message} Looking again.").ConfigureAwait(false);
            }
        }
    }

    private static IEnumerable<Deployment> Live(IEnumerable<PlannedDeployment> planned) => planned.Select(one => one.Live).OfType<Deployment>();

    private static async Task<List<PlannedDeployment>> PlanAsync(FlowsManifest manifest, IOrchestrationApi api, CancellationToken cancellationToken)
    {
        var planned = new List<PlannedDeployment>();
        foreach ((FlowManifest flow, DeploymentManifest declared) in manifest.Flows.SelectMany(flow => flow.Deployments.Select(declared => (flow, declared))))
        {
            Deployment? live = await api.FindDeploymentAsync(flow.Name, declared.Name, cancellationToken).ConfigureAwait(false);
            if (live?.WorkPoolName is { } pool)
            {
                throw new OrchestrationException(
                    OrchestrationErrorKind.Conflict,
                    $"'{flow.Name}/{declared.Name}' was published to the pool '{pool}', whose workers run it: delete it there (sluice deployment delete '{flow.Name}/{declared.Name}'), or serve it under another name.");
            }
            planned.Add(new() { Flow = flow, Declared = declared, Live = live, Package = DeployedProgram.Installed });
        }
        return planned;
    }

    private static DeploymentCreate Served(PlannedDeployment one, DeployRequest request, string assembly, string host, string folder, ApiInfo server)
    {
        DeploymentCreate design = DeploymentDesign.Of(one, request, assembly, host, server);
        var variables = new Dictionary<string, JsonElement>(design.JobVariables!, StringComparer.Ordinal);
        if (one.Declared.JobVariables?.ContainsKey("command") != true)
            variables.Remove("command");
        design = design with { WorkPoolName = null, WorkQueueName = null, Path = folder, Paused = one.Declared.Paused ?? false, JobVariables = variables };
        return one.Live is null ? design : DeploymentMerge.Of(null, design, one.Live, server, ConflictRule.Code).Body;
    }
}

/// <summary>A deployment that is served.</summary>
/// <param name="Id">Its id.</param>
/// <param name="FullName"><c>flow/deployment</c>.</param>
/// <param name="Schedules">How many schedules it declares.</param>
/// <param name="Paused">Whether its code declares it paused.</param>
public sealed record ServedDeployment(Guid Id, string FullName, int Schedules, bool Paused);

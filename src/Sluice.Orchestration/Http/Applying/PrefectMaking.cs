using System.Net;
using Sluice.Orchestration.Json;
using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http.Applying;

/// <summary>Makes the pools, queues and flows that an apply needs and that were missing, and learns which of them somebody else made in the same moment.</summary>
/// <param name="api">The server.</param>
/// <param name="transport">How it is asked.</param>
/// <param name="entry">The apply.</param>
/// <param name="made">Takes what was made.</param>
/// <param name="resumed">Whether an interrupted apply goes on: what is there may be its own.</param>
internal sealed class PrefectMaking(HttpOrchestrationApi api, HttpTransport transport, ApplyEntry entry, MadeObjects made, bool resumed)
{
    /// <returns>All flows of the apply by name.</returns>
    public async Task<Dictionary<string, Guid>> MakeAsync(CancellationToken cancellationToken)
    {
        foreach (WorkPoolCreate pool in entry.Changes.WorkPools.Where(pool => !entry.Before.Pools[pool.Name]))
        {
            if (!resumed || await api.FindWorkPoolAsync(pool.Name, cancellationToken).ConfigureAwait(false) is null)
                await MakeAsync(MadeObjects.Pool(pool.Name), async () => (await api.CreateWorkPoolAsync(pool, cancellationToken).ConfigureAwait(false)).Id).ConfigureAwait(false);
        }

        foreach (QueuePlace place in entry.Before.MissingQueues)
            await MakeAsync(place, cancellationToken).ConfigureAwait(false);

        Dictionary<string, Guid> flows = new(StringComparer.Ordinal);
        foreach (DeploymentApply apply in entry.Changes.Deployments.Where(apply => !flows.ContainsKey(apply.FlowName)))
            flows[apply.FlowName] = entry.Before.Flows[apply.FlowName] ?? await MakeFlowAsync(apply, cancellationToken).ConfigureAwait(false);
        return flows;
    }

    private async Task MakeAsync(QueuePlace place, CancellationToken cancellationToken)
    {
        string what = MadeObjects.Queue(place);
        // In a pool that nobody names, servers make queues by rules of their own, when a deployment needs one.
        bool isNamed = entry.Changes.Deployments.Any(apply => apply.Deployment.WorkPoolName == place.Pool && apply.Deployment.WorkQueueName == place.Queue);
        if (!isNamed)
            made.Ask(what);
        else if (!resumed || await api.FindWorkQueueAsync(place.Pool, place.Queue, cancellationToken).ConfigureAwait(false) is null)
            await MakeAsync(what, async () => (await api.CreateWorkQueueAsync(place.Pool, new() { Name = place.Queue }, cancellationToken).ConfigureAwait(false)).Id).ConfigureAwait(false);
    }

    private async Task MakeAsync(string what, Func<Task<Guid>> create)
    {
        made.Ask(what);
        try
        {
            made.Add(what, await create().ConfigureAwait(false));
        }
        catch (OrchestrationException error) when (error.Kind == OrchestrationErrorKind.Conflict)
        {
            // Another publish created it just now; one that is there stays as it is.
            if (!resumed)
                made.Leave(what);
        }
        catch (OrchestrationException error) when (error.Kind == OrchestrationErrorKind.NotFound)
        {
            // A queue's pool is missing, which the server makes with it.
        }
    }

    private async Task<Guid> MakeFlowAsync(DeploymentApply apply, CancellationToken cancellationToken)
    {
        string what = MadeObjects.Flow(apply.FlowName);
        made.Ask(what);
        ApiCall call = Post("/flows/", new FlowCreate { Name = apply.FlowName, Tags = apply.FlowTags }, OrchestrationJson.Default.FlowCreate);
        ApiAnswer answer = await transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
        Guid id = transport.Read(call, answer, OrchestrationJson.Default.Flow).Id;
        if (answer.Status == HttpStatusCode.Created)
            made.Add(what, id);
        else if (!resumed && !answer.Repeated)
            made.Leave(what);
        return id;
    }
}

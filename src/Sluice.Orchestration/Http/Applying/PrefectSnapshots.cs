using System.Text.Json;

namespace Sluice.Orchestration.Http.Applying;

/// <summary>Reads all that an apply may touch, and holds it against what the caller saw.</summary>
internal sealed class PrefectSnapshots(HttpOrchestrationApi api, PrefectGeneration server, PrefectReads reads)
{
    private const string DefaultPool = "default-agent-pool";

    /// <exception cref="OrchestrationException">Of kind Conflict: something is not as the caller saw it. Of kind NotFound: a deployment that is to be moved is gone.</exception>
    public async Task<ApplySnapshot> ReadAsync(DeploymentChanges changes, CancellationToken cancellationToken)
    {
        Dictionary<string, Guid> flows = await reads.FlowsAsync(changes.Deployments.Select(apply => apply.FlowName), cancellationToken).ConfigureAwait(false);
        Dictionary<(Guid, string), PrefectState> named = await reads.DeploymentsAsync(
            changes.Deployments.Where(apply => flows.ContainsKey(apply.FlowName)).Select(apply => (flows[apply.FlowName], apply.Deployment.Name)), cancellationToken).ConfigureAwait(false);
        HashSet<Guid> ids = [.. changes.Paused, .. changes.Deleted, .. changes.Deployments.Select(apply => apply.Id).OfType<Guid>()];
        ids.ExceptWith(named.Values.Select(state => state.Id));
        List<PrefectState> others = ids.Count == 0 ? [] : await reads.DeploymentsAsync(ids, cancellationToken).ConfigureAwait(false);
        Dictionary<Guid, string> flowNames = others.Count == 0 ? [] : await reads.FlowNamesAsync(others.Select(state => state.FlowId), cancellationToken).ConfigureAwait(false);

        List<DeploymentBefore> deployments = [.. changes.Deployments.Select(apply => Before(apply.FlowName, apply.Deployment.Name, flows.TryGetValue(apply.FlowName, out Guid flow) ? named.GetValueOrDefault((flow, apply.Deployment.Name)) : null))];
        deployments.AddRange(others.Select(state => Before(flowNames.GetValueOrDefault(state.FlowId, "?"), state.Answer.GetProperty("name").GetString()!, state)));
        ApplySnapshot snapshot = new()
        {
            Flows = changes.Deployments.Select(apply => apply.FlowName).Distinct(StringComparer.Ordinal).ToDictionary(name => name, name => flows.TryGetValue(name, out Guid id) ? id : (Guid?)null, StringComparer.Ordinal),
            Pools = await PoolsAsync(changes, cancellationToken).ConfigureAwait(false),
            MissingQueues = await MissingQueuesAsync(changes, named, flows, cancellationToken).ConfigureAwait(false),
            Deployments = [.. deployments.DistinctBy(deployment => (deployment.Flow, deployment.Name))],
        };
        Check(changes, snapshot);
        return snapshot;
    }

    private static DeploymentBefore Before(string flow, string name, PrefectState? state) => new() { Flow = flow, Name = name, Id = state?.Id, Answer = state?.Answer };

    private void Check(DeploymentChanges changes, ApplySnapshot snapshot)
    {
        Dictionary<Guid, Deployment> given = changes.SeenAs.DistinctBy(one => one.Id).ToDictionary(one => one.Id);
        foreach ((Guid id, DateTimeOffset seen) in changes.Seen)
        {
            if (snapshot.Find(id) is { Answer: { } answer } found)
            {
                if (given.TryGetValue(id, out Deployment? one) ? !server.IsSame(one, answer) : IsUpdated(answer, seen))
                    throw Conflict(found.FullName, "was changed by somebody else meanwhile");
            }
            else if (!changes.Deleted.Contains(id))
            {
                throw Conflict(Name(id), "was deleted by somebody else meanwhile");
            }
        }

        foreach (Guid id in changes.Paused.Where(id => snapshot.Find(id) is null))
            throw new OrchestrationException(OrchestrationErrorKind.NotFound, $"Deployment {id} not found, which is to be paused. Nothing was changed.");
        foreach (DeploymentApply apply in changes.Deployments)
        {
            DeploymentBefore live = snapshot.Find(apply.FlowName, apply.Deployment.Name)!;
            if (apply.MustBeNew && live.Id is not null)
                throw Conflict(live.FullName, "was created by somebody else meanwhile");
            if (live.Id is { } deleted && changes.Deleted.Contains(deleted))
                throw new OrchestrationException(OrchestrationErrorKind.Invalid, $"{live.FullName} is to be changed and deleted at once. Nothing was changed.");
        }

        foreach (DeploymentApply apply in changes.Deployments.Where(apply => apply.Id is not null))
        {
            string name = $"{apply.FlowName}/{apply.Deployment.Name}";
            DeploymentBefore? taken = snapshot.Find(apply.FlowName, apply.Deployment.Name);
            if (taken?.Id is { } other && other != apply.Id)
                throw Conflict(name, $"is to become the new name of the deployment {apply.Id}, and is another deployment's");
            if (snapshot.Find(apply.Id!.Value) is null)
                throw new OrchestrationException(OrchestrationErrorKind.NotFound, $"Deployment {apply.Id} not found, which is to become {name}. Nothing was changed.");
        }

        string Name(Guid id) => changes.Deployments.FirstOrDefault(apply => apply.Id == id) is { } moved ? $"{moved.FlowName}/{moved.Deployment.Name}" : $"The deployment {id}";
    }

    /// <summary>Whether its time is another. Prefect 3 calls a deployment updated whenever a worker asks for its runs, too.</summary>
    private static bool IsUpdated(JsonElement answer, DateTimeOffset seen) => answer.GetProperty("updated").GetDateTimeOffset() is var updated && updated != seen
        && !(answer.TryGetProperty("last_polled", out JsonElement polled) && polled.ValueKind == JsonValueKind.String && (updated - polled.GetDateTimeOffset()).Duration() < TimeSpan.FromSeconds(1));

    private static OrchestrationException Conflict(string name, string what) => new(OrchestrationErrorKind.Conflict, $"{name} {what}. Nothing was changed: publish again.") { Field = "seen" };

    private async Task<Dictionary<string, bool>> PoolsAsync(DeploymentChanges changes, CancellationToken cancellationToken)
    {
        Dictionary<string, bool> pools = new(StringComparer.Ordinal);
        foreach (WorkPoolCreate pool in changes.WorkPools)
            pools[pool.Name] = await api.FindWorkPoolAsync(pool.Name, cancellationToken).ConfigureAwait(false) is not null;
        return pools;
    }

    private async Task<List<QueuePlace>> MissingQueuesAsync(
        DeploymentChanges changes, Dictionary<(Guid, string), PrefectState> named, Dictionary<string, Guid> flows, CancellationToken cancellationToken)
    {
        List<QueuePlace> missing = [];
        // A queue that the live deployment is in exists.
        foreach (QueuePlace place in changes.Deployments.Where(apply => apply.Deployment.WorkQueueName is not null && !IsIn(apply)).Select(Place).Distinct())
        {
            if (await api.FindWorkQueueAsync(place.Pool, place.Queue, cancellationToken).ConfigureAwait(false) is null)
                missing.Add(place);
        }

        return missing;

        bool IsIn(DeploymentApply apply) => flows.TryGetValue(apply.FlowName, out Guid flow) && named.TryGetValue((flow, apply.Deployment.Name), out PrefectState? state)
            && state.Members["work_pool_name"].ToString() == Place(apply).Pool && state.Members["work_queue_name"].ToString() == Place(apply).Queue;
    }

    private static QueuePlace Place(DeploymentApply apply) => new(apply.Deployment.WorkPoolName ?? DefaultPool, apply.Deployment.WorkQueueName!);
}

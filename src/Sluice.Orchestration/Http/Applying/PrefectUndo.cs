namespace Sluice.Orchestration.Http.Applying;

/// <summary>
/// Brings back what an apply changed, state by state, whatever of it was done: what is read decides, so that it may be repeated after it was interrupted itself.
/// What somebody else changed meanwhile stays.
/// </summary>
internal sealed class PrefectUndo(HttpOrchestrationApi api, PrefectGeneration server, PrefectReads reads, MadeObjects made)
{
    private const string DefaultQueue = "default";
    private readonly List<string> _kept = [];
    private readonly HashSet<string> _keptNames = new(StringComparer.Ordinal);

    /// <summary>Undoes, reads back and compares.</summary>
    /// <returns>What somebody else changed, and stays.</returns>
    /// <exception cref="OrchestrationException">A request failed, or what is read back is not what was.</exception>
    public async Task<IReadOnlyList<string>> UndoAsync(ApplyEntry entry, CancellationToken cancellationToken)
    {
        HashSet<string> deleted = [.. PrefectTransaction.Deleted(entry).Select(before => before.FullName)];
        // What was deleted comes back first.
        foreach (DeploymentBefore before in entry.Before.Deployments.OrderBy(before => deleted.Contains(before.FullName) ? 0 : before.Answer is not null ? 1 : 2))
            await UndoAsync(entry, before, deleted.Contains(before.FullName), cancellationToken).ConfigureAwait(false);
        foreach (QueuePlace place in entry.Before.MissingQueues)
            await RemoveQueueAsync(place, cancellationToken).ConfigureAwait(false);
        foreach (string flow in entry.Before.Flows.Where(flow => flow.Value is null).Select(flow => flow.Key))
            await RemoveFlowAsync(flow, cancellationToken).ConfigureAwait(false);
        foreach (string pool in entry.Before.Pools.Where(pool => !pool.Value).Select(pool => pool.Key))
            await RemovePoolAsync(pool, cancellationToken).ConfigureAwait(false);
        await VerifyAsync(entry, cancellationToken).ConfigureAwait(false);
        return _kept;
    }

    private async Task UndoAsync(ApplyEntry entry, DeploymentBefore before, bool isDeleted, CancellationToken cancellationToken)
    {
        PrefectState? was = before.Answer is { } answer ? server.StateOf(answer) : null;
        PrefectState? live = await reads.FindAsync(before.Flow, before.Name, cancellationToken).ConfigureAwait(false);
        SentMembers sent = Sent(entry, before, was);
        switch (was, live)
        {
            case (null, null):
                return;
            case (null, _):
                await RemoveAsync(before, live, sent, cancellationToken).ConfigureAwait(false);
                return;
            case (_, null) when isDeleted:
                await server.RecreateAsync(was, cancellationToken).ConfigureAwait(false);
                return;
            case (_, null):
                Keep(before, "was deleted by somebody else");
                return;
            case var _ when was.Id != live.Id && was.DifferingToPeople(live).Count > 0 && !isDeleted:
                Keep(before, "was replaced by somebody else");
                return;
            default:
                await RestoreAsync(before, was, live, sent, cancellationToken).ConfigureAwait(false);
                return;
        }
    }

    private SentMembers Sent(ApplyEntry entry, DeploymentBefore before, PrefectState? was)
    {
        if (entry.Changes.Deployments.FirstOrDefault(apply => apply.FlowName == before.Flow && apply.Deployment.Name == before.Name) is { } apply)
            return server.Sent(apply, was ?? (apply.Id is { } id && entry.Before.Find(id)?.Answer is { } old ? server.StateOf(old) : null));
        return was is not null && before.Id is { } paused && entry.Changes.Paused.Contains(paused) ? server.SentPrune(was) : SentMembers.None;
    }

    private async Task RestoreAsync(DeploymentBefore before, PrefectState was, PrefectState live, SentMembers sent, CancellationToken cancellationToken)
    {
        List<string> restored = [];
        foreach (string member in was.Differing(live))
        {
            if (sent.Members.TryGetValue(member, out var value) && server.IsAsSent(member, value, live.Members[member]))
                restored.Add(member);
            else
                Keep(before, $"has another {member.Replace('_', ' ')}, which somebody else set");
        }

        // Schedules first: taking back a pause makes runs by them.
        foreach (string kept in await server.RestoreSchedulesAsync(was, live, sent, cancellationToken).ConfigureAwait(false))
            Keep(before, "has " + kept);
        if (restored.Count > 0)
            await server.RestoreAsync(was, live, restored, cancellationToken).ConfigureAwait(false);
    }

    private async Task RemoveAsync(DeploymentBefore before, PrefectState live, SentMembers sent, CancellationToken cancellationToken)
    {
        if (!PrefectTransaction.IsOurs(server, sent, live))
        {
            Keep(before, "was created by somebody else");
            return;
        }

        FlowRunsQuery started = new()
        {
            Deployments = new() { Id = new() { Any = [live.Id] } },
            FlowRuns = new() { State = new() { Type = new() { Any = [.. Enum.GetValues<StateType>().Where(type => type != StateType.Scheduled)] } } },
        };
        if (await api.CountFlowRunsAsync(started, cancellationToken).ConfigureAwait(false) > 0)
        {
            Keep(before, "was created and has been run since");
            return;
        }

        await api.DeleteDeploymentAsync(live.Id, cancellationToken).ConfigureAwait(false);
    }

    private async Task RemoveQueueAsync(QueuePlace place, CancellationToken cancellationToken)
    {
        if (place.Queue == DefaultQueue)
            return; // the server made it with its pool, refuses to delete it, and deletes it with its pool
        WorkPoolFilter pool = new() { Name = new() { Any = [place.Pool] } };
        WorkQueueFilter queue = new() { Name = new() { Any = [place.Queue] } };
        if (await api.FindWorkQueueAsync(place.Pool, place.Queue, cancellationToken).ConfigureAwait(false) is { } found && made.MayBeOurs(MadeObjects.Queue(place), found.Id)
            && (await api.ListDeploymentsAsync(new() { WorkPools = pool, WorkPoolQueues = queue, Limit = 1 }, cancellationToken).ConfigureAwait(false)).Count == 0
            && await api.CountFlowRunsAsync(new() { WorkPools = pool, WorkPoolQueues = queue }, cancellationToken).ConfigureAwait(false) == 0)
        {
            await api.DeleteWorkQueueAsync(place.Pool, place.Queue, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RemoveFlowAsync(string name, CancellationToken cancellationToken)
    {
        if (await api.FindFlowAsync(name, cancellationToken).ConfigureAwait(false) is { } flow && made.MayBeOurs(MadeObjects.Flow(name), flow.Id))
        {
            FlowFilter one = new() { Id = new() { Any = [flow.Id] } };
            if ((await api.ListDeploymentsAsync(new() { Flows = one, Limit = 1 }, cancellationToken).ConfigureAwait(false)).Count == 0
                && await api.CountFlowRunsAsync(new() { Flows = one }, cancellationToken).ConfigureAwait(false) == 0)
            {
                await api.DeleteFlowAsync(flow.Id, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task RemovePoolAsync(string name, CancellationToken cancellationToken)
    {
        WorkPoolFilter pool = new() { Name = new() { Any = [name] } };
        if (await api.FindWorkPoolAsync(name, cancellationToken).ConfigureAwait(false) is { } found && made.MayBeOurs(MadeObjects.Pool(name), found.Id)
            // Its own queues are gone by now.
            && (await api.ListWorkQueuesAsync(name, cancellationToken).ConfigureAwait(false)).All(queue => queue.Id == found.DefaultQueueId || queue.Name == DefaultQueue)
            && (await api.ListDeploymentsAsync(new() { WorkPools = pool, Limit = 1 }, cancellationToken).ConfigureAwait(false)).Count == 0
            && await api.CountFlowRunsAsync(new() { WorkPools = pool }, cancellationToken).ConfigureAwait(false) == 0
            && (await api.ListWorkersAsync(name, cancellationToken).ConfigureAwait(false)).Count == 0)
        {
            await api.DeleteWorkPoolAsync(name, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads everything back.</summary>
    private async Task VerifyAsync(ApplyEntry entry, CancellationToken cancellationToken)
    {
        Dictionary<string, Guid> flows = await reads.FlowsAsync(entry.Before.Deployments.Select(before => before.Flow), cancellationToken).ConfigureAwait(false);
        var live = await reads.DeploymentsAsync(entry.Before.Deployments.Where(before => flows.ContainsKey(before.Flow)).Select(before => (flows[before.Flow], before.Name)), cancellationToken).ConfigureAwait(false);
        await server.CleanAsync(Enumerable.Range(0, entry.Changes.Deployments.Count).Select(i => PrefectTransaction.Mark(entry, i)), live.Values, cancellationToken).ConfigureAwait(false);
        List<string> wrong = [];
        foreach (DeploymentBefore before in entry.Before.Deployments.Where(before => !_keptNames.Contains(before.FullName)))
        {
            PrefectState? now = flows.TryGetValue(before.Flow, out Guid flow) ? live.GetValueOrDefault((flow, before.Name)) : null;
            PrefectState? was = before.Answer is { } answer ? server.StateOf(answer) : null;
            if (was is null || now is null)
            {
                if (was is not null || now is not null)
                    wrong.Add($"{before.FullName} {(now is null ? "is missing" : "is still there")}");
            }
            else if (was.DifferingToPeople(now).Where(member => !IsEmptied(member, was, now)).ToArray() is { Length: > 0 } members)
            {
                wrong.Add($"{before.FullName} has another {string.Join(", ", members.Select(member => member.Replace('_', ' ')))}");
            }
        }

        if (wrong.Count > 0)
            throw new OrchestrationException(OrchestrationErrorKind.Conflict, $"read back, {string.Join("; ", wrong)} than before");
    }

    /// <summary>PATCH takes no null for what is empty, so that the one comes back as the other, and does not empty job variables: an empty environment stands for none.</summary>
    private bool IsEmptied(string member, PrefectState was, PrefectState now) => (was.Members.TryGetValue(member, out var old) && IsNone(old) && IsNone(now.Members[member])) || (member == server.JobVariables
        && (was.Members[member].ValueKind != System.Text.Json.JsonValueKind.Object || !was.Members[member].EnumerateObject().Any()) && now.Members[member].GetRawText() is """{"env":{}}""");

    private static bool IsNone(System.Text.Json.JsonElement value) => value.ValueKind switch
    {
        System.Text.Json.JsonValueKind.Null => true,
        System.Text.Json.JsonValueKind.Array => value.GetArrayLength() == 0,
        System.Text.Json.JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };

    private void Keep(DeploymentBefore before, string what)
    {
        _keptNames.Add(before.FullName);
        _kept.Add($"{before.FullName} {what}");
    }
}

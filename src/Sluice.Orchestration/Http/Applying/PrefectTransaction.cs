namespace Sluice.Orchestration.Http.Applying;

/// <summary>
/// Applies changes to a Prefect server, which has no transactions, whole or not at all: what is there is read and kept in a journal before the first write;
/// creations come first and deletions last; each object is read again before it is written, and one that somebody changed meanwhile stops it; a failure
/// undoes what was done, which is read back.
/// </summary>
internal sealed class PrefectTransaction(HttpOrchestrationApi api, HttpTransport transport, PrefectGeneration server, PrefectReads reads, TimeProvider time)
{
    /// <summary>How long undoing may take before it is left to <c>sluice deploy recover</c>.</summary>
    private static readonly TimeSpan s_undoLimit = TimeSpan.FromMinutes(5);

    private readonly PrefectSnapshots _snapshots = new(api, server, reads);

    public async Task<IReadOnlyList<DeploymentApplied>> ApplyAsync(DeploymentChanges changes, IApplyJournal? journal, CancellationToken cancellationToken)
    {
        changes = server.Fitted(changes);
        ApplyEntry entry = new()
        {
            Id = Guid.NewGuid(),
            IsPrefect2 = server.IsPrefect2,
            Changes = changes,
            Infrastructures = [.. changes.Deployments.Select(apply => apply.Infrastructure)],
            InfrastructureData = [.. changes.Deployments.Select(apply => apply.InfrastructureData)],
            StorageBlocks = [.. changes.Deployments.Select(apply => apply.StorageBlock)],
            Before = await _snapshots.ReadAsync(changes, cancellationToken).ConfigureAwait(false),
        };
        if (journal is not null)
        {
            await journal.BeginAsync(entry.ToText(), cancellationToken).ConfigureAwait(false);
            transport.BeforeWrite = journal.CheckAsync;
        }
        IReadOnlyList<DeploymentApplied> applied;
        var made = MadeObjects.None();
        long writes = transport.Writes;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, journal?.Lost ?? CancellationToken.None);
        try
        {
            applied = await WriteAsync(entry, made, journal, resumed: false, either.Token).ConfigureAwait(false);
            // Who took it over after the last write may have undone it: that is no success.
            if (journal is not null)
                await journal.CheckAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception) when (transport.Writes == writes && journal?.Lost.IsCancellationRequested != true)
        {
            if (journal is not null)
                await journal.EndAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
        catch (Exception failure)
        {
            IReadOnlyList<string> kept = await UndoAsync(entry with { Made = made.ToNote() }, made, journal, failure).ConfigureAwait(false);
            if (failure is OperationCanceledException && cancellationToken.IsCancellationRequested && kept.Count == 0)
                throw;
            throw new OrchestrationException((failure as OrchestrationException)?.Kind ?? OrchestrationErrorKind.Unavailable, $"{Told(failure)} {Undone(kept)}", failure)
            {
                Undo = ApplyUndo.Done,
                Field = (failure as OrchestrationException)?.Field,
            };
        }

        if (journal is not null)
            await journal.EndAsync(CancellationToken.None).ConfigureAwait(false);
        return applied;
    }

    /// <summary>Completes or undoes an apply that was interrupted.</summary>
    /// <param name="entry">What the journal kept.</param>
    /// <param name="complete">True to complete it, false to undo it; null to complete it unless undoing had begun or somebody changed what it touches.</param>
    /// <param name="journal">The journal, which forgets the entry when this is done.</param>
    /// <param name="cancellationToken">Cancels the requests; the entry stays then.</param>
    public async Task<ApplyRecovery> RecoverAsync(ApplyEntry entry, bool? complete, IApplyJournal journal, CancellationToken cancellationToken)
    {
        try
        {
            return await RecoverOrFailAsync(entry, complete, journal, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (journal.Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw TakenOver(e);
        }
    }

    private async Task<ApplyRecovery> RecoverOrFailAsync(ApplyEntry entry, bool? complete, IApplyJournal journal, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, journal.Lost);
        transport.BeforeWrite = journal.CheckAsync;
        string? because = entry.Failure;
        var made = MadeObjects.Of(entry);
        if (complete ?? !entry.Undoing)
        {
            try
            {
                await WriteAsync(entry, made, journal, resumed: true, either.Token).ConfigureAwait(false);
                await journal.CheckAsync(CancellationToken.None).ConfigureAwait(false);
                await journal.EndAsync(CancellationToken.None).ConfigureAwait(false);
                return new() { Completed = true, Deployments = entry.Names };
            }
            catch (OrchestrationException failure) when (complete is null && failure.Kind is not (OrchestrationErrorKind.Unreachable or OrchestrationErrorKind.Unavailable or OrchestrationErrorKind.Unauthorized))
            {
                because = failure.Message;
            }
        }

        await journal.ReplaceAsync((entry with { Undoing = true, Failure = because, Made = made.ToNote() }).ToText(), cancellationToken).ConfigureAwait(false);
        IReadOnlyList<string> kept = await new PrefectUndo(api, server, reads, made).UndoAsync(entry, either.Token).ConfigureAwait(false);
        await journal.EndAsync(CancellationToken.None).ConfigureAwait(false);
        return new() { Completed = false, Deployments = entry.Names, Because = because, Kept = kept };
    }

    private static OrchestrationException TakenOver(Exception failure) => new(OrchestrationErrorKind.Conflict,
        "Another publisher took this apply over, because no sign of life of it was seen for a while; it completes or undoes it. Nothing more was written.", failure) { Undo = ApplyUndo.Left };

    private static string Told(Exception failure) => failure is OperationCanceledException ? "The apply was cancelled." : failure.Message.TrimEnd('.') + ".";

    private static string Undone(IReadOnlyList<string> kept) => kept.Count == 0
        ? "Everything is as it was before."
        : $"What was written is undone, but for what somebody else changed meanwhile: {string.Join("; ", kept)}.";

    /// <summary>Undoes what was written, whatever ended it.</summary>
    private async Task<IReadOnlyList<string>> UndoAsync(ApplyEntry entry, MadeObjects made, IApplyJournal? journal, Exception failure)
    {
        if (journal?.Lost.IsCancellationRequested == true)
            throw TakenOver(failure);

        using CancellationTokenSource limit = new(s_undoLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, journal?.Lost ?? CancellationToken.None);
        try
        {
            try
            {
                if (journal is not null)
                    await journal.ReplaceAsync((entry with { Undoing = true, Failure = Told(failure) }).ToText(), either.Token).ConfigureAwait(false);
            }
            catch (Exception) when (!either.IsCancellationRequested)
            {
                // The server may be reached where the journal's store is not. Should this undo fail too, the journal still knows what was.
            }

            IReadOnlyList<string> kept = await new PrefectUndo(api, server, reads, made).UndoAsync(entry, either.Token).ConfigureAwait(false);
            if (journal is not null)
                await journal.EndAsync(CancellationToken.None).ConfigureAwait(false);
            return kept;
        }
        catch (Exception second) when (journal?.Lost.IsCancellationRequested == true)
        {
            throw TakenOver(second);
        }
        catch (Exception second)
        {
            string next = journal is null
                ? $"These may be changed in part, look at them: {string.Join(", ", entry.Names)}."
                : "Its journal keeps what is to be undone.";
            throw new OrchestrationException((failure as OrchestrationException)?.Kind ?? OrchestrationErrorKind.Unavailable,
                $"{Told(failure)} What was written could not be undone: {second.Message.TrimEnd('.')}. {next}", new AggregateException(failure, second)) { Undo = ApplyUndo.Left };
        }
    }

    private async Task<IReadOnlyList<DeploymentApplied>> WriteAsync(ApplyEntry entry, MadeObjects made, IApplyJournal? journal, bool resumed, CancellationToken cancellationToken)
    {
        DeploymentChanges changes = entry.Changes;
        Dictionary<string, Guid> flows = await new PrefectMaking(api, transport, entry, made, resumed).MakeAsync(cancellationToken).ConfigureAwait(false);
        if (journal is not null && !made.IsEmpty)
            await journal.ReplaceAsync((entry with { Made = made.ToNote() }).ToText(), cancellationToken).ConfigureAwait(false);

        var applied = new DeploymentApplied[changes.Deployments.Count];
        foreach (int i in Enumerable.Range(0, applied.Length).OrderBy(i => entry.Before.Find(changes.Deployments[i].FlowName, changes.Deployments[i].Deployment.Name)?.Id is not null))
            applied[i] = await WriteAsync(entry, i, flows[changes.Deployments[i].FlowName], resumed, cancellationToken).ConfigureAwait(false);
        foreach (Guid id in changes.Paused)
            await PauseAsync(entry, id, resumed, cancellationToken).ConfigureAwait(false);

        DeploymentBefore[] deleted = [.. Deleted(entry)];
        if (deleted.Length > 0)
            await CheckWrittenAsync(entry, applied, cancellationToken).ConfigureAwait(false);
        foreach (DeploymentBefore before in deleted)
        {
            if (await CurrentAsync(before, SentMembers.None, resumed, mayBeGone: true, cancellationToken).ConfigureAwait(false) is { } live)
            {
                await api.DeleteDeploymentAsync(live.Id, cancellationToken).ConfigureAwait(false);
            }
        }

        return applied;
    }

    /// <summary>What is deleted in the end: what is to be, and what lives on under another name.</summary>
    public static IEnumerable<DeploymentBefore> Deleted(ApplyEntry entry) => entry.Changes.Deleted.Select(entry.Before.Find)
        .Concat(entry.Changes.Deployments.Where(apply => apply.Id is not null).Select(apply => entry.Before.Find(apply.Id!.Value) is { } old && (old.Flow, old.Name) != (apply.FlowName, apply.Deployment.Name) ? old : null))
        .OfType<DeploymentBefore>().DistinctBy(before => before.Id);

    /// <summary>What is made for a deployment and needs no name is named so.</summary>
    public static string Mark(ApplyEntry entry, int index) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"sluice-{entry.Id:N}-{index}");

    private async Task<DeploymentApplied> WriteAsync(ApplyEntry entry, int index, Guid flowId, bool resumed, CancellationToken cancellationToken)
    {
        DeploymentApply apply = entry.Changes.Deployments[index];
        DeploymentBefore before = entry.Before.Find(apply.FlowName, apply.Deployment.Name)!;
        DeploymentBefore? old = apply.Id is { } id && id != before.Id ? entry.Before.Find(id) : null;
        PrefectState? moved = old?.Answer is { } answer ? server.StateOf(answer) : null;
        SentMembers sent = server.Sent(apply, before.Answer is { } was ? server.StateOf(was) : moved);
        PrefectState? live = await CurrentAsync(before, sent, resumed, mayBeGone: false, cancellationToken).ConfigureAwait(false);
        Guid written = await server.WriteAsync(apply, flowId, live, moved, Mark(entry, index), cancellationToken).ConfigureAwait(false);
        return new() { Id = written, FlowId = flowId, Created = before.Id is null };
    }

    private async Task PauseAsync(ApplyEntry entry, Guid id, bool resumed, CancellationToken cancellationToken)
    {
        if (entry.Before.Find(id) is not { Answer: { } answer } before
            || await CurrentAsync(before, server.SentPrune(server.StateOf(answer)), resumed, mayBeGone: true, cancellationToken).ConfigureAwait(false) is not { } live)
            return;
        await server.NotePruneAsync(live, cancellationToken).ConfigureAwait(false);
        await api.SetDeploymentPausedAsync(live.Id, true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The deployment as it is now, if that is as it was, or as this apply has left it before it was interrupted.</summary>
    /// <exception cref="OrchestrationException">Of kind Conflict: somebody changed it.</exception>
    private async Task<PrefectState?> CurrentAsync(DeploymentBefore before, SentMembers sent, bool resumed, bool mayBeGone, CancellationToken cancellationToken)
    {
        PrefectState? live = await reads.FindAsync(before.Flow, before.Name, cancellationToken).ConfigureAwait(false);
        PrefectState? was = before.Answer is { } answer ? server.StateOf(answer) : null;
        string? what = (was, live) switch
        {
            (null, null) => null,
            (null, _) => resumed && IsOurs(server, sent, live!) ? null : "was created by somebody else meanwhile",
            (_, null) => mayBeGone ? null : "was deleted by somebody else meanwhile",
            _ when was.Id != live.Id => "was replaced by somebody else meanwhile",
            _ => (resumed ? IsBetween(was, live, sent) : was.IsSame(live)) ? null : "was changed by somebody else meanwhile",
        };
        return what is null ? live : throw new OrchestrationException(OrchestrationErrorKind.Conflict, $"{before.FullName} {what}: publish again.") { Field = "seen" };
    }

    /// <summary>Whether a deployment that was missing is the one that an apply made.</summary>
    public static bool IsOurs(PrefectGeneration server, SentMembers sent, PrefectState live) => sent.Members.TryGetValue(server.JobVariables, out var variables)
        ? server.IsAsSent(server.JobVariables, variables, live.Members[server.JobVariables])
        : sent.Members.Count > 0 && sent.Members.Where(member => live.Members.ContainsKey(member.Key)).All(member => server.IsAsSent(member.Key, member.Value, live.Members[member.Key]));

    /// <summary>Whether every difference is one that this apply makes.</summary>
    private bool IsBetween(PrefectState was, PrefectState live, SentMembers sent) => was.Differing(live).All(member => sent.Members.TryGetValue(member, out var value) && server.IsAsSent(member, value, live.Members[member]))
        && (sent.Schedules is { } schedules
            ? live.Schedules.All(one => was.Schedules.Any(old => old.Id == one.Id && old.IsSame(one)) || schedules.Any(schedule => schedule.Slug == one.Slug))
            : was.Schedules.Count == live.Schedules.Count && was.Schedules.All(old => live.Schedules.Any(one => one.Id == old.Id && one.IsSame(old))));

    /// <summary>Reads what was written once more before anything is deleted, which cannot be undone without a new id.</summary>
    private async Task CheckWrittenAsync(ApplyEntry entry, DeploymentApplied[] applied, CancellationToken cancellationToken)
    {
        HashSet<Guid> there = [.. (await reads.DeploymentsAsync(applied.Select(one => one.Id), cancellationToken).ConfigureAwait(false)).Select(state => state.Id)];
        for (int i = 0; i < applied.Length; i++)
        {
            if (!there.Contains(applied[i].Id))
                throw new OrchestrationException(OrchestrationErrorKind.Conflict, $"{entry.Changes.Deployments[i].FlowName}/{entry.Changes.Deployments[i].Deployment.Name} was deleted by somebody else meanwhile: publish again.") { Field = "seen" };
        }
    }
}

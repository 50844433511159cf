using Sluice.Orchestration;

namespace Sluice.Worker.Runs;

/// <summary>Runs that this worker leaves to others, because it cannot reach their packages or read their deployments. It says so once for each.</summary>
internal sealed class UnreachableRuns(RunServices services)
{
    /// <summary>How long a deployment counts as out of reach before it is read again: it may have been published elsewhere.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);

    /// <summary>How long the worker waits for one deployment: meanwhile it takes no other run.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const int MostTold = 10_000;

    private readonly Dictionary<Guid, Known> _deployments = [];
    private readonly HashSet<(Guid Run, string Reason)> _told = [];

    /// <summary>The deployments that are out of reach now; null for none.</summary>
    public IReadOnlyList<Guid>? Deployments
    {
        get
        {
            DateTimeOffset now = services.Time.GetUtcNow();
            foreach (Guid id in _deployments.Where(known => known.Value.Until <= now).Select(known => known.Key).ToList())
                _deployments.Remove(id);
            return _deployments.Count == 0 ? null : [.. _deployments.Keys];
        }
    }

    /// <summary>When one of them is to be looked at again; null when there are none.</summary>
    public DateTimeOffset? Next => _deployments.Count == 0 ? null : _deployments.Values.Min(known => known.Until);

    /// <summary>Reads the run's deployment and answers whether this worker can reach its package.</summary>
    public async Task<(bool Reachable, Deployment? Deployment)> LookAsync(FlowRun run, CancellationToken cancellationToken)
    {
        bool varies = run.JobVariables is { Count: > 0 };
        // A run's own variables may name a place within reach.
        if (run.DeploymentId is { } seen && _deployments.TryGetValue(seen, out Known known) && !(known.Read && varies))
            return (false, null);
        (Deployment? deployment, string? failure) = await ReadAsync(run.DeploymentId, cancellationToken);
        if (failure is not null)
        {
            Remember(run.DeploymentId!.Value, read: false);
            TellOnce(run, $"left alone for now, since its deployment cannot be read: {failure.TrimEnd('.')}");
            return (false, null);
        }
        if (Refuse(deployment, run) is not { } reason)
            return (true, deployment);
        if (deployment is not null && (!varies || Refuse(deployment, run with { JobVariables = null }) is not null))
            Remember(deployment.Id, read: true);
        TellOnce(run, $"left to other workers: {reason}");
        return (false, deployment);
    }

    private string? Refuse(Deployment? deployment, FlowRun run)
    {
        RunNeeds needs = RunNeeds.Of(deployment, run);
        return (services.Options.SharesDisk ? needs with { Host = null } : needs).Refuse(services.Options.Labels);
    }

    /// <summary>Once and not for ever: an API that fails for this deployment alone must not keep the others' runs waiting.</summary>
    private async Task<(Deployment? Deployment, string? Failure)> ReadAsync(Guid? id, CancellationToken cancellationToken)
    {
        if (id is not { } deployment)
            return (null, null);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return (await services.Api.ReadDeploymentAsync(deployment, patience.Token), null);
        }
        catch (OrchestrationException e)
        {
            return (null, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, FormattableString.Invariant($"the API did not answer within {Patience.TotalSeconds} s"));
        }
    }

    private void Remember(Guid deployment, bool read) => _deployments[deployment] = new(services.Time.GetUtcNow() + Memory, read);

    private void TellOnce(FlowRun run, string reason)
    {
        if (_told.Count >= MostTold)
            _told.Clear();
        if (_told.Add((run.Id, reason)))
            services.Log($"{run.Name}: {reason}.");
    }

    /// <summary>A deployment out of reach.</summary>
    /// <param name="Until">When it is looked at again.</param>
    /// <param name="Read">Whether it could be read.</param>
    private readonly record struct Known(DateTimeOffset Until, bool Read);
}

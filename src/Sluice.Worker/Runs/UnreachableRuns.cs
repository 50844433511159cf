using Sluice.Orchestration;

namespace Sluice.Worker.Runs;

/// <summary>Runs that this worker leaves to others, because it cannot reach their packages. It says so once for each.</summary>
internal sealed class UnreachableRuns(RunServices services)
{
    /// <summary>How long a deployment counts as out of reach before it is read again: it may have been published elsewhere.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);

    private const int MostTold = 10_000;

    private readonly Dictionary<Guid, DateTimeOffset> _deployments = [];
    private readonly HashSet<Guid> _told = [];

    /// <summary>The deployments that are out of reach now; null for none.</summary>
    public IReadOnlyList<Guid>? Deployments
    {
        get
        {
            DateTimeOffset now = services.Time.GetUtcNow();
            foreach (Guid id in _deployments.Where(known => known.Value <= now).Select(known => known.Key).ToList())
                _deployments.Remove(id);
            return _deployments.Count == 0 ? null : [.. _deployments.Keys];
        }
    }

    /// <summary>When one of them is to be looked at again; null when there are none.</summary>
    public DateTimeOffset? Next => _deployments.Count == 0 ? null : _deployments.Values.Min();

    /// <summary>Reads the run's deployment and answers whether this worker can reach its package.</summary>
    public async Task<(bool Reachable, Deployment? Deployment)> LookAsync(FlowRun run, CancellationToken cancellationToken)
    {
        if (run.DeploymentId is { } known && _deployments.ContainsKey(known))
            return (false, null);
        Deployment? deployment = run.DeploymentId is { } id
            ? await services.Calls.CallAsync(token => services.Api.ReadDeploymentAsync(id, token), cancellationToken)
            : null;
        RunNeeds needs = RunNeeds.Of(deployment, run);
        if (services.Options.SharesDisk)
            needs = needs with { Host = null };
        if (needs.Refuse(services.Options.Labels) is not { } reason)
            return (true, deployment);
        if (deployment is not null && run.JobVariables is not { Count: > 0 })
            _deployments[deployment.Id] = services.Time.GetUtcNow() + Memory;
        if (_told.Count >= MostTold)
            _told.Clear();
        if (_told.Add(run.Id))
            services.Log($"{run.Name}: left to other workers: {reason}.");
        return (false, deployment);
    }
}

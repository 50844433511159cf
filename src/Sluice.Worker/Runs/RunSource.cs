using Sluice.Orchestration;

namespace Sluice.Worker.Runs;

/// <summary>Where a worker's runs come from.</summary>
internal abstract class RunSource
{
    /// <summary>Looks whether it is there, and makes what it lacks.</summary>
    /// <exception cref="OrchestrationException">It is not there, or the API cannot give runs of it.</exception>
    public abstract Task PrepareAsync(ApiInfo info, CancellationToken cancellationToken);

    /// <summary>The scheduled runs in a span of time, most urgent first. Looking claims nothing.</summary>
    public abstract Task<IReadOnlyList<FlowRun>> LookAsync(DateTimeOffset? after, DateTimeOffset before, IReadOnlyList<Guid>? without, CancellationToken cancellationToken);

    /// <summary>Its scheduled runs, to be narrowed by time.</summary>
    public abstract FlowRunsQuery Scheduled(FlowRunFilter filter);
}

/// <summary>The runs of a pool's queues.</summary>
internal sealed class PoolRuns(IOrchestrationApi api, ApiCalls calls, FlowWorkerOptions options, Action<string> log) : RunSource
{
    private readonly string _pool = options.Pool!;

    /// <inheritdoc/>
    public override async Task PrepareAsync(ApiInfo info, CancellationToken cancellationToken)
    {
        if (await calls.CallAsync(token => api.FindWorkPoolAsync(_pool, token), cancellationToken) is null)
        {
            throw new OrchestrationException(
                OrchestrationErrorKind.NotFound,
                $"There is no work pool '{_pool}' on {options.ApiUrl}: create it with `sluice work-pool create {_pool}`, or name another one.");
        }
        // A worker may be started before the first deployment to its queues is made.
        foreach (string name in options.Queues)
        {
            if (await calls.CallAsync(token => api.FindWorkQueueAsync(_pool, name, token), cancellationToken) is not null)
                continue;
            try
            {
                await calls.CallAsync(token => api.CreateWorkQueueAsync(_pool, new() { Name = name }, token), cancellationToken);
                log($"Created the queue '{name}' in the pool '{_pool}'.");
            }
            catch (OrchestrationException e) when (e.Kind == OrchestrationErrorKind.Conflict)
            {
                // Somebody else was faster.
            }
        }
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<FlowRun>> LookAsync(DateTimeOffset? after, DateTimeOffset before, IReadOnlyList<Guid>? without, CancellationToken cancellationToken)
    {
        var query = new ScheduledFlowRunsQuery { WorkQueueNames = options.Queues, ScheduledBefore = before, ScheduledAfter = after, WithoutDeployments = without };
        return [.. (await calls.CallAsync(token => api.GetScheduledFlowRunsAsync(_pool, query, token), cancellationToken)).Select(run => run.FlowRun)];
    }

    /// <inheritdoc/>
    public override FlowRunsQuery Scheduled(FlowRunFilter filter) => new()
    {
        WorkPools = new() { Name = new() { Any = [_pool] } },
        WorkPoolQueues = options.Queues.Count == 0 ? null : new() { Name = new() { Any = options.Queues } },
        FlowRuns = filter,
    };
}

/// <summary>The runs of deployments whose programs are on this machine, whatever their pool.</summary>
internal sealed class ServedRuns(IOrchestrationApi api, ApiCalls calls, IReadOnlyList<Guid> deployments) : RunSource
{
    /// <inheritdoc/>
    public override Task PrepareAsync(ApiInfo info, CancellationToken cancellationToken) =>
        !info.IsPrefect2 ? Task.CompletedTask : throw new OrchestrationException(
            OrchestrationErrorKind.Invalid,
            $"Prefect {info.Version} has no runs without a work pool: deploy with `dotnet publish` and start `sluice worker start` there, or use Prefect 3.");

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<FlowRun>> LookAsync(DateTimeOffset? after, DateTimeOffset before, IReadOnlyList<Guid>? without, CancellationToken cancellationToken)
    {
        var query = new DeploymentRunsQuery { DeploymentIds = without is null ? deployments : [.. deployments.Except(without)], ScheduledBefore = before };
        return await calls.CallAsync(token => api.GetScheduledRunsOfDeploymentsAsync(query, token), cancellationToken);
    }

    /// <inheritdoc/>
    public override FlowRunsQuery Scheduled(FlowRunFilter filter) => new() { Deployments = new() { Id = new() { Any = deployments } }, FlowRuns = filter };
}

using Sluice.Orchestration;
using Sluice.Server.Services;

namespace Sluice.Server.Store;

internal sealed partial class EmbeddedStore
{
    public async Task<Flow> EnsureFlowAsync(FlowCreate flow, CancellationToken cancellationToken) =>
        await Read(scope => Flows.Find(scope, flow.Name), cancellationToken).ConfigureAwait(false)
            ?? await Write(scope => Flows.Ensure(scope, flow), cancellationToken).ConfigureAwait(false);

    public Task<Flow?> ReadFlowAsync(Guid id, CancellationToken cancellationToken) => Read(scope => Flows.Read(scope, id), cancellationToken);

    public Task<Flow?> FindFlowAsync(string name, CancellationToken cancellationToken) => Read(scope => Flows.Find(scope, name), cancellationToken);

    public Task<IReadOnlyList<Flow>> ListFlowsAsync(FlowsQuery query, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<Flow>>(scope => Flows.List(scope, query), cancellationToken);

    public Task UpdateFlowAsync(Guid id, FlowUpdate update, CancellationToken cancellationToken) => Write(scope => Flows.Update(scope, id, update), cancellationToken);

    public Task<bool> DeleteFlowAsync(Guid id, CancellationToken cancellationToken) => Write(scope => Flows.Delete(scope, id), cancellationToken);

    public Task<IReadOnlyList<DeploymentApplied>> ApplyAsync(DeploymentChanges changes, CancellationToken cancellationToken) =>
        changes.IsEmpty ? Task.FromResult<IReadOnlyList<DeploymentApplied>>([]) : Write(scope => new ChangeSet(scope, changes).Apply(), cancellationToken);

    public Task<Deployment> UpsertDeploymentAsync(DeploymentCreate deployment, CancellationToken cancellationToken) =>
        Write(scope => Deployments.Upsert(scope, deployment), cancellationToken);

    public Task UpdateDeploymentAsync(Guid id, DeploymentUpdate update, CancellationToken cancellationToken) =>
        Write(scope => Deployments.Update(scope, id, update), cancellationToken);

    public Task<Deployment?> ReadDeploymentAsync(Guid id, CancellationToken cancellationToken) => Read(scope => Deployments.Read(scope, id), cancellationToken);

    public Task<Deployment?> FindDeploymentAsync(string flowName, string deploymentName, CancellationToken cancellationToken) =>
        Read(scope => Deployments.Find(scope, flowName, deploymentName), cancellationToken);

    public Task<IReadOnlyList<Deployment>> ListDeploymentsAsync(DeploymentsQuery query, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<Deployment>>(scope => Deployments.List(scope, query), cancellationToken);

    public Task<bool> DeleteDeploymentAsync(Guid id, CancellationToken cancellationToken) => Write(scope => Deployments.Delete(scope, id), cancellationToken);

    public Task SetDeploymentPausedAsync(Guid id, bool paused, CancellationToken cancellationToken) =>
        Write(scope => Deployments.SetPaused(scope, id, paused), cancellationToken);

    public Task<IReadOnlyList<DeploymentSchedule>> CreateSchedulesAsync(
        Guid deploymentId, IReadOnlyList<DeploymentScheduleCreate> schedules, CancellationToken cancellationToken) =>
        Write<IReadOnlyList<DeploymentSchedule>>(scope => DeploymentSchedules.Create(scope, deploymentId, schedules), cancellationToken);

    public Task UpdateScheduleAsync(Guid deploymentId, Guid scheduleId, DeploymentScheduleUpdate update, CancellationToken cancellationToken) =>
        Write(scope => DeploymentSchedules.Update(scope, deploymentId, scheduleId, update), cancellationToken);

    public Task<bool> DeleteScheduleAsync(Guid deploymentId, Guid scheduleId, CancellationToken cancellationToken) =>
        Write(scope => DeploymentSchedules.Delete(scope, deploymentId, scheduleId), cancellationToken);

    public Task ScheduleDeploymentAsync(Guid deploymentId, Backfill backfill, CancellationToken cancellationToken) =>
        Write(scope => ScheduledRuns.Backfill(scope, deploymentId, backfill), cancellationToken);

    public async Task<IReadOnlyList<FlowRun>> GetScheduledRunsOfDeploymentsAsync(DeploymentRunsQuery query, CancellationToken cancellationToken)
    {
        (List<FlowRun> runs, bool unnoted) = await Read(scope => Claims.OfDeployments(scope, query), cancellationToken).ConfigureAwait(false);
        // What a misfire policy makes one run of must not start one by one.
        if (runs.Exists(run => Misfires.MayBeMissed(run, Now)) && await SettleMissedAsync(cancellationToken).ConfigureAwait(false))
            (runs, unnoted) = await Read(scope => Claims.OfDeployments(scope, query), cancellationToken).ConfigureAwait(false);
        if (unnoted)
            await Write(scope => Claims.NotePollOfDeployments(scope, query.DeploymentIds), cancellationToken).ConfigureAwait(false);
        return runs;
    }

    public Task<FlowRun> CreateDeploymentRunAsync(Guid deploymentId, DeploymentRunCreate run, CancellationToken cancellationToken) =>
        Write(scope => FlowRuns.Create(scope, deploymentId, run), cancellationToken);

    public Task<FlowRun> CreateFlowRunAsync(FlowRunCreate run, CancellationToken cancellationToken) =>
        Write(scope => FlowRuns.Create(scope, run), cancellationToken);

    public Task<FlowRun?> ReadFlowRunAsync(Guid id, CancellationToken cancellationToken) => Read(scope => FlowRuns.Read(scope, id), cancellationToken);

    public Task UpdateFlowRunAsync(Guid id, FlowRunUpdate update, CancellationToken cancellationToken) =>
        Write(scope => FlowRuns.Update(scope, id, update), cancellationToken);

    public Task<IReadOnlyList<FlowRun>> ListFlowRunsAsync(FlowRunsQuery query, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<FlowRun>>(scope => FlowRuns.List(scope, query), cancellationToken);

    public Task<int> CountFlowRunsAsync(FlowRunsQuery query, CancellationToken cancellationToken) => Read(scope => FlowRuns.Count(scope, query), cancellationToken);

    public Task<bool> DeleteFlowRunAsync(Guid id, CancellationToken cancellationToken) => Write(scope => FlowRuns.Delete(scope, id), cancellationToken);

    public Task<IReadOnlyList<State>> ListFlowRunStatesAsync(Guid flowRunId, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<State>>(scope => FlowRunStates.Of(scope, flowRunId), cancellationToken);

    public Task<OrchestrationResult> SetFlowRunStateAsync(Guid id, StateCreate state, SetStateOptions options, CancellationToken cancellationToken) =>
        Write(scope => FlowRunStates.Set(scope, id, state, options), cancellationToken);

    public Task RenewLeasesAsync(IReadOnlyList<RunLease> runs, TimeSpan lease, CancellationToken cancellationToken) =>
        Write(scope => Leases.Renew(scope, runs, lease), cancellationToken);

    public Task CreateLogsAsync(IReadOnlyList<LogCreate> logs, CancellationToken cancellationToken) =>
        logs.Count == 0 ? Task.CompletedTask : Write(scope => Logs.Create(scope, logs), cancellationToken);

    public Task<IReadOnlyList<Log>> ListLogsAsync(LogsQuery query, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<Log>>(scope => Logs.List(scope, query), cancellationToken);

    public Task<WorkPool> CreateWorkPoolAsync(WorkPoolCreate pool, CancellationToken cancellationToken) =>
        Write(scope => WorkPools.Create(scope, pool), cancellationToken);

    public Task<WorkPool?> FindWorkPoolAsync(string name, CancellationToken cancellationToken) => Read(scope => WorkPools.Find(scope, name), cancellationToken);

    public Task<IReadOnlyList<WorkPool>> ListWorkPoolsAsync(WorkPoolsQuery query, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<WorkPool>>(scope => WorkPools.List(scope, query), cancellationToken);

    public Task UpdateWorkPoolAsync(string name, WorkPoolUpdate update, CancellationToken cancellationToken) =>
        Write(scope => WorkPools.Update(scope, name, update), cancellationToken);

    public Task<bool> DeleteWorkPoolAsync(string name, CancellationToken cancellationToken) => Write(scope => WorkPools.Delete(scope, name), cancellationToken);

    public Task<WorkQueue> CreateWorkQueueAsync(string poolName, WorkQueueCreate queue, CancellationToken cancellationToken) =>
        Write(scope => WorkQueues.Create(scope, poolName, queue), cancellationToken);

    public Task<WorkQueue?> FindWorkQueueAsync(string poolName, string queueName, CancellationToken cancellationToken) =>
        Read(scope => WorkPools.Find(scope, poolName) is { } pool ? WorkQueues.Find(scope, pool.Id, queueName) : null, cancellationToken);

    public Task<IReadOnlyList<WorkQueue>> ListWorkQueuesAsync(string poolName, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<WorkQueue>>(scope => WorkQueues.List(scope, WorkPools.Get(scope, poolName).Id), cancellationToken);

    public Task UpdateWorkQueueAsync(string poolName, string queueName, WorkQueueUpdate update, CancellationToken cancellationToken) =>
        Write(scope => WorkQueues.Update(scope, poolName, queueName, update), cancellationToken);

    public Task<bool> DeleteWorkQueueAsync(string poolName, string queueName, CancellationToken cancellationToken) =>
        Write(scope => WorkQueues.Delete(scope, poolName, queueName), cancellationToken);

    public Task HeartbeatWorkerAsync(string poolName, WorkerHeartbeat heartbeat, CancellationToken cancellationToken) =>
        Write(scope => WorkPools.Heartbeat(scope, poolName, heartbeat), cancellationToken);

    public Task<IReadOnlyList<WorkerInfo>> ListWorkersAsync(string poolName, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<WorkerInfo>>(scope => WorkPools.Workers(scope, poolName), cancellationToken);

    public async Task<IReadOnlyList<WorkerFlowRun>> GetScheduledFlowRunsAsync(string poolName, ScheduledFlowRunsQuery query, CancellationToken cancellationToken)
    {
        (List<WorkerFlowRun> runs, List<Guid> unnoted) = await Read(scope => Claims.Look(scope, poolName, query), cancellationToken).ConfigureAwait(false);
        // A worker that wakes before the scheduler must not start, one by one, what a misfire policy makes one run of.
        if (runs.Exists(run => Misfires.MayBeMissed(run.FlowRun, Now)) && await SettleMissedAsync(cancellationToken).ConfigureAwait(false))
            (runs, unnoted) = await Read(scope => Claims.Look(scope, poolName, query), cancellationToken).ConfigureAwait(false);
        if (unnoted.Count > 0)
            await Write(scope => Claims.NotePoll(scope, unnoted), cancellationToken).ConfigureAwait(false);
        return runs;
    }

    /// <summary>Answers whether anything was missed.</summary>
    private async Task<bool> SettleMissedAsync(CancellationToken cancellationToken)
    {
        if (!await Read(Misfires.Any, cancellationToken).ConfigureAwait(false))
            return false;
        var scheduler = new RunScheduler(_ => { });
        while (await Write(scheduler.FillMissed, cancellationToken).ConfigureAwait(false))
        {
        }
        while (await Write(scope => Misfires.Settle(scope, _ => { }), cancellationToken).ConfigureAwait(false) == Misfires.Batch)
        {
        }
        return true;
    }
}

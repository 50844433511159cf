using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http;

public sealed partial class HttpOrchestrationApi
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<DeploymentApplied>> ApplyDeploymentsAsync(IReadOnlyList<DeploymentApply> deployments, CancellationToken cancellationToken)
    {
        if (deployments.Count == 0)
        {
            return [];
        }

        if (await IsSluiceAsync(cancellationToken).ConfigureAwait(false))
        {
            ApiCall call = Post("/sluice/apply", deployments, Json.IReadOnlyListDeploymentApply);
            return await _transport.SendAsync(call, Json.IReadOnlyListDeploymentApplied, cancellationToken).ConfigureAwait(false);
        }

        var applied = new List<DeploymentApplied>(deployments.Count);
        foreach (DeploymentApply apply in deployments)
        {
            applied.Add(await new PrefectApply(this).ApplyAsync(apply, cancellationToken).ConfigureAwait(false));
        }

        return applied;
    }

    /// <inheritdoc/>
    public async Task<Deployment> UpsertDeploymentAsync(DeploymentCreate deployment, CancellationToken cancellationToken)
    {
        if (deployment.Schedules?.Any(ScheduleExtensions.IsExtended) == true && !await IsSluiceAsync(cancellationToken).ConfigureAwait(false))
        {
            deployment = deployment with { Schedules = [.. deployment.Schedules.Select(ScheduleExtensions.ForPrefect)] };
        }

        return await _transport.SendAsync(Post("/deployments/", deployment, Json.DeploymentCreate), Json.Deployment, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task UpdateDeploymentAsync(Guid id, DeploymentUpdate update, CancellationToken cancellationToken)
    {
        if (update.Schedules?.Any(ScheduleExtensions.IsExtended) == true && !await IsSluiceAsync(cancellationToken).ConfigureAwait(false))
        {
            update = update with { Schedules = [.. update.Schedules.Select(ScheduleExtensions.ForPrefect)] };
        }

        // A renamed slug is not found a second time and would be created.
        bool renames = update.Schedules?.Any(schedule => schedule.Replaces is not null) == true;
        await _transport.SendAsync(Patch($"/deployments/{id}", update, Json.DeploymentUpdate) with { Repeatable = !renames }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<Deployment?> ReadDeploymentAsync(Guid id, CancellationToken cancellationToken) =>
        _transport.FindAsync(Get($"/deployments/{id}"), Json.Deployment, cancellationToken);

    /// <inheritdoc/>
    public Task<Deployment?> FindDeploymentAsync(string flowName, string deploymentName, CancellationToken cancellationToken) =>
        _transport.FindAsync(Get($"/deployments/name/{Segment(flowName)}/{Segment(deploymentName)}"), Json.Deployment, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Deployment>> ListDeploymentsAsync(DeploymentsQuery query, CancellationToken cancellationToken) =>
        _transport.SendAsync(Post("/deployments/filter", query, Json.DeploymentsQuery), Json.IReadOnlyListDeployment, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteDeploymentAsync(Guid id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(Delete($"/deployments/{id}"), cancellationToken);

    /// <inheritdoc/>
    public Task SetDeploymentPausedAsync(Guid id, bool paused, CancellationToken cancellationToken) =>
        _transport.SendAsync(Post($"/deployments/{id}/{(paused ? "pause_deployment" : "resume_deployment")}"), cancellationToken);

    /// <inheritdoc/>
    public Task ScheduleDeploymentAsync(Guid deploymentId, Backfill backfill, CancellationToken cancellationToken) =>
        _transport.SendAsync(Post($"/deployments/{deploymentId}/schedule", backfill, Json.Backfill), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<FlowRun>> GetScheduledRunsOfDeploymentsAsync(DeploymentRunsQuery query, CancellationToken cancellationToken) =>
        _transport.SendAsync(Post("/deployments/get_scheduled_flow_runs", query, Json.DeploymentRunsQuery), Json.IReadOnlyListFlowRun, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DeploymentSchedule>> CreateSchedulesAsync(Guid deploymentId, IReadOnlyList<DeploymentScheduleCreate> schedules, CancellationToken cancellationToken)
    {
        if (schedules.Any(ScheduleExtensions.IsExtended) && !await IsSluiceAsync(cancellationToken).ConfigureAwait(false))
        {
            schedules = [.. schedules.Select(ScheduleExtensions.ForPrefect)];
        }

        ApiCall call = PostOnce($"/deployments/{deploymentId}/schedules", schedules, Json.IReadOnlyListDeploymentScheduleCreate);
        return await _transport.SendAsync(call, Json.IReadOnlyListDeploymentSchedule, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task UpdateScheduleAsync(Guid deploymentId, Guid scheduleId, DeploymentScheduleUpdate update, CancellationToken cancellationToken)
    {
        if (ScheduleExtensions.IsExtended(update) && !await IsSluiceAsync(cancellationToken).ConfigureAwait(false))
        {
            update = ScheduleExtensions.ForPrefect(update);
        }

        if (update.Parameters is null && !await IsSluiceAsync(cancellationToken).ConfigureAwait(false))
        {
            // Prefect 3.8 resets absent parameters to none.
            ApiCall list = Get($"/deployments/{deploymentId}/schedules");
            var schedules = await _transport.SendAsync(list, Json.IReadOnlyListDeploymentSchedule, cancellationToken).ConfigureAwait(false);
            update = update with { Parameters = schedules.FirstOrDefault(schedule => schedule.Id == scheduleId)?.Parameters };
        }

        await _transport.SendAsync(Patch($"/deployments/{deploymentId}/schedules/{scheduleId}", update, Json.DeploymentScheduleUpdate), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<bool> DeleteScheduleAsync(Guid deploymentId, Guid scheduleId, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(Delete($"/deployments/{deploymentId}/schedules/{scheduleId}"), cancellationToken);
}

using Sluice.Orchestration.Http.Prefect2;
using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http;

public sealed partial class HttpOrchestrationApi
{
    /// <inheritdoc/>
    public async Task<Deployment> UpsertDeploymentAsync(DeploymentCreate deployment, CancellationToken cancellationToken)
    {
        if (await IsPrefect2Async(cancellationToken).ConfigureAwait(false))
        {
            ApiCall call = Post("/deployments/", Prefect2Dialect.Deployment(deployment), Prefect2Json.Default.Prefect2DeploymentBody);
            return (await _transport.SendAsync(call, Prefect2Json.Default.Prefect2Deployment, cancellationToken).ConfigureAwait(false)).ToDeployment();
        }

        if (deployment.Schedules?.Any(ScheduleExtensions.IsExtended) == true && !await IsSluiceAsync(cancellationToken).ConfigureAwait(false))
        {
            deployment = deployment with { Schedules = [.. deployment.Schedules.Select(ScheduleExtensions.ForPrefect)] };
        }

        return await _transport.SendAsync(Post("/deployments/", deployment, Json.DeploymentCreate), Json.Deployment, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task UpdateDeploymentAsync(Guid id, DeploymentUpdate update, CancellationToken cancellationToken)
    {
        if (await IsPrefect2Async(cancellationToken).ConfigureAwait(false))
        {
            Prefect2Deployment live = await ReadPrefect2Async(id, cancellationToken).ConfigureAwait(false) ?? throw Missing(id);
            await new Prefect2Apply(this, _transport).UpdateAsync(live, Prefect2Dialect.Patch(update, live), update.ParameterOpenapiSchema, update.PullSteps, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (update.Schedules?.Any(ScheduleExtensions.IsExtended) == true && !await IsSluiceAsync(cancellationToken).ConfigureAwait(false))
        {
            update = update with { Schedules = [.. update.Schedules.Select(ScheduleExtensions.ForPrefect)] };
        }

        // A renamed slug is not found a second time and would be created.
        bool renames = update.Schedules?.Any(schedule => schedule.Replaces is not null) == true;
        await _transport.SendAsync(Patch($"/deployments/{id}", update, Json.DeploymentUpdate) with { Repeatable = !renames }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<Deployment?> ReadDeploymentAsync(Guid id, CancellationToken cancellationToken) => FindAsync($"/deployments/{id}", cancellationToken);

    /// <inheritdoc/>
    public Task<Deployment?> FindDeploymentAsync(string flowName, string deploymentName, CancellationToken cancellationToken) =>
        FindAsync($"/deployments/name/{Segment(flowName)}/{Segment(deploymentName)}", cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Deployment>> ListDeploymentsAsync(DeploymentsQuery query, CancellationToken cancellationToken)
    {
        await CheckAsync(query.Deployments, cancellationToken).ConfigureAwait(false);
        if (!await IsPrefect2Async(cancellationToken).ConfigureAwait(false))
        {
            return await _transport.SendAsync(Post("/deployments/filter", query, Json.DeploymentsQuery), Json.IReadOnlyListDeployment, cancellationToken).ConfigureAwait(false);
        }

        ApiCall call = Post("/deployments/filter", Prefect2Dialect.Query(query), Prefect2Json.Default.Prefect2Query);
        var deployments = await _transport.SendAsync(call, Prefect2Json.Default.IReadOnlyListPrefect2Deployment, cancellationToken).ConfigureAwait(false);
        return [.. deployments.Select(deployment => deployment.ToDeployment())];
    }

    /// <inheritdoc/>
    public Task<bool> DeleteDeploymentAsync(Guid id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(Delete($"/deployments/{id}"), cancellationToken);

    /// <inheritdoc/>
    public async Task SetDeploymentPausedAsync(Guid id, bool paused, CancellationToken cancellationToken)
    {
        string verb = (paused, await IsPrefect2Async(cancellationToken).ConfigureAwait(false)) switch
        {
            (true, false) => "pause_deployment",
            (false, false) => "resume_deployment",
            (true, true) => "set_schedule_inactive",
            (false, true) => "set_schedule_active",
        };
        await _transport.SendAsync(Post($"/deployments/{id}/{verb}"), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task ScheduleDeploymentAsync(Guid deploymentId, Backfill backfill, CancellationToken cancellationToken) =>
        _transport.SendAsync(Post($"/deployments/{deploymentId}/schedule", backfill, Json.Backfill), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Prefect 2 has no such question; there the runs are found by their deployment, state and due time.</remarks>
    public async Task<IReadOnlyList<FlowRun>> GetScheduledRunsOfDeploymentsAsync(DeploymentRunsQuery query, CancellationToken cancellationToken)
    {
        if (!await IsPrefect2Async(cancellationToken).ConfigureAwait(false))
        {
            return await _transport.SendAsync(Post("/deployments/get_scheduled_flow_runs", query, Json.DeploymentRunsQuery), Json.IReadOnlyListFlowRun, cancellationToken).ConfigureAwait(false);
        }

        FlowRunFilter due = new()
        {
            DeploymentId = new() { Any = query.DeploymentIds },
            State = new() { Type = new() { Any = [StateType.Scheduled] } },
            NextScheduledStartTime = query.ScheduledBefore is { } before ? new() { Before = before } : null,
        };
        return await ListFlowRunsAsync(new() { FlowRuns = due, Sort = "NEXT_SCHEDULED_START_TIME_ASC", Limit = query.Limit }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DeploymentSchedule>> CreateSchedulesAsync(Guid deploymentId, IReadOnlyList<DeploymentScheduleCreate> schedules, CancellationToken cancellationToken)
    {
        if (await IsPrefect2Async(cancellationToken).ConfigureAwait(false))
        {
            return await CreatePrefect2SchedulesAsync(deploymentId, schedules, cancellationToken).ConfigureAwait(false);
        }

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
        if (await IsPrefect2Async(cancellationToken).ConfigureAwait(false))
        {
            // The schedule has the deployment's id, and no slug.
            Prefect2Deployment? live = await ReadPrefect2Async(deploymentId, cancellationToken).ConfigureAwait(false);
            if (live?.Schedule is null || scheduleId != deploymentId)
            {
                throw new OrchestrationException(OrchestrationErrorKind.NotFound, $"Schedule {scheduleId} not found.");
            }

            await PatchPrefect2Async(deploymentId, Prefect2Dialect.Patch(new DeploymentUpdate { Schedules = [update] }, live), cancellationToken).ConfigureAwait(false);
            return;
        }

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
    public async Task<bool> DeleteScheduleAsync(Guid deploymentId, Guid scheduleId, CancellationToken cancellationToken)
    {
        if (!await IsPrefect2Async(cancellationToken).ConfigureAwait(false))
        {
            return await _transport.DeleteAsync(Delete($"/deployments/{deploymentId}/schedules/{scheduleId}"), cancellationToken).ConfigureAwait(false);
        }

        if (scheduleId != deploymentId || await ReadPrefect2Async(deploymentId, cancellationToken).ConfigureAwait(false) is not { Schedule: not null })
        {
            return false;
        }

        await PatchPrefect2Async(deploymentId, new() { Schedule = Prefect2Dialect.Element(null) }, cancellationToken).ConfigureAwait(false);
        return true;
    }

    internal async Task<Prefect2Deployment?> FindPrefect2Async(string flowName, string deploymentName, CancellationToken cancellationToken) => await _transport.FindAsync(
        Get($"/deployments/name/{Segment(flowName)}/{Segment(deploymentName)}"), Prefect2Json.Default.Prefect2Deployment, cancellationToken).ConfigureAwait(false);

    private static OrchestrationException Missing(Guid id) => new(OrchestrationErrorKind.NotFound, $"Deployment {id} not found.");

    private async Task<Deployment?> FindAsync(string path, CancellationToken cancellationToken) => await IsPrefect2Async(cancellationToken).ConfigureAwait(false)
        ? (await _transport.FindAsync(Get(path), Prefect2Json.Default.Prefect2Deployment, cancellationToken).ConfigureAwait(false))?.ToDeployment()
        : await _transport.FindAsync(Get(path), Json.Deployment, cancellationToken).ConfigureAwait(false);

    private Task<Prefect2Deployment?> ReadPrefect2Async(Guid id, CancellationToken cancellationToken) =>
        _transport.FindAsync(Get($"/deployments/{id}"), Prefect2Json.Default.Prefect2Deployment, cancellationToken);

    private Task<ApiAnswer> PatchPrefect2Async(Guid id, Prefect2DeploymentPatch patch, CancellationToken cancellationToken) =>
        _transport.SendAsync(Patch($"/deployments/{id}", patch, Prefect2Json.Default.Prefect2DeploymentPatch), cancellationToken);

    private async Task<IReadOnlyList<DeploymentSchedule>> CreatePrefect2SchedulesAsync(Guid deploymentId, IReadOnlyList<DeploymentScheduleCreate> schedules, CancellationToken cancellationToken)
    {
        Prefect2Deployment live = await ReadPrefect2Async(deploymentId, cancellationToken).ConfigureAwait(false) ?? throw Missing(deploymentId);
        if (schedules.Count == 0)
        {
            return [];
        }

        if (live.Schedule is not null)
        {
            throw Prefect2Dialect.Unsupported($"has one schedule a deployment, and '{live.Name}' has its own: change that one.", "body.0");
        }

        DeploymentScheduleCreate? schedule = Prefect2Dialect.Only($"deployment '{live.Name}'", schedules);
        DeploymentScheduleUpdate update = new() { Schedule = schedule!.Schedule, Active = schedule.Active ?? true, Parameters = schedule.Parameters };
        await PatchPrefect2Async(deploymentId, Prefect2Dialect.Patch(new DeploymentUpdate { Schedules = [update] }, live), cancellationToken).ConfigureAwait(false);
        return (await ReadDeploymentAsync(deploymentId, cancellationToken).ConfigureAwait(false))?.Schedules ?? throw Missing(deploymentId);
    }
}

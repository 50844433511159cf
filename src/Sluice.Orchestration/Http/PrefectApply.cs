using System.Globalization;

namespace Sluice.Orchestration.Http;

/// <summary>
/// Applies a deployment to a Prefect server, which has no such operation, by requests that keep what people set: POST only creates, since on an
/// existing deployment it resets parameters and gives schedules new ids; PATCH with slugs keeps a schedule's id and its pause, but never removes
/// one, so removed ones are deleted. Repeating it after a failure in the middle completes it.
/// </summary>
internal sealed class PrefectApply(IOrchestrationApi api)
{
    public async Task<DeploymentApplied> ApplyAsync(DeploymentApply apply, CancellationToken cancellationToken)
    {
        Flow flow = await api.EnsureFlowAsync(new FlowCreate { Name = apply.FlowName, Tags = apply.FlowTags }, cancellationToken).ConfigureAwait(false);
        Deployment? live = await api.FindDeploymentAsync(apply.FlowName, apply.Deployment.Name, cancellationToken).ConfigureAwait(false);
        DeploymentCreate wanted = apply.Deployment with { FlowId = flow.Id, Schedules = WithSlugs(apply.Deployment.Schedules, live) };
        if (live is null)
        {
            Deployment created = await api.UpsertDeploymentAsync(wanted, cancellationToken).ConfigureAwait(false);
            return new() { Id = created.Id, FlowId = flow.Id, Created = true };
        }

        IReadOnlyList<DeploymentSchedule> removed = wanted.Schedules is null ? [] : [.. live.Schedules.Where(schedule => !IsWanted(schedule, wanted.Schedules))];
        if (wanted.Schedules is not null && live.Schedules.Any(schedule => schedule.Slug is null && !removed.Contains(schedule)))
        {
            // PATCH of the deployment would replace all schedules, since one that stays has no slug.
            await api.UpdateDeploymentAsync(live.Id, Update(wanted) with { Schedules = null }, cancellationToken).ConfigureAwait(false);
            await ApplySchedulesAsync(live, wanted.Schedules!, cancellationToken).ConfigureAwait(false);
            await DeleteAsync(live.Id, removed, cancellationToken).ConfigureAwait(false);
            return new() { Id = live.Id, FlowId = flow.Id, Created = false };
        }

        // One schedule without a slug makes PATCH replace all of them, so those go first. The others go last: no due run is missed meanwhile.
        await DeleteAsync(live.Id, removed.Where(schedule => schedule.Slug is null), cancellationToken).ConfigureAwait(false);
        await api.UpdateDeploymentAsync(live.Id, Update(wanted), cancellationToken).ConfigureAwait(false);
        await DeleteAsync(live.Id, removed.Where(schedule => schedule.Slug is not null), cancellationToken).ConfigureAwait(false);
        return new() { Id = live.Id, FlowId = flow.Id, Created = false };
    }

    /// <summary>One by one, which leaves schedules without a slug alone. What is not said is sent as it is live, since Prefect 3.8 resets what is absent.</summary>
    private async Task ApplySchedulesAsync(Deployment live, IReadOnlyList<DeploymentScheduleCreate> wanted, CancellationToken cancellationToken)
    {
        foreach (DeploymentScheduleCreate schedule in wanted.Where(schedule => schedule.Slug is not null))
        {
            if (live.Schedules.FirstOrDefault(other => other.Slug == schedule.Slug || (schedule.Replaces is { } old && other.Slug == old)) is not { } found)
            {
                await api.CreateSchedulesAsync(live.Id, [schedule], cancellationToken).ConfigureAwait(false);
                continue;
            }

            DeploymentScheduleUpdate update = new()
            {
                Schedule = schedule.Schedule,
                Active = schedule.Active ?? found.Active,
                MaxScheduledRuns = schedule.MaxScheduledRuns ?? found.MaxScheduledRuns,
                Parameters = schedule.Parameters ?? new Dictionary<string, System.Text.Json.JsonElement>(),
                Slug = schedule.Slug,
            };
            await api.UpdateScheduleAsync(live.Id, found.Id, update, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task DeleteAsync(Guid deploymentId, IEnumerable<DeploymentSchedule> schedules, CancellationToken cancellationToken)
    {
        foreach (DeploymentSchedule schedule in schedules)
        {
            await api.DeleteScheduleAsync(deploymentId, schedule.Id, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool IsWanted(DeploymentSchedule live, IReadOnlyList<DeploymentScheduleCreate> wanted) =>
        live.Slug is { } slug ? wanted.Any(schedule => schedule.Slug == slug || schedule.Replaces == slug) : wanted.Any(schedule => schedule.Slug is null && schedule.Schedule == live.Schedule);

    /// <summary>A stable slug for each; but for one that is live without a slug, which a person made on Prefect's pages, and which stays as it is.</summary>
    private static IReadOnlyList<DeploymentScheduleCreate>? WithSlugs(IReadOnlyList<DeploymentScheduleCreate>? schedules, Deployment? live) =>
        schedules?.Select((schedule, index) => schedule.Slug is null && live?.Schedules.Any(other => other.Slug is null && other.Schedule == schedule.Schedule) != true
            ? schedule with { Slug = "schedule-" + (index + 1).ToString(CultureInfo.InvariantCulture) }
            : schedule).ToList();

    // Not sent: name and flow (they are the key), and labels, which PATCH refuses.
    private static DeploymentUpdate Update(DeploymentCreate wanted) => new()
    {
        Paused = wanted.Paused,
        Schedules = wanted.Schedules is not { Count: > 0 } schedules ? null : [.. schedules.Select(schedule => new DeploymentScheduleUpdate
        {
            Schedule = schedule.Schedule,
            Active = schedule.Active,
            MaxScheduledRuns = schedule.MaxScheduledRuns,
            Parameters = schedule.Parameters ?? new Dictionary<string, System.Text.Json.JsonElement>(),
            Slug = schedule.Slug,
            Replaces = schedule.Replaces,
        })],
        ConcurrencyLimit = wanted.ConcurrencyLimit,
        ConcurrencyOptions = wanted.ConcurrencyOptions,
        EnforceParameterSchema = wanted.EnforceParameterSchema,
        ParameterOpenapiSchema = wanted.ParameterOpenapiSchema,
        Parameters = wanted.Parameters,
        Tags = wanted.Tags,
        PullSteps = wanted.PullSteps,
        WorkPoolName = wanted.WorkPoolName,
        WorkQueueName = wanted.WorkQueueName,
        Description = wanted.Description,
        Path = wanted.Path,
        Version = wanted.Version,
        Entrypoint = wanted.Entrypoint,
        JobVariables = wanted.JobVariables,
    };
}

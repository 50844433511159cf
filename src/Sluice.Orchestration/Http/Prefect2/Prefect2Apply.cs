using System.Text.Json;
using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http.Prefect2;

/// <summary>
/// Applies a deployment to a Prefect 2 server. PATCH keeps what it does not name; a new schema or new pull steps go by POST, which may reset what it does
/// not name, so that it names everything, as it was read just before.
/// </summary>
internal sealed class Prefect2Apply(HttpOrchestrationApi api, HttpTransport transport)
{
    /// <summary>A deployment without what 2.10 has no place for and what no run depends on: the limit of runs at once, of which the publisher warns.</summary>
    /// <exception cref="OrchestrationException">Of kind Unsupported: it has what 2.10 has no place for and runs depend on.</exception>
    public static DeploymentApply Fitted(DeploymentApply apply)
    {
        try
        {
            DeploymentApply fitted = apply with { Deployment = apply.Deployment with { ConcurrencyLimit = null, ConcurrencyOptions = null } };
            Prefect2Dialect.Deployment(fitted.Deployment);
            return fitted;
        }
        catch (OrchestrationException error)
        {
            throw new OrchestrationException(error.Kind, $"{apply.FlowName}/{apply.Deployment.Name}: {error.Message}", error) { Field = error.Field };
        }
    }

    public async Task<DeploymentApplied> ApplyAsync(DeploymentApply apply, CancellationToken cancellationToken)
    {
        Flow flow = await api.EnsureFlowAsync(new FlowCreate { Name = apply.FlowName, Tags = apply.FlowTags }, cancellationToken).ConfigureAwait(false);
        DeploymentCreate wanted = apply.Deployment with { FlowId = flow.Id };
        Prefect2DeploymentBody body = Prefect2Dialect.Deployment(wanted);
        Prefect2Deployment? found = await api.FindPrefect2Async(apply.FlowName, wanted.Name, cancellationToken).ConfigureAwait(false);
        if (await Prefect2Infrastructure.IsForAgentsAsync(api, wanted.WorkPoolName, cancellationToken).ConfigureAwait(false))
        {
            Guid? block = await Prefect2Infrastructure.EnsureAsync(api, apply, found?.InfrastructureDocumentId, cancellationToken).ConfigureAwait(false);
            body = body with { InfrastructureDocumentId = block, InfraOverrides = block is null ? body.InfraOverrides : Prefect2Infrastructure.ToOverrides(body.InfraOverrides) };
        }

        if (found is not { } live)
        {
            Prefect2Deployment created = await transport.SendAsync(Post("/deployments/", body, Prefect2Json.Default.Prefect2DeploymentBody), Prefect2Json.Default.Prefect2Deployment, cancellationToken).ConfigureAwait(false);
            return new() { Id = created.Id, FlowId = flow.Id, Created = true };
        }

        Prefect2DeploymentPatch patch = new()
        {
            Version = body.Version,
            Description = body.Description,
            Schedule = wanted.Schedules is null ? null : body.Schedule,
            IsScheduleActive = body.IsScheduleActive,
            Parameters = wanted.Parameters,
            Tags = wanted.Tags is null ? null : body.Tags,
            WorkQueueName = body.WorkQueueName,
            WorkPoolName = body.WorkPoolName,
            Path = body.Path,
            Entrypoint = body.Entrypoint,
            InfraOverrides = body.InfraOverrides,
            InfrastructureDocumentId = body.InfrastructureDocumentId,
        };
        await UpdateAsync(live, patch, wanted.ParameterOpenapiSchema, wanted.PullSteps, cancellationToken).ConfigureAwait(false);
        return new() { Id = live.Id, FlowId = flow.Id, Created = false };
    }

    /// <summary>Changes a deployment, by PATCH where that can.</summary>
    public async Task UpdateAsync(Prefect2Deployment live, Prefect2DeploymentPatch patch, JsonElement? schema, JsonElement? pullSteps, CancellationToken cancellationToken)
    {
        ApiCall call = IsNew(schema, live.ParameterOpenapiSchema) || IsNew(pullSteps, live.PullSteps)
            ? Post("/deployments/", Prefect2Dialect.Replacement(live, patch, schema, pullSteps), Prefect2Json.Default.Prefect2DeploymentBody)
            : Patch($"/deployments/{live.Id}", patch, Prefect2Json.Default.Prefect2DeploymentPatch);
        await transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
    }

    private static bool IsNew(JsonElement? wanted, JsonElement? live) => wanted is { } one && !(live is { } other && JsonElement.DeepEquals(one, other));
}

using Sluice.Orchestration.Http.Prefect2;
using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http;

public sealed partial class HttpOrchestrationApi
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<DeploymentApplied>> ApplyAsync(DeploymentChanges changes, CancellationToken cancellationToken)
    {
        if (changes.IsEmpty)
        {
            return [];
        }

        ApiInfo server = await ProbeAsync(cancellationToken).ConfigureAwait(false);
        return server.IsSluice ? await ApplyAtOnceAsync(changes, cancellationToken).ConfigureAwait(false) : await ApplyToPrefectAsync(changes, server, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<DeploymentApplied>> ApplyAtOnceAsync(DeploymentChanges changes, CancellationToken cancellationToken)
    {
        ApiCall call = Post("/sluice/apply", changes, Json.DeploymentChanges);
        try
        {
            return await _transport.SendAsync(call, Json.IReadOnlyListDeploymentApplied, cancellationToken).ConfigureAwait(false);
        }
        catch (OrchestrationException error) when (error is { Kind: OrchestrationErrorKind.Invalid, Field: "body" } && error.Message.Contains("valid list", StringComparison.Ordinal))
        {
            throw new OrchestrationException(
                OrchestrationErrorKind.Unsupported, $"The Sluice server at {Endpoint.Url} is older than this program and takes lists of deployments only: update the server.", error);
        }
    }

    private async Task<IReadOnlyList<DeploymentApplied>> ApplyToPrefectAsync(DeploymentChanges changes, ApiInfo server, CancellationToken cancellationToken)
    {
        IReadOnlyList<DeploymentApply> deployments = changes.Deployments;
        Func<DeploymentApply, CancellationToken, Task<DeploymentApplied>> applyAsync = new PrefectApply(this).ApplyAsync;
        if (server.IsPrefect2)
        {
            // All before the first write: a deployment that 2.10 cannot have must not leave half of a publish behind.
            deployments = [.. deployments.Select(Prefect2Apply.Fitted)];
            applyAsync = new Prefect2Apply(this, _transport).ApplyAsync;
        }

        foreach (WorkPoolCreate pool in changes.WorkPools)
        {
            try
            {
                await CreateWorkPoolAsync(pool, cancellationToken).ConfigureAwait(false);
            }
            catch (OrchestrationException error) when (error.Kind == OrchestrationErrorKind.Conflict)
            {
                // It is there, and stays as it is.
            }
        }

        var applied = new List<DeploymentApplied>(deployments.Count);
        foreach (DeploymentApply apply in deployments)
        {
            applied.Add(await applyAsync(apply, cancellationToken).ConfigureAwait(false));
            if (apply.Id is { } old && old != applied[^1].Id)
            {
                await DeleteDeploymentAsync(old, cancellationToken).ConfigureAwait(false);
            }
        }

        foreach (Guid id in changes.Paused)
        {
            await SetDeploymentPausedAsync(id, true, cancellationToken).ConfigureAwait(false);
        }

        foreach (Guid id in changes.Deleted)
        {
            await DeleteDeploymentAsync(id, cancellationToken).ConfigureAwait(false);
        }

        return applied;
    }
}

using Sluice.Orchestration.Http.Applying;
using Sluice.Orchestration.Http.Prefect2;
using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http;

public sealed partial class HttpOrchestrationApi
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<DeploymentApplied>> ApplyAsync(DeploymentChanges changes, CancellationToken cancellationToken) => ApplyAsync(changes, null, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DeploymentApplied>> ApplyAsync(DeploymentChanges changes, IApplyJournal? journal, CancellationToken cancellationToken)
    {
        if (changes.IsEmpty)
        {
            return [];
        }

        ApiInfo server = await ProbeAsync(cancellationToken).ConfigureAwait(false);
        return server.IsSluice
            ? await ApplyAtOnceAsync(changes, cancellationToken).ConfigureAwait(false)
            : await Transaction(server).ApplyAsync(changes, journal, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<ApplyRecovery> RecoverAsync(string entry, bool? complete, IApplyJournal journal, CancellationToken cancellationToken)
    {
        ApplyEntry read = ApplyEntry.Parse(entry);
        ApiInfo server = await ProbeAsync(cancellationToken).ConfigureAwait(false);
        if (server.IsSluice || server.IsPrefect2 != read.IsPrefect2)
        {
            throw new OrchestrationException(OrchestrationErrorKind.Unsupported,
                $"The journal is of Prefect {(read.IsPrefect2 ? "2" : "3")}, and {Endpoint} is {(server.IsSluice ? "Sluice" : "Prefect")} {server.Version}: recover it at the server that it is of.");
        }

        return await Transaction(server).RecoverAsync(read, complete, journal, cancellationToken).ConfigureAwait(false);
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

    private PrefectTransaction Transaction(ApiInfo server)
    {
        PrefectGeneration generation = server.IsPrefect2 ? new Prefect2Apply(this, _transport) : new PrefectApply(this, _transport);
        return new(this, _transport, generation, new(_transport, this, generation), Time);
    }
}

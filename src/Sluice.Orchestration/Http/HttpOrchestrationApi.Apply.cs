using System.Globalization;
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
        ApiCall call = Post("/sluice/apply", changes, Json.DeploymentChanges) with { Headers = [(HttpTransport.ApplyHeader, HttpTransport.ApplyFormat.ToString(CultureInfo.InvariantCulture))] };
        try
        {
            return await _transport.SendAsync(call, Json.IReadOnlyListDeploymentApplied, cancellationToken).ConfigureAwait(false);
        }
        catch (OrchestrationException error) when (error is { Kind: OrchestrationErrorKind.Invalid, Field: "body" } && error.Message.Contains("valid list", StringComparison.Ordinal))
        {
            throw Older("takes lists of deployments only", error);
        }
        // A server refuses what it does not know, so that it applies no part of what was meant.
        catch (OrchestrationException error) when (error is { Kind: OrchestrationErrorKind.Invalid, Field: { } field } && error.Message.Contains("Extra inputs are not permitted", StringComparison.Ordinal))
        {
            throw Older($"does not know '{field}' of what is to be applied", error);
        }
    }

    private OrchestrationException Older(string what, OrchestrationException error) => new(
        OrchestrationErrorKind.Unsupported, $"The Sluice server at {Endpoint.Url}{(_info is { } server ? $" ({server.Version})" : "")} is older than this program and {what}: update the server. Nothing was changed.", error);

    private PrefectTransaction Transaction(ApiInfo server)
    {
        PrefectGeneration generation = server.IsPrefect2 ? new Prefect2Apply(this, _transport) : new PrefectApply(this, _transport);
        return new(this, _transport, generation, new(_transport, this, generation), Time);
    }
}

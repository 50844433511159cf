using Sluice.Orchestration.Http.Prefect2;
using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http;

public sealed partial class HttpOrchestrationApi
{
    /// <inheritdoc/>
    /// <remarks>Prefect 2 has no labels, and gets none.</remarks>
    public async Task<Flow> EnsureFlowAsync(FlowCreate flow, CancellationToken cancellationToken)
    {
        ApiCall call = flow.Labels is not null && await IsPrefect2Async(cancellationToken).ConfigureAwait(false)
            ? Post("/flows/", Prefect2Dialect.Flow(flow), Prefect2Json.Default.Prefect2FlowBody)
            : Post("/flows/", flow, Json.FlowCreate);
        return await _transport.SendAsync(call, Json.Flow, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<Flow?> ReadFlowAsync(Guid id, CancellationToken cancellationToken) =>
        _transport.FindAsync(Get($"/flows/{id}"), Json.Flow, cancellationToken);

    /// <inheritdoc/>
    public Task<Flow?> FindFlowAsync(string name, CancellationToken cancellationToken) =>
        _transport.FindAsync(Get($"/flows/name/{Segment(name)}"), Json.Flow, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Flow>> ListFlowsAsync(FlowsQuery query, CancellationToken cancellationToken)
    {
        await CheckAsync(query.Deployments, cancellationToken).ConfigureAwait(false);
        ApiCall call = query is not { Flows: null or { Deployment: null, Id: null or { NotAny: null } }, FlowRuns: null, Deployments: null } && await IsPrefect2Async(cancellationToken).ConfigureAwait(false)
            ? Post("/flows/filter", Prefect2Dialect.Query(query), Prefect2Json.Default.Prefect2Query)
            : Post("/flows/filter", query, Json.FlowsQuery);
        return await _transport.SendAsync(call, Json.IReadOnlyListFlow, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task UpdateFlowAsync(Guid id, FlowUpdate update, CancellationToken cancellationToken) =>
        _transport.SendAsync(Patch($"/flows/{id}", update, Json.FlowUpdate), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteFlowAsync(Guid id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(Delete($"/flows/{id}"), cancellationToken);
}

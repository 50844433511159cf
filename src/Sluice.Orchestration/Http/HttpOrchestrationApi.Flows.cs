using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http;

public sealed partial class HttpOrchestrationApi
{
    /// <inheritdoc/>
    public Task<Flow> EnsureFlowAsync(FlowCreate flow, CancellationToken cancellationToken) =>
        _transport.SendAsync(Post("/flows/", flow, Json.FlowCreate), Json.Flow, cancellationToken);

    /// <inheritdoc/>
    public Task<Flow?> ReadFlowAsync(Guid id, CancellationToken cancellationToken) =>
        _transport.FindAsync(Get($"/flows/{id}"), Json.Flow, cancellationToken);

    /// <inheritdoc/>
    public Task<Flow?> FindFlowAsync(string name, CancellationToken cancellationToken) =>
        _transport.FindAsync(Get($"/flows/name/{Segment(name)}"), Json.Flow, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Flow>> ListFlowsAsync(FlowsQuery query, CancellationToken cancellationToken) =>
        _transport.SendAsync(Post("/flows/filter", query, Json.FlowsQuery), Json.IReadOnlyListFlow, cancellationToken);

    /// <inheritdoc/>
    public Task UpdateFlowAsync(Guid id, FlowUpdate update, CancellationToken cancellationToken) =>
        _transport.SendAsync(Patch($"/flows/{id}", update, Json.FlowUpdate), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteFlowAsync(Guid id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(Delete($"/flows/{id}"), cancellationToken);
}

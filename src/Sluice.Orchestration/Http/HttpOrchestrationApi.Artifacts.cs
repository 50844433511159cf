using Sluice.Orchestration.Http.Prefect2;
using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http;

public sealed partial class HttpOrchestrationApi
{
    /// <inheritdoc/>
    public Task<Artifact> CreateArtifactAsync(ArtifactCreate artifact, CancellationToken cancellationToken) =>
        _transport.SendAsync(PostOnce("/artifacts/", artifact, Json.ArtifactCreate), Json.Artifact, cancellationToken);

    /// <inheritdoc/>
    public Task<Artifact?> ReadArtifactAsync(Guid id, CancellationToken cancellationToken) =>
        _transport.FindAsync(Get($"/artifacts/{id}"), Json.Artifact, cancellationToken);

    /// <inheritdoc/>
    public Task<Artifact?> FindLatestArtifactAsync(string key, CancellationToken cancellationToken) =>
        _transport.FindAsync(Get($"/artifacts/{Segment(key)}/latest"), Json.Artifact, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Artifact>> ListArtifactsAsync(ArtifactsQuery query, CancellationToken cancellationToken)
    {
        await CheckAsync(query.Deployments, cancellationToken).ConfigureAwait(false);
        ApiCall call = query is not { Flows: null, FlowRuns: null, Deployments: null } && await IsPrefect2Async(cancellationToken).ConfigureAwait(false)
            ? Post("/artifacts/filter", Prefect2Dialect.Query(query), Prefect2Json.Default.Prefect2ArtifactsQuery)
            : Post("/artifacts/filter", query, Json.ArtifactsQuery);
        return await _transport.SendAsync(call, Json.IReadOnlyListArtifact, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task UpdateArtifactAsync(Guid id, ArtifactUpdate update, CancellationToken cancellationToken) =>
        _transport.SendAsync(Patch($"/artifacts/{id}", update, Json.ArtifactUpdate), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteArtifactAsync(Guid id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(Delete($"/artifacts/{id}"), cancellationToken);
}

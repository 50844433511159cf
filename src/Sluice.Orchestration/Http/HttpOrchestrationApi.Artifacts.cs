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
    public Task<IReadOnlyList<Artifact>> ListArtifactsAsync(ArtifactsQuery query, CancellationToken cancellationToken) =>
        _transport.SendAsync(Post("/artifacts/filter", query, Json.ArtifactsQuery), Json.IReadOnlyListArtifact, cancellationToken);

    /// <inheritdoc/>
    public Task UpdateArtifactAsync(Guid id, ArtifactUpdate update, CancellationToken cancellationToken) =>
        _transport.SendAsync(Patch($"/artifacts/{id}", update, Json.ArtifactUpdate), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteArtifactAsync(Guid id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(Delete($"/artifacts/{id}"), cancellationToken);
}

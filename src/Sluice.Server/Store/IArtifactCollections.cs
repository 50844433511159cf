using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>What only Prefect's clients ask of artifacts: numbers of them, and the newest of each key.</summary>
internal interface IArtifactCollections
{
    Task<int> CountArtifactsAsync(ArtifactsQuery query, CancellationToken cancellationToken);

    Task<IReadOnlyList<ArtifactCollection>> ListLatestArtifactsAsync(ArtifactsQuery query, CancellationToken cancellationToken);

    Task<int> CountLatestArtifactsAsync(ArtifactsQuery query, CancellationToken cancellationToken);
}

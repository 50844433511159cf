using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Server.Store;

/// <summary>All artifacts of one key, seen as the newest of them.</summary>
internal sealed record ArtifactCollection
{
    public required Guid Id { get; init; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset Updated { get; init; }

    public required string Key { get; init; }

    public required Guid LatestId { get; init; }

    public string? Type { get; init; }

    public string? Description { get; init; }

    public JsonElement? Data { get; init; }

    [JsonPropertyName("metadata_")] public IReadOnlyDictionary<string, JsonElement>? Metadata { get; init; }

    public Guid? FlowRunId { get; init; }

    public Guid? TaskRunId { get; init; }
}

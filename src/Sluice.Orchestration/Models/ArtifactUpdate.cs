using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Orchestration;

/// <summary>The body that changes an artifact, as a progress does. Null members are absent and keep their value.</summary>
public sealed record ArtifactUpdate
{
    /// <summary>What it shows.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>For people, in Markdown.</summary>
    public string? Description { get; init; }

    /// <summary>Free data beside it.</summary>
    [JsonPropertyName("metadata_")] public IReadOnlyDictionary<string, JsonElement>? Metadata { get; init; }
}

using System.Text.Json.Serialization;

namespace Sluice.Orchestration;

/// <summary>Matches keys.</summary>
public sealed record KeyFilter
{
    /// <summary>One of these.</summary>
    [JsonPropertyName("any_")] public IReadOnlyList<string>? Any { get; init; }

    /// <summary>Contains this, without regard to case.</summary>
    [JsonPropertyName("like_")] public string? Like { get; init; }

    /// <summary>Has one (true) or has none (false).</summary>
    [JsonPropertyName("exists_")] public bool? Exists { get; init; }
}

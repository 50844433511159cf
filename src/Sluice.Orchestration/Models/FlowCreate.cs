using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>The body that creates a flow.</summary>
public sealed record FlowCreate
{
    /// <summary>Its unique name.</summary>
    public required string Name { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Its labels: strings, numbers or booleans.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Labels { get; init; }
}

using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>A proposed state.</summary>
public sealed record StateCreate
{
    /// <summary>Its kind.</summary>
    public required StateType Type { get; init; }

    /// <summary>Its name; the kind's when absent.</summary>
    public string? Name { get; init; }

    /// <summary>For people.</summary>
    public string? Message { get; init; }

    /// <summary>The result or its reference, see <see cref="ResultData"/>.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>Details.</summary>
    public StateDetails? StateDetails { get; init; }
}

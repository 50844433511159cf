using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>A state that a run is or was in.</summary>
public sealed record State
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its kind.</summary>
    public required StateType Type { get; init; }

    /// <summary>Its name: the kind's by default, else as <c>Late</c> or <c>AwaitingRetry</c>.</summary>
    public string? Name { get; init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>For people.</summary>
    public string? Message { get; init; }

    /// <summary>The result or its reference, see <see cref="ResultData"/>.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>Details.</summary>
    public StateDetails StateDetails { get; init; } = new();
}

using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>The body that creates a work pool.</summary>
public sealed record WorkPoolCreate
{
    /// <summary>Its unique name; names that begin with <c>prefect</c> are reserved.</summary>
    public required string Name { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>The workers' type; <c>dotnet</c> when absent.</summary>
    public string? Type { get; init; }

    /// <summary>Prefect's job template.</summary>
    public JsonElement? BaseJobTemplate { get; init; }

    /// <summary>Whether its runs are held back.</summary>
    public bool? IsPaused { get; init; }

    /// <summary>How many of its runs may be pending or running at once.</summary>
    public int? ConcurrencyLimit { get; init; }
}

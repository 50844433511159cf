using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>A work pool: queues that workers of one type serve.</summary>
public sealed record WorkPool
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset Updated { get; init; }

    /// <summary>Its unique name.</summary>
    public required string Name { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>The workers' type, as <c>dotnet</c>, <c>process</c> or <c>prefect-agent</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Prefect's job template.</summary>
    public JsonElement BaseJobTemplate { get; init; }

    /// <summary>Whether its runs are held back.</summary>
    public bool IsPaused { get; init; }

    /// <summary>How many of its runs may be pending or running at once.</summary>
    public int? ConcurrencyLimit { get; init; }

    /// <summary>How many of its runs are pending or running, where it has a limit.</summary>
    public int? ActiveSlots { get; init; }

    /// <summary><c>READY</c>, <c>NOT_READY</c> or <c>PAUSED</c>.</summary>
    public string? Status { get; init; }

    /// <summary>Its queue <c>default</c>.</summary>
    public Guid? DefaultQueueId { get; init; }
}

namespace Sluice.Orchestration;

/// <summary>The body that creates a queue.</summary>
public sealed record WorkQueueCreate
{
    /// <summary>Its name, unique in the pool.</summary>
    public required string Name { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>Whether its runs are held back.</summary>
    public bool? IsPaused { get; init; }

    /// <summary>How many of its runs may be pending or running at once.</summary>
    public int? ConcurrencyLimit { get; init; }

    /// <summary>1 is served first.</summary>
    public int? Priority { get; init; }
}

namespace Sluice.Orchestration;

/// <summary>A queue of a work pool.</summary>
public sealed record WorkQueue
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset Updated { get; init; }

    /// <summary>Its name, unique in the pool.</summary>
    public required string Name { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>Whether its runs are held back.</summary>
    public bool IsPaused { get; init; }

    /// <summary>How many of its runs may be pending or running at once.</summary>
    public int? ConcurrencyLimit { get; init; }

    /// <summary>1 is served first; unique in the pool.</summary>
    public int Priority { get; init; }

    /// <summary>Its pool.</summary>
    public Guid? WorkPoolId { get; init; }

    /// <summary>Name of its pool.</summary>
    public string? WorkPoolName { get; init; }

    /// <summary>When a worker last asked for its runs.</summary>
    public DateTimeOffset? LastPolled { get; init; }

    /// <summary>How many of its runs are pending or running, where it has a limit.</summary>
    public int? ActiveSlots { get; init; }

    /// <summary><c>READY</c>, <c>NOT_READY</c> or <c>PAUSED</c>.</summary>
    public string? Status { get; init; }
}

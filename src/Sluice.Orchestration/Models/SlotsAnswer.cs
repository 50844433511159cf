namespace Sluice.Orchestration;

/// <summary>What became of asking for slots.</summary>
public sealed record SlotsAnswer
{
    /// <summary>Whether the slots are held now.</summary>
    public required bool Acquired { get; init; }

    /// <summary>What renews and frees the slots, where they were asked for with a lease.</summary>
    public Guid? LeaseId { get; init; }

    /// <summary>The limits that exist of those named; empty where they were refused.</summary>
    public IReadOnlyList<SlotsLimit> Limits { get; init; } = [];

    /// <summary>When to ask again, where they were refused.</summary>
    public TimeSpan RetryAfter { get; init; }
}

/// <summary>A concurrency limit as those who take its slots see it.</summary>
public sealed record SlotsLimit
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>How many slots it has.</summary>
    public required int Limit { get; init; }
}

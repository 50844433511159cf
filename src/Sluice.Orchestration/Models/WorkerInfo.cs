namespace Sluice.Orchestration;

/// <summary>A worker of a pool.</summary>
public sealed record WorkerInfo
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its pool.</summary>
    public Guid WorkPoolId { get; init; }

    /// <summary>Its last sign of life.</summary>
    public DateTimeOffset? LastHeartbeatTime { get; init; }

    /// <summary>How often it says so.</summary>
    public int? HeartbeatIntervalSeconds { get; init; }

    /// <summary>What it can reach, as it said last; null where it did not say (and on a Prefect server).</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary><c>ONLINE</c>, or <c>OFFLINE</c> after three intervals of silence.</summary>
    public required string Status { get; init; }
}

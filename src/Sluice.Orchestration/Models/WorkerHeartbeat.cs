namespace Sluice.Orchestration;

/// <summary>A worker's sign of life.</summary>
public sealed record WorkerHeartbeat
{
    /// <summary>The worker's name, unique in the pool.</summary>
    public required string Name { get; init; }

    /// <summary>How often it says so.</summary>
    public int? HeartbeatIntervalSeconds { get; init; }
}

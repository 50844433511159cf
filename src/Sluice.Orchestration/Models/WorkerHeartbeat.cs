namespace Sluice.Orchestration;

/// <summary>A worker's sign of life.</summary>
public sealed record WorkerHeartbeat
{
    /// <summary>The worker's name, unique in the pool.</summary>
    public required string Name { get; init; }

    /// <summary>How often it says so.</summary>
    public int? HeartbeatIntervalSeconds { get; init; }

    /// <summary>What it can reach: its host, storage systems as <c>s3-flow-storage</c>, labels of its own. Sluice's own; not sent to a Prefect server.</summary>
    public IReadOnlyList<string>? Labels { get; init; }
}

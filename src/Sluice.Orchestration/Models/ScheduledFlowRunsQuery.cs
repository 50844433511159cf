namespace Sluice.Orchestration;

/// <summary>What a worker asks for.</summary>
public sealed record ScheduledFlowRunsQuery
{
    /// <summary>Only these queues; all when null or empty.</summary>
    public IReadOnlyList<string>? WorkQueueNames { get; init; }

    /// <summary>Due at or before this time.</summary>
    public DateTimeOffset? ScheduledBefore { get; init; }

    /// <summary>Due at or after this time.</summary>
    public DateTimeOffset? ScheduledAfter { get; init; }

    /// <summary>At most so many, 1 to 200.</summary>
    public int? Limit { get; init; }

    /// <summary>Without runs of these deployments, whose packages the worker cannot reach. Sluice's own; not sent to a Prefect server.</summary>
    public IReadOnlyList<Guid>? WithoutDeployments { get; init; }
}

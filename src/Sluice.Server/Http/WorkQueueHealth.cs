namespace Sluice.Server.Http;

/// <summary>What <c>/work_queues/{id}/status</c> answers.</summary>
internal sealed record WorkQueueHealth
{
    public required bool Healthy { get; init; }

    public required int LateRunsCount { get; init; }

    public DateTimeOffset? LastPolled { get; init; }

    public required WorkQueueHealthPolicy HealthCheckPolicy { get; init; }
}

/// <summary>When a queue counts as healthy.</summary>
internal sealed record WorkQueueHealthPolicy
{
    public required int MaximumLateRuns { get; init; }

    public required int MaximumSecondsSinceLastPolled { get; init; }
}

namespace Sluice.Orchestration;

/// <summary>A run that a worker may start.</summary>
public sealed record WorkerFlowRun
{
    /// <summary>Its pool.</summary>
    public required Guid WorkPoolId { get; init; }

    /// <summary>Its queue.</summary>
    public required Guid WorkQueueId { get; init; }

    /// <summary>The run.</summary>
    public required FlowRun FlowRun { get; init; }
}

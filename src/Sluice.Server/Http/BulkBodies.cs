using Sluice.Orchestration;

namespace Sluice.Server.Http;

/// <summary>The body of <c>/flows/bulk_delete</c>, <c>/deployments/bulk_delete</c> and <c>/flow_runs/bulk_delete</c>, each with its own filter.</summary>
internal sealed record BulkDelete
{
    public FlowFilter? Flows { get; init; }

    public DeploymentFilter? Deployments { get; init; }

    public FlowRunFilter? FlowRuns { get; init; }

    public int? Limit { get; init; }
}

/// <summary>What they answer.</summary>
internal sealed record BulkDeleted
{
    public required IReadOnlyList<Guid> Deleted { get; init; }
}

/// <summary>The body of <c>/flow_runs/bulk_set_state</c>.</summary>
internal sealed record BulkSetState
{
    public FlowRunFilter? FlowRuns { get; init; }

    public required StateCreate State { get; init; }

    public bool? Force { get; init; }

    public int? Limit { get; init; }
}

/// <summary>What it answers.</summary>
internal sealed record BulkStatesSet
{
    public required IReadOnlyList<BulkStateSet> Results { get; init; }
}

/// <summary>What became of one proposal.</summary>
internal sealed record BulkStateSet
{
    public required Guid FlowRunId { get; init; }

    public required SetStateStatus Status { get; init; }

    public State? State { get; init; }

    public required OrchestrationDetails Details { get; init; }
}

/// <summary>What <c>/deployments/{id}/create_flow_run/bulk</c> answers.</summary>
internal sealed record BulkRunsCreated
{
    public required IReadOnlyList<BulkRunCreated> Results { get; init; }
}

/// <summary>What became of one of the runs.</summary>
internal sealed record BulkRunCreated
{
    public Guid? FlowRunId { get; init; }

    /// <summary><c>CREATED</c> or <c>FAILED</c>.</summary>
    public required string Status { get; init; }

    public string? Error { get; init; }
}

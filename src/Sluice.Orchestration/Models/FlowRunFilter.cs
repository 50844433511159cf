namespace Sluice.Orchestration;

/// <summary>Matches flow runs; all parts must match.</summary>
public sealed record FlowRunFilter
{
    /// <summary>How the parts are joined; all must match when absent.</summary>
    public FilterOperator? Operator { get; init; }

    /// <summary>By id.</summary>
    public IdFilter? Id { get; init; }

    /// <summary>By name.</summary>
    public NameFilter? Name { get; init; }

    /// <summary>By tags.</summary>
    public TagsFilter? Tags { get; init; }

    /// <summary>By deployment.</summary>
    public IdFilter? DeploymentId { get; init; }

    /// <summary>By queue.</summary>
    public NameFilter? WorkQueueName { get; init; }

    /// <summary>By current state.</summary>
    public StateFilter? State { get; init; }

    /// <summary>By flow version.</summary>
    public NameFilter? FlowVersion { get; init; }

    /// <summary>By start.</summary>
    public TimeFilter? StartTime { get; init; }

    /// <summary>By end.</summary>
    public TimeFilter? EndTime { get; init; }

    /// <summary>By expected start.</summary>
    public TimeFilter? ExpectedStartTime { get; init; }

    /// <summary>By due time.</summary>
    public TimeFilter? NextScheduledStartTime { get; init; }

    /// <summary>By idempotency key.</summary>
    public NameFilter? IdempotencyKey { get; init; }

    /// <summary>By the flow run that started it.</summary>
    public IdFilter? ParentFlowRunId { get; init; }

    /// <summary>By the task run that stands for it in the flow run that started it.</summary>
    public IdFilter? ParentTaskRunId { get; init; }

    /// <summary>By who created it.</summary>
    public CreatorFilter? CreatedBy { get; init; }
}

namespace Sluice.Orchestration.Http.Prefect2;

/// <summary>The body of 2.10's <c>/flows/filter</c>, <c>/deployments/filter</c> and <c>/flow_runs/filter</c>.</summary>
internal sealed record Prefect2Query
{
    public string? Sort { get; init; }

    public FlowFilter? Flows { get; init; }

    public FlowRunFilter? FlowRuns { get; init; }

    public Prefect2DeploymentFilter? Deployments { get; init; }

    public WorkPoolFilter? WorkPools { get; init; }

    public WorkQueueFilter? WorkPoolQueues { get; init; }

    public int? Limit { get; init; }

    public int? Offset { get; init; }
}

/// <summary>The body of 2.10's <c>/artifacts/filter</c>.</summary>
internal sealed record Prefect2ArtifactsQuery
{
    public string? Sort { get; init; }

    public ArtifactFilter? Artifacts { get; init; }

    public FlowRunFilter? FlowRuns { get; init; }

    public FlowFilter? Flows { get; init; }

    public Prefect2DeploymentFilter? Deployments { get; init; }

    public int? Limit { get; init; }

    public int? Offset { get; init; }
}

/// <summary>2.10's filter of deployments.</summary>
internal sealed record Prefect2DeploymentFilter
{
    public FilterOperator? Operator { get; init; }

    public IdFilter? Id { get; init; }

    public NameFilter? Name { get; init; }

    public FlagFilter? IsScheduleActive { get; init; }

    public TagsFilter? Tags { get; init; }

    public NameFilter? WorkQueueName { get; init; }
}

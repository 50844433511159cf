namespace Sluice.Orchestration;

/// <summary>A list of deployments, in the body of Prefect's <c>/deployments/filter</c>.</summary>
public sealed record DeploymentsQuery
{
    /// <summary><c>NAME_ASC</c> (default), <c>NAME_DESC</c>, <c>CREATED_DESC</c>, <c>UPDATED_DESC</c>.</summary>
    public string? Sort { get; init; }

    /// <summary>Of these flows.</summary>
    public FlowFilter? Flows { get; init; }

    /// <summary>With these runs.</summary>
    public FlowRunFilter? FlowRuns { get; init; }

    /// <summary>Of these deployments.</summary>
    public DeploymentFilter? Deployments { get; init; }

    /// <summary>In these pools.</summary>
    public WorkPoolFilter? WorkPools { get; init; }

    /// <summary>In these queues.</summary>
    public WorkQueueFilter? WorkPoolQueues { get; init; }

    /// <summary>At most so many, 1 to 200; 200 when absent.</summary>
    public int? Limit { get; init; }

    /// <summary>Skip so many.</summary>
    public int? Offset { get; init; }
}

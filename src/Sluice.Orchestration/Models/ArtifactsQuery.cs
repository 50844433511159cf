namespace Sluice.Orchestration;

/// <summary>A list of artifacts, in the body of Prefect's <c>/artifacts/filter</c>.</summary>
public sealed record ArtifactsQuery
{
    /// <summary><c>ID_DESC</c> (default), <c>CREATED_DESC</c>, <c>UPDATED_DESC</c>, <c>KEY_ASC</c>, <c>KEY_DESC</c>.</summary>
    public string? Sort { get; init; }

    /// <summary>These artifacts.</summary>
    public ArtifactFilter? Artifacts { get; init; }

    /// <summary>Of these flow runs.</summary>
    public FlowRunFilter? FlowRuns { get; init; }

    /// <summary>Of runs of these flows.</summary>
    public FlowFilter? Flows { get; init; }

    /// <summary>Of runs of these deployments.</summary>
    public DeploymentFilter? Deployments { get; init; }

    /// <summary>At most so many, 1 to 200; 200 when absent.</summary>
    public int? Limit { get; init; }

    /// <summary>Skip so many.</summary>
    public int? Offset { get; init; }
}

/// <summary>Matches artifacts; all parts must match.</summary>
public sealed record ArtifactFilter
{
    /// <summary>By id.</summary>
    public IdFilter? Id { get; init; }

    /// <summary>By key.</summary>
    public KeyFilter? Key { get; init; }

    /// <summary>By flow run.</summary>
    public IdFilter? FlowRunId { get; init; }

    /// <summary>By task run.</summary>
    public IdFilter? TaskRunId { get; init; }

    /// <summary>By type: one of these, or none of these.</summary>
    public NameFilter? Type { get; init; }
}

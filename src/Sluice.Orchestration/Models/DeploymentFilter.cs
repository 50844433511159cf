namespace Sluice.Orchestration;

/// <summary>Matches deployments; all parts must match.</summary>
public sealed record DeploymentFilter
{
    /// <summary>How the parts are joined; all must match when absent.</summary>
    public FilterOperator? Operator { get; init; }

    /// <summary>By id.</summary>
    public IdFilter? Id { get; init; }

    /// <summary>By name.</summary>
    public NameFilter? Name { get; init; }

    /// <summary>By the name of flow or deployment (<c>like_</c>).</summary>
    public NameFilter? FlowOrDeploymentName { get; init; }

    /// <summary>By pause.</summary>
    public FlagFilter? Paused { get; init; }

    /// <summary>By tags.</summary>
    public TagsFilter? Tags { get; init; }

    /// <summary>By queue.</summary>
    public NameFilter? WorkQueueName { get; init; }

    /// <summary>By labels. Sluice's own: Prefect's servers do not filter by them, and a query that asks for it is not sent there.</summary>
    public LabelsFilter? Labels { get; init; }

    /// <summary>By its concurrency limit.</summary>
    public NumberFilter? ConcurrencyLimit { get; init; }
}

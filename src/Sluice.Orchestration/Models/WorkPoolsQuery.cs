namespace Sluice.Orchestration;

/// <summary>A list of work pools, in the body of Prefect's <c>/work_pools/filter</c>.</summary>
public sealed record WorkPoolsQuery
{
    /// <summary>These pools.</summary>
    public WorkPoolFilter? WorkPools { get; init; }

    /// <summary>At most so many, 1 to 200; 200 when absent.</summary>
    public int? Limit { get; init; }

    /// <summary>Skip so many.</summary>
    public int? Offset { get; init; }
}

namespace Sluice.Orchestration;

/// <summary>Matches queues; all parts must match.</summary>
public sealed record WorkQueueFilter
{
    /// <summary>How the parts are joined; all must match when absent.</summary>
    public FilterOperator? Operator { get; init; }

    /// <summary>By id.</summary>
    public IdFilter? Id { get; init; }

    /// <summary>By name.</summary>
    public NameFilter? Name { get; init; }
}

namespace Sluice.Orchestration;

/// <summary>Matches the current state; both parts must match.</summary>
public sealed record StateFilter
{
    /// <summary>How the parts are joined; all must match when absent.</summary>
    public FilterOperator? Operator { get; init; }

    /// <summary>By kind.</summary>
    public StateTypeFilter? Type { get; init; }

    /// <summary>By name.</summary>
    public NameFilter? Name { get; init; }
}

namespace Sluice.Orchestration;

/// <summary>Matches work pools; all parts must match.</summary>
public sealed record WorkPoolFilter
{
    /// <summary>How the parts are joined; all must match when absent.</summary>
    public FilterOperator? Operator { get; init; }

    /// <summary>By id.</summary>
    public IdFilter? Id { get; init; }

    /// <summary>By name.</summary>
    public NameFilter? Name { get; init; }

    /// <summary>By type.</summary>
    public NameFilter? Type { get; init; }
}

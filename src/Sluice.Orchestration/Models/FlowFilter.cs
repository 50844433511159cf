namespace Sluice.Orchestration;

/// <summary>Matches flows; all parts must match.</summary>
public sealed record FlowFilter
{
    /// <summary>How the parts are joined; all must match when absent.</summary>
    public FilterOperator? Operator { get; init; }

    /// <summary>By id.</summary>
    public IdFilter? Id { get; init; }

    /// <summary>By name.</summary>
    public NameFilter? Name { get; init; }

    /// <summary>By tags.</summary>
    public TagsFilter? Tags { get; init; }

    /// <summary>By whether it has deployments: <c>is_null_</c> true finds flows without.</summary>
    public PresenceFilter? Deployment { get; init; }
}

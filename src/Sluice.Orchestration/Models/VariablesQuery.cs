namespace Sluice.Orchestration;

/// <summary>A list of variables by name, in the body of Prefect's <c>/variables/filter</c>.</summary>
public sealed record VariablesQuery
{
    /// <summary><c>NAME_ASC</c> (the default), <c>NAME_DESC</c>, <c>CREATED_DESC</c>, <c>UPDATED_DESC</c>.</summary>
    public string? Sort { get; init; }

    /// <summary>These variables.</summary>
    public VariableFilter? Variables { get; init; }

    /// <summary>At most so many, 1 to 200; 200 when absent.</summary>
    public int? Limit { get; init; }

    /// <summary>Skip so many.</summary>
    public int? Offset { get; init; }
}

/// <summary>Matches variables; all parts must match.</summary>
public sealed record VariableFilter
{
    /// <summary>How the parts are joined; all must match when absent.</summary>
    public FilterOperator? Operator { get; init; }

    /// <summary>By id.</summary>
    public IdFilter? Id { get; init; }

    /// <summary>By name.</summary>
    public NameFilter? Name { get; init; }

    /// <summary>By tags.</summary>
    public TagsFilter? Tags { get; init; }
}

namespace Sluice.Orchestration;

/// <summary>Matches flows; all parts must match.</summary>
public sealed record FlowFilter
{
    /// <summary>By id.</summary>
    public IdFilter? Id { get; init; }

    /// <summary>By name.</summary>
    public NameFilter? Name { get; init; }

    /// <summary>By tags.</summary>
    public TagsFilter? Tags { get; init; }
}

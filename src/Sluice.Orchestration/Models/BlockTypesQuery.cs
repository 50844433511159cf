namespace Sluice.Orchestration;

/// <summary>A list of block types, in the body of Prefect's <c>/block_types/filter</c>.</summary>
public sealed record BlockTypesQuery
{
    /// <summary>These types.</summary>
    public BlockTypeFilter? BlockTypes { get; init; }

    /// <summary>At most so many, 1 to 200; 200 when absent.</summary>
    public int? Limit { get; init; }

    /// <summary>Skip so many.</summary>
    public int? Offset { get; init; }
}

/// <summary>Matches block types.</summary>
public sealed record BlockTypeFilter
{
    /// <summary>By slug.</summary>
    public NameFilter? Slug { get; init; }
}

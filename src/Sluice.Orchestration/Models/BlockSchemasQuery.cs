namespace Sluice.Orchestration;

/// <summary>A list of block schemas, newest first, in the body of Prefect's <c>/block_schemas/filter</c>.</summary>
public sealed record BlockSchemasQuery
{
    /// <summary>These schemas.</summary>
    public BlockSchemaFilter? BlockSchemas { get; init; }

    /// <summary>At most so many, 1 to 200; 200 when absent.</summary>
    public int? Limit { get; init; }

    /// <summary>Skip so many.</summary>
    public int? Offset { get; init; }
}

/// <summary>Matches block schemas; all parts must match.</summary>
public sealed record BlockSchemaFilter
{
    /// <summary>By id.</summary>
    public IdFilter? Id { get; init; }

    /// <summary>By type.</summary>
    public IdFilter? BlockTypeId { get; init; }
}

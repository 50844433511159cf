namespace Sluice.Orchestration;

/// <summary>A list of named blocks by name, in the body of Prefect's <c>/block_documents/filter</c>.</summary>
public sealed record BlockDocumentsQuery
{
    /// <summary>These blocks; absent, those that are not anonymous.</summary>
    public BlockDocumentFilter? BlockDocuments { get; init; }

    /// <summary>Of these types.</summary>
    public BlockTypeFilter? BlockTypes { get; init; }

    /// <summary>Whether secrets are included.</summary>
    public bool? IncludeSecrets { get; init; }

    /// <summary>At most so many, 1 to 200; 200 when absent.</summary>
    public int? Limit { get; init; }

    /// <summary>Skip so many.</summary>
    public int? Offset { get; init; }
}

/// <summary>Matches named blocks; all parts must match.</summary>
public sealed record BlockDocumentFilter
{
    /// <summary>By id.</summary>
    public IdFilter? Id { get; init; }

    /// <summary>By type.</summary>
    public IdFilter? BlockTypeId { get; init; }

    /// <summary>By name.</summary>
    public NameFilter? Name { get; init; }

    /// <summary>Whether a program made it for one use; absent, only those that are not.</summary>
    public FlagFilter? IsAnonymous { get; init; }
}

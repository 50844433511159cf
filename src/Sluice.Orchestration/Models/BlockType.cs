namespace Sluice.Orchestration;

/// <summary>A kind of named blocks, as <c>s3</c> or <c>secret</c>.</summary>
public sealed record BlockType
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset Updated { get; init; }

    /// <summary>Its unique name for people, as <c>Remote File System</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its unique name in texts, as <c>remote-file-system</c>.</summary>
    public required string Slug { get; init; }

    /// <summary>A picture for Prefect's pages.</summary>
    public string? LogoUrl { get; init; }

    /// <summary>Where it is explained.</summary>
    public string? DocumentationUrl { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>For people.</summary>
    public string? CodeExample { get; init; }

    /// <summary>Whether it belongs to the server and cannot be deleted.</summary>
    public bool IsProtected { get; init; }
}

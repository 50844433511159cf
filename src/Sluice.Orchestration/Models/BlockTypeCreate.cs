namespace Sluice.Orchestration;

/// <summary>The body that creates a block type.</summary>
public sealed record BlockTypeCreate
{
    /// <summary>Its unique name for people; names that begin with <c>prefect</c> are reserved.</summary>
    public required string Name { get; init; }

    /// <summary>Its unique name in texts: lower-case letters, digits and dashes.</summary>
    public required string Slug { get; init; }

    /// <summary>A picture for Prefect's pages.</summary>
    public string? LogoUrl { get; init; }

    /// <summary>Where it is explained.</summary>
    public string? DocumentationUrl { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>For people.</summary>
    public string? CodeExample { get; init; }
}

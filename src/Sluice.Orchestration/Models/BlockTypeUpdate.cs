namespace Sluice.Orchestration;

/// <summary>The body that changes a block type. Null members are absent and keep their value.</summary>
public sealed record BlockTypeUpdate
{
    /// <summary>A picture for Prefect's pages.</summary>
    public string? LogoUrl { get; init; }

    /// <summary>Where it is explained.</summary>
    public string? DocumentationUrl { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>For people.</summary>
    public string? CodeExample { get; init; }
}

using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>The body that creates a variable.</summary>
public sealed record VariableCreate
{
    /// <summary>Its unique name: lower-case letters, digits, dashes and underscores, at most 255.</summary>
    public required string Name { get; init; }

    /// <summary>Any JSON value of at most 5,000 characters. A Prefect 2 server gets its text.</summary>
    public required JsonElement Value { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string>? Tags { get; init; }
}

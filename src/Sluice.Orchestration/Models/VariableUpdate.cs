using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>The body that changes a variable. Null members are absent and keep their value.</summary>
public sealed record VariableUpdate
{
    /// <summary>Its unique name.</summary>
    public string? Name { get; init; }

    /// <summary>Any JSON value of at most 5,000 characters. A Prefect 2 server gets its text.</summary>
    public JsonElement? Value { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string>? Tags { get; init; }
}

using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>The body that changes a run. Null members are absent and keep their value.</summary>
public sealed record FlowRunUpdate
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>Version of the flow program.</summary>
    public string? FlowVersion { get; init; }

    /// <summary>Its parameters.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Parameters { get; init; }

    /// <summary>Retries.</summary>
    public FlowRunPolicy? EmpiricalPolicy { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Where it runs.</summary>
    public string? InfrastructurePid { get; init; }

    /// <summary>Settings for the infrastructure.</summary>
    public IReadOnlyDictionary<string, JsonElement>? JobVariables { get; init; }
}

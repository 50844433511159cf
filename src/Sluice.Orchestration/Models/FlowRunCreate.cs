using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>The body that creates a run without asking a deployment.</summary>
public sealed record FlowRunCreate
{
    /// <summary>Its first state: PENDING when absent.</summary>
    public StateCreate? State { get; init; }

    /// <summary>Its name; made up when absent.</summary>
    public string? Name { get; init; }

    /// <summary>Its flow.</summary>
    public required Guid FlowId { get; init; }

    /// <summary>Its deployment.</summary>
    public Guid? DeploymentId { get; init; }

    /// <summary>Version of the flow program.</summary>
    public string? FlowVersion { get; init; }

    /// <summary>Its parameters.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Parameters { get; init; }

    /// <summary>Free data.</summary>
    public JsonElement? Context { get; init; }

    /// <summary>The task run it is started by.</summary>
    public Guid? ParentTaskRunId { get; init; }

    /// <summary>Retries.</summary>
    public FlowRunPolicy? EmpiricalPolicy { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Labels { get; init; }

    /// <summary>Two creations with the same key are one run.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Its pool.</summary>
    public string? WorkPoolName { get; init; }

    /// <summary>Its queue.</summary>
    public string? WorkQueueName { get; init; }

    /// <summary>Settings for the infrastructure.</summary>
    public IReadOnlyDictionary<string, JsonElement>? JobVariables { get; init; }
}

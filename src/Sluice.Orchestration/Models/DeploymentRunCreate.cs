using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>The body of Prefect's <c>create_flow_run</c> of a deployment.</summary>
public sealed record DeploymentRunCreate
{
    /// <summary>Its first state: SCHEDULED now when absent.</summary>
    public StateCreate? State { get; init; }

    /// <summary>Its name; made up when absent.</summary>
    public string? Name { get; init; }

    /// <summary>Laid over the deployment's parameters.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Parameters { get; init; }

    /// <summary>Overrides the deployment's setting.</summary>
    public bool? EnforceParameterSchema { get; init; }

    /// <summary>Free data.</summary>
    public JsonElement? Context { get; init; }

    /// <summary>Retries.</summary>
    public FlowRunPolicy? EmpiricalPolicy { get; init; }

    /// <summary>Added to the deployment's tags.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Two creations with the same key are one run.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Laid over the deployment's labels.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Labels { get; init; }

    /// <summary>The task run it is started by.</summary>
    public Guid? ParentTaskRunId { get; init; }

    /// <summary>Another queue of the deployment's pool, created when missing.</summary>
    public string? WorkQueueName { get; init; }

    /// <summary>Laid over the deployment's job variables.</summary>
    public IReadOnlyDictionary<string, JsonElement>? JobVariables { get; init; }
}

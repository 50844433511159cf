using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>The body of Prefect's <c>POST /deployments/</c>. Null members are absent; absent ones keep their value on an update, but for parameters and schedules.</summary>
public sealed record DeploymentCreate
{
    /// <summary>Its name, unique within the flow.</summary>
    public required string Name { get; init; }

    /// <summary>Its flow.</summary>
    public required Guid FlowId { get; init; }

    /// <summary>Whether the whole deployment is paused.</summary>
    public bool? Paused { get; init; }

    /// <summary>Replaces all schedules: absent (null) removes them, as Prefect does.</summary>
    public IReadOnlyList<DeploymentScheduleCreate>? Schedules { get; init; }

    /// <summary>How many of its runs may be pending or running at once, from 1.</summary>
    public int? ConcurrencyLimit { get; init; }

    /// <summary>What happens to a run beyond that limit.</summary>
    public ConcurrencyOptions? ConcurrencyOptions { get; init; }

    /// <summary>Whether runs whose parameters do not fit the schema are refused; true when absent.</summary>
    public bool? EnforceParameterSchema { get; init; }

    /// <summary>The parameter schema.</summary>
    public JsonElement? ParameterOpenapiSchema { get; init; }

    /// <summary>Default parameters of its runs: absent (null) resets them to none, as Prefect does.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Parameters { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Its labels: strings, numbers or booleans.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Labels { get; init; }

    /// <summary>Prefect's pull steps.</summary>
    public JsonElement? PullSteps { get; init; }

    /// <summary>Its work pool, which must exist. Null with a queue: <c>default-agent-pool</c>.</summary>
    public string? WorkPoolName { get; init; }

    /// <summary>Its queue, created when missing. Null: the pool's default queue.</summary>
    public string? WorkQueueName { get; init; }

    /// <summary>Markdown for people.</summary>
    public string? Description { get; init; }

    /// <summary>Where the code is.</summary>
    public string? Path { get; init; }

    /// <summary>Free text.</summary>
    public string? Version { get; init; }

    /// <summary><c>Assembly.dll!Namespace.Type.Method</c>.</summary>
    public string? Entrypoint { get; init; }

    /// <summary>Settings for the infrastructure.</summary>
    public IReadOnlyDictionary<string, JsonElement>? JobVariables { get; init; }
}

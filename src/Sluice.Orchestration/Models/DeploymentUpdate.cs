using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Orchestration;

/// <summary>The body of Prefect's <c>PATCH /deployments/{id}</c>. Null members are absent and keep their value.</summary>
public sealed record DeploymentUpdate
{
    /// <summary>Whether the whole deployment is paused.</summary>
    public bool? Paused { get; init; }

    /// <summary>Changes or creates schedules by slug; unlisted ones stay.</summary>
    public IReadOnlyList<DeploymentScheduleUpdate>? Schedules { get; init; }

    /// <summary>How many of its runs may be pending or running at once, from 1.</summary>
    public int? ConcurrencyLimit { get; init; }

    /// <summary>What happens to a run beyond that limit.</summary>
    public ConcurrencyOptions? ConcurrencyOptions { get; init; }

    /// <summary>Whether runs whose parameters do not fit the schema are refused.</summary>
    public bool? EnforceParameterSchema { get; init; }

    /// <summary>The parameter schema.</summary>
    public JsonElement? ParameterOpenapiSchema { get; init; }

    /// <summary>Default parameters of its runs; replaces all.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Parameters { get; init; }

    /// <summary>Its tags; replaces all.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Prefect's pull steps.</summary>
    public JsonElement? PullSteps { get; init; }

    /// <summary>Its work pool, which must exist.</summary>
    public string? WorkPoolName { get; init; }

    /// <summary>Its queue, created when missing.</summary>
    public string? WorkQueueName { get; init; }

    /// <summary>Markdown for people.</summary>
    public string? Description { get; init; }

    /// <summary>Where the code is.</summary>
    public string? Path { get; init; }

    /// <summary>Free text.</summary>
    public string? Version { get; init; }

    /// <summary><c>Assembly.dll!Namespace.Type.Method</c>.</summary>
    public string? Entrypoint { get; init; }

    /// <summary>Settings for the infrastructure; replaces all.</summary>
    public IReadOnlyDictionary<string, JsonElement>? JobVariables { get; init; }

    /// <summary>Members that the body sets to null, by their names on the wire. Set by the endpoint that reads the body.</summary>
    [JsonIgnore]
    internal IReadOnlyCollection<string> Nulls { get; init; } = [];
}

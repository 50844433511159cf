using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Orchestration;

/// <summary>A deployment: how and when a flow is run, and from which package.</summary>
public sealed record Deployment
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset Updated { get; init; }

    /// <summary>Its name, unique within the flow.</summary>
    public required string Name { get; init; }

    /// <summary>Its flow.</summary>
    public required Guid FlowId { get; init; }

    /// <summary>Free text.</summary>
    public string? Version { get; init; }

    /// <summary>Markdown for people.</summary>
    public string? Description { get; init; }

    /// <summary>Whether the whole deployment is paused: no run is scheduled.</summary>
    public bool Paused { get; init; }

    /// <summary>Its schedules.</summary>
    public IReadOnlyList<DeploymentSchedule> Schedules { get; init => field = value ?? []; } = [];

    /// <summary>How many of its runs may be pending or running at once. Prefect 3.8 answers it in <see cref="GlobalConcurrencyLimit"/> alone, which is read here too.</summary>
    public int? ConcurrencyLimit { get => field ?? GlobalConcurrencyLimit?.Limit; init; }

    /// <summary>Where Prefect keeps the limit; null on Sluice.</summary>
    public GlobalConcurrencyLimit? GlobalConcurrencyLimit { get; init; }

    /// <summary>What happens to a run beyond that limit.</summary>
    public ConcurrencyOptions? ConcurrencyOptions { get; init; }

    /// <summary>Default parameters of its runs.</summary>
    public IReadOnlyDictionary<string, JsonElement> Parameters { get; init => field = value ?? new Dictionary<string, JsonElement>(); } = new Dictionary<string, JsonElement>();

    /// <summary>The parameter schema.</summary>
    public JsonElement? ParameterOpenapiSchema { get; init; }

    /// <summary>Whether runs whose parameters do not fit the schema are refused.</summary>
    public bool EnforceParameterSchema { get; init; }

    /// <summary>Settings for the infrastructure; <c>command</c> and <c>env</c> are known to every worker.</summary>
    public IReadOnlyDictionary<string, JsonElement> JobVariables { get; init => field = value ?? new Dictionary<string, JsonElement>(); } = new Dictionary<string, JsonElement>();

    /// <summary>Its tags; runs inherit them.</summary>
    public IReadOnlyList<string> Tags { get; init => field = value ?? []; } = [];

    /// <summary>Its labels; runs inherit them.</summary>
    public IReadOnlyDictionary<string, JsonElement> Labels { get; init => field = value ?? new Dictionary<string, JsonElement>(); } = new Dictionary<string, JsonElement>();

    /// <summary>Its work pool.</summary>
    public string? WorkPoolName { get; init; }

    /// <summary>Its queue in that pool.</summary>
    public string? WorkQueueName { get; init; }

    /// <summary>Id of that queue.</summary>
    public Guid? WorkQueueId { get; init; }

    /// <summary>Where the code is: the package's URI.</summary>
    public string? Path { get; init; }

    /// <summary><c>Assembly.dll!Namespace.Type.Method</c>.</summary>
    public string? Entrypoint { get; init; }

    /// <summary>Prefect's pull steps; kept, never run by Sluice.</summary>
    public JsonElement? PullSteps { get; init; }

    /// <summary>The block that a Prefect 2 server's agents and workers fetch the code from; null elsewhere.</summary>
    [JsonIgnore]
    public Guid? StorageBlockId { get; init; }

    /// <summary>The block that a Prefect 2 server's agents start its runs by; null elsewhere.</summary>
    [JsonIgnore]
    public Guid? InfrastructureBlockId { get; init; }

    /// <summary>When a worker last asked for its runs.</summary>
    public DateTimeOffset? LastPolled { get; init; }

    /// <summary><c>READY</c> or <c>NOT_READY</c>.</summary>
    public string? Status { get; init; }

    /// <summary>Who created it.</summary>
    public CreatedBy? CreatedBy { get; init; }
}

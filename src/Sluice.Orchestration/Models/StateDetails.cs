using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Orchestration;

/// <summary>Details of a state.</summary>
public sealed record StateDetails
{
    /// <summary>Its flow run.</summary>
    public Guid? FlowRunId { get; init; }

    /// <summary>When a SCHEDULED run is due.</summary>
    public DateTimeOffset? ScheduledTime { get; init; }

    /// <summary>When a PAUSED run fails.</summary>
    public DateTimeOffset? PauseTimeout { get; init; }

    /// <summary>Whether a PAUSED run gave up its process.</summary>
    public bool? PauseReschedule { get; init; }

    /// <summary>Kept for Prefect.</summary>
    public string? PauseKey { get; init; }

    /// <summary>One per logical transition: a repeated one is rejected, so a retried request does nothing twice.</summary>
    public Guid? TransitionId { get; init; }

    /// <summary>The slot of the deployment's concurrency limit.</summary>
    public Guid? DeploymentConcurrencyLeaseId { get; init; }

    /// <summary>Kept for Prefect.</summary>
    public Guid? ChildFlowRunId { get; init; }

    /// <summary>Kept for Prefect.</summary>
    public bool? Retriable { get; init; }

    /// <summary>Kept for Prefect.</summary>
    public bool? UntrackableResult { get; init; }

    /// <summary>Kept for Prefect.</summary>
    public Guid? TaskRunId { get; init; }

    /// <summary>Kept for Prefect.</summary>
    public string? CacheKey { get; init; }

    /// <summary>Kept for Prefect.</summary>
    public DateTimeOffset? CacheExpiration { get; init; }

    /// <summary>Kept for Prefect: true, false or null; false when absent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement Deferred { get; init; }

    /// <summary>Kept for Prefect: an object of texts.</summary>
    public JsonElement? RunInputKeyset { get; init; }

    /// <summary>Kept for Prefect.</summary>
    public bool? RefreshCache { get; init; }

    /// <summary>Kept for Prefect.</summary>
    public Guid? TaskParametersId { get; init; }

    /// <summary>Kept for Prefect.</summary>
    public string? Traceparent { get; init; }
}

using System.Text.Json;

namespace Sluice.Orchestration.Http.Prefect2;

/// <summary>2.10's <c>POST /flows/</c>.</summary>
internal sealed record Prefect2FlowBody
{
    public required string Name { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }
}

/// <summary>2.10's <c>create_flow_run</c> of a deployment.</summary>
internal record Prefect2DeploymentRunBody
{
    public Prefect2State? State { get; init; }

    public string? Name { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? Parameters { get; init; }

    public JsonElement? Context { get; init; }

    public Prefect2Policy? EmpiricalPolicy { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public string? IdempotencyKey { get; init; }

    public Guid? ParentTaskRunId { get; init; }
}

/// <summary>2.10's <c>POST /flow_runs/</c>.</summary>
internal sealed record Prefect2FlowRunBody : Prefect2DeploymentRunBody
{
    public required Guid FlowId { get; init; }

    public Guid? DeploymentId { get; init; }

    public string? FlowVersion { get; init; }
}

/// <summary>2.10's <c>PATCH /flow_runs/{id}</c>.</summary>
internal sealed record Prefect2FlowRunPatch
{
    public string? Name { get; init; }

    public string? FlowVersion { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? Parameters { get; init; }

    public Prefect2Policy? EmpiricalPolicy { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public string? InfrastructurePid { get; init; }
}

/// <summary>2.10's retry policy.</summary>
internal sealed record Prefect2Policy
{
    public int MaxRetries { get; init; }

    public double RetryDelaySeconds { get; init; }

    public int? Retries { get; init; }

    public int? RetryDelay { get; init; }

    public IReadOnlyList<string>? PauseKeys { get; init; }

    public bool? Resuming { get; init; }
}

/// <summary>A proposed state of 2.10, which knows no transition ids.</summary>
internal sealed record Prefect2State
{
    public required StateType Type { get; init; }

    public string? Name { get; init; }

    public string? Message { get; init; }

    public JsonElement? Data { get; init; }

    public Prefect2StateDetails? StateDetails { get; init; }
}

/// <summary>Details of a state of 2.10.</summary>
internal sealed record Prefect2StateDetails
{
    public Guid? FlowRunId { get; init; }

    public Guid? ChildFlowRunId { get; init; }

    public DateTimeOffset? ScheduledTime { get; init; }

    public bool? UntrackableResult { get; init; }

    public DateTimeOffset? PauseTimeout { get; init; }

    public bool? PauseReschedule { get; init; }

    public string? PauseKey { get; init; }
}

/// <summary>2.10's <c>set_state</c>.</summary>
internal sealed record Prefect2SetStateBody
{
    public required Prefect2State State { get; init; }

    public bool Force { get; init; }
}

/// <summary>2.10's heartbeat, without an interval.</summary>
internal sealed record Prefect2HeartbeatBody
{
    public required string Name { get; init; }
}

/// <summary>A worker as 2.10 answers it.</summary>
internal sealed record Prefect2Worker
{
    /// <summary>2.10's workers give a sign of life every 30 s, and are taken for gone after three of them.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(90);

    public required Guid Id { get; init; }

    public required string Name { get; init; }

    public Guid WorkPoolId { get; init; }

    public DateTimeOffset? LastHeartbeatTime { get; init; }

    public WorkerInfo ToWorker(DateTimeOffset now) => new()
    {
        Id = Id,
        Name = Name,
        WorkPoolId = WorkPoolId,
        LastHeartbeatTime = LastHeartbeatTime,
        Status = now - LastHeartbeatTime <= Silence ? "ONLINE" : "OFFLINE",
    };
}

using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>One run of a flow.</summary>
public sealed record FlowRun
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset Updated { get; init; }

    /// <summary>Its name, for people.</summary>
    public required string Name { get; init; }

    /// <summary>Its flow.</summary>
    public required Guid FlowId { get; init; }

    /// <summary>Id of its current state.</summary>
    public Guid? StateId { get; init; }

    /// <summary>Its deployment.</summary>
    public Guid? DeploymentId { get; init; }

    /// <summary>The deployment's version when the run was created.</summary>
    public string? DeploymentVersion { get; init; }

    /// <summary>Its queue.</summary>
    public Guid? WorkQueueId { get; init; }

    /// <summary>Name of its queue.</summary>
    public string? WorkQueueName { get; init; }

    /// <summary>Its pool.</summary>
    public Guid? WorkPoolId { get; init; }

    /// <summary>Name of its pool.</summary>
    public string? WorkPoolName { get; init; }

    /// <summary>Version the flow program reported.</summary>
    public string? FlowVersion { get; init; }

    /// <summary>Its parameters.</summary>
    public IReadOnlyDictionary<string, JsonElement> Parameters { get; init => field = value ?? new Dictionary<string, JsonElement>(); } = new Dictionary<string, JsonElement>();

    /// <summary>Two creations with the same key are one run.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Free data.</summary>
    public JsonElement? Context { get; init; }

    /// <summary>Retries.</summary>
    public FlowRunPolicy EmpiricalPolicy { get; init; } = new();

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string> Tags { get; init => field = value ?? []; } = [];

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, JsonElement> Labels { get; init => field = value ?? new Dictionary<string, JsonElement>(); } = new Dictionary<string, JsonElement>();

    /// <summary>The task run it was started by.</summary>
    public Guid? ParentTaskRunId { get; init; }

    /// <summary>Type of its current state.</summary>
    public StateType? StateType { get; init; }

    /// <summary>Name of its current state.</summary>
    public string? StateName { get; init; }

    /// <summary>How often it went to RUNNING.</summary>
    public int RunCount { get; init; }

    /// <summary>When it was to start at first.</summary>
    public DateTimeOffset? ExpectedStartTime { get; init; }

    /// <summary>When it is due, while SCHEDULED.</summary>
    public DateTimeOffset? NextScheduledStartTime { get; init; }

    /// <summary>When it first went to RUNNING.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndTime { get; init; }

    /// <summary>Seconds spent RUNNING.</summary>
    public double TotalRunTime { get; init; }

    /// <summary>Seconds spent RUNNING, the current stretch included.</summary>
    public double EstimatedRunTime { get; init; }

    /// <summary>Seconds between expected and real (or possible) start.</summary>
    public double EstimatedStartTimeDelta { get; init; }

    /// <summary>Whether a schedule made it.</summary>
    public bool AutoScheduled { get; init; }

    /// <summary>Where it runs, as the worker says.</summary>
    public string? InfrastructurePid { get; init; }

    /// <summary>Who created it.</summary>
    public CreatedBy? CreatedBy { get; init; }

    /// <summary>Its current state.</summary>
    public State? State { get; init; }

    /// <summary>Laid over the deployment's job variables.</summary>
    public IReadOnlyDictionary<string, JsonElement>? JobVariables { get; init; }
}

using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Tasks;

/// <summary>The body that creates a task run.</summary>
internal sealed record TaskRunCreate
{
    public Guid? Id { get; init; }

    public StateCreate? State { get; init; }

    public string? Name { get; init; }

    public Guid? FlowRunId { get; init; }

    public required string TaskKey { get; init; }

    public required string DynamicKey { get; init; }

    public string? CacheKey { get; init; }

    public DateTimeOffset? CacheExpiration { get; init; }

    public string? TaskVersion { get; init; }

    public TaskRunPolicy? EmpiricalPolicy { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? Labels { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? TaskInputs { get; init; }
}

/// <summary>The body that renames a task run.</summary>
internal sealed record TaskRunUpdate
{
    public string? Name { get; init; }
}

/// <summary>The body of <c>/task_runs/filter</c>, <c>/paginate</c> and <c>/count</c>.</summary>
internal sealed record TaskRunsQuery
{
    public string? Sort { get; init; }

    public FlowFilter? Flows { get; init; }

    public FlowRunFilter? FlowRuns { get; init; }

    public TaskRunFilter? TaskRuns { get; init; }

    public DeploymentFilter? Deployments { get; init; }

    public int? Limit { get; init; }

    public int? Offset { get; init; }
}

/// <summary>Matches task runs; all parts must match.</summary>
internal sealed record TaskRunFilter
{
    public IdFilter? Id { get; init; }

    public NameFilter? Name { get; init; }

    public TagsFilter? Tags { get; init; }

    public StateFilter? State { get; init; }

    public TimeFilter? StartTime { get; init; }

    public TimeFilter? EndTime { get; init; }

    public TimeFilter? ExpectedStartTime { get; init; }

    /// <summary>Whether it stands for a flow run that was started in its flow run.</summary>
    public KeyFilter? SubflowRuns { get; init; }

    public IdFilter? FlowRunId { get; init; }
}

/// <summary>What the payload of a <c>prefect.task-run.*</c> event says of its task run; absent members say nothing.</summary>
internal sealed record TaskRunReport
{
    public string? Name { get; init; }

    public string? TaskKey { get; init; }

    public string? DynamicKey { get; init; }

    public string? CacheKey { get; init; }

    public DateTimeOffset? CacheExpiration { get; init; }

    public string? TaskVersion { get; init; }

    public TaskRunPolicy? EmpiricalPolicy { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? Labels { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? TaskInputs { get; init; }

    public int? RunCount { get; init; }

    public int? FlowRunRunCount { get; init; }

    public DateTimeOffset? ExpectedStartTime { get; init; }

    public DateTimeOffset? NextScheduledStartTime { get; init; }

    public DateTimeOffset? StartTime { get; init; }

    public DateTimeOffset? EndTime { get; init; }

    public double? TotalRunTime { get; init; }
}

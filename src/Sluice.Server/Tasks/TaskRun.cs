using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Tasks;

/// <summary>One run of a task inside a Python flow, as Prefect's clients report and read it.</summary>
internal sealed record TaskRun
{
    public required Guid Id { get; init; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset Updated { get; init; }

    public required string Name { get; init; }

    public Guid? FlowRunId { get; init; }

    public required string TaskKey { get; init; }

    public required string DynamicKey { get; init; }

    public string? CacheKey { get; init; }

    public DateTimeOffset? CacheExpiration { get; init; }

    public string? TaskVersion { get; init; }

    public TaskRunPolicy EmpiricalPolicy { get; init; } = new();

    public IReadOnlyList<string> Tags { get; init; } = [];

    public IReadOnlyDictionary<string, JsonElement> Labels { get; init; } = new Dictionary<string, JsonElement>();

    public Guid? StateId { get; init; }

    public IReadOnlyDictionary<string, JsonElement> TaskInputs { get; init; } = new Dictionary<string, JsonElement>();

    public StateType? StateType { get; init; }

    public string? StateName { get; init; }

    public int RunCount { get; init; }

    public int FlowRunRunCount { get; init; }

    public DateTimeOffset? ExpectedStartTime { get; init; }

    public DateTimeOffset? NextScheduledStartTime { get; init; }

    public DateTimeOffset? StartTime { get; init; }

    public DateTimeOffset? EndTime { get; init; }

    public double TotalRunTime { get; init; }

    public double EstimatedRunTime { get; init; }

    public double EstimatedStartTimeDelta { get; init; }

    public State? State { get; init; }
}

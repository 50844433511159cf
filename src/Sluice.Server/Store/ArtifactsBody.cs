using System.Text.Json.Serialization;
using Sluice.Orchestration;
using Sluice.Server.Tasks;

namespace Sluice.Server.Store;

/// <summary>The body of <c>/artifacts/filter</c> and its siblings with what only Prefect's clients ask.</summary>
internal sealed record ArtifactsBody
{
    public string? Sort { get; init; }

    public ArtifactsBodyFilter? Artifacts { get; init; }

    public FlowRunFilter? FlowRuns { get; init; }

    public TaskRunFilter? TaskRuns { get; init; }

    public FlowFilter? Flows { get; init; }

    public DeploymentFilter? Deployments { get; init; }

    public int? Limit { get; init; }

    public int? Offset { get; init; }

    [JsonIgnore]
    public ArtifactsQuery Query => new()
    {
        Sort = Sort,
        Artifacts = Artifacts is null ? null
            : new() { Id = Artifacts.Id ?? Artifacts.LatestId, Key = Artifacts.Key, FlowRunId = Artifacts.FlowRunId, TaskRunId = Artifacts.TaskRunId, Type = Artifacts.Type },
        FlowRuns = FlowRuns,
        Flows = Flows,
        Deployments = Deployments,
        Limit = Limit,
        Offset = Offset,
    };

    /// <summary>The condition that the query cannot say; alias a.</summary>
    [JsonIgnore]
    public Sql More => TaskRuns is null ? Sql.Raw("1")
        : (Sql)$"a.task_run_id IN (SELECT t.id FROM task_run t WHERE {Filters.OfTaskRuns(new() { TaskRuns = TaskRuns })})";
}

/// <summary>Matches artifacts, or keys by the id of their newest artifact.</summary>
internal sealed record ArtifactsBodyFilter
{
    public IdFilter? Id { get; init; }

    public IdFilter? LatestId { get; init; }

    public KeyFilter? Key { get; init; }

    public IdFilter? FlowRunId { get; init; }

    public IdFilter? TaskRunId { get; init; }

    public NameFilter? Type { get; init; }
}

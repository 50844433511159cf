using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;
using Sluice.Server.Store;
using Sluice.Server.Tasks;

namespace Sluice.Server.Http;

/// <summary>The JSON context of bodies that Prefect's clients send and ours does not.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(WorkQueuesQuery))]
[JsonSerializable(typeof(BulkDelete))]
[JsonSerializable(typeof(BulkDeleted))]
[JsonSerializable(typeof(BulkSetState))]
[JsonSerializable(typeof(BulkStatesSet))]
[JsonSerializable(typeof(BulkRunsCreated))]
[JsonSerializable(typeof(IReadOnlyList<DeploymentRunCreate>))]
[JsonSerializable(typeof(WorkersQuery))]
[JsonSerializable(typeof(WorkQueueHealth))]
[JsonSerializable(typeof(QueueSlotsQuery))]
[JsonSerializable(typeof(QueueSlotStatus))]
[JsonSerializable(typeof(PoolSlotsQuery))]
[JsonSerializable(typeof(PoolSlotStatus))]
[JsonSerializable(typeof(QueueRunsQuery))]
[JsonSerializable(typeof(Everything))]
[JsonSerializable(typeof(IReadOnlyList<ArtifactCollection>))]
[JsonSerializable(typeof(ArtifactsBody))]
[JsonSerializable(typeof(CreatedLimit))]
[JsonSerializable(typeof(EventsQuery))]
[JsonSerializable(typeof(EventsPage))]
[JsonSerializable(typeof(EventCountQuery))]
[JsonSerializable(typeof(IReadOnlyList<Events.EventCount>))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(TaskRun))]
[JsonSerializable(typeof(IReadOnlyList<TaskRun>))]
[JsonSerializable(typeof(TaskRunCreate))]
[JsonSerializable(typeof(TaskRunUpdate))]
[JsonSerializable(typeof(TaskRunsQuery))]
[JsonSerializable(typeof(TaskRunPolicy))]
[JsonSerializable(typeof(TaskRunReport))]
[JsonSerializable(typeof(HistoryQuery))]
[JsonSerializable(typeof(IReadOnlyList<HistoryInterval>))]
[JsonSerializable(typeof(ResumeBody))]
[JsonSerializable(typeof(FlowRunInputCreate))]
[JsonSerializable(typeof(FlowRunInputsQuery))]
[JsonSerializable(typeof(IReadOnlyList<FlowRunInput>))]
[JsonSerializable(typeof(Graph))]
[JsonSerializable(typeof(GraphNode))]
[JsonSerializable(typeof(CsrfToken))]
[JsonSerializable(typeof(TagLimit))]
[JsonSerializable(typeof(IReadOnlyList<TagLimit>))]
[JsonSerializable(typeof(TagLimitCreate))]
[JsonSerializable(typeof(TagLimitReset))]
[JsonSerializable(typeof(TagSlots))]
[JsonSerializable(typeof(SavedSearch))]
[JsonSerializable(typeof(IReadOnlyList<SavedSearch>))]
[JsonSerializable(typeof(SavedSearchCreate))]
[JsonSerializable(typeof(IReadOnlyList<SavedSearchFilter>))]
[JsonSerializable(typeof(RunIds))]
[JsonSerializable(typeof(IReadOnlyList<JsonElement>))]
[JsonSerializable(typeof(AutomationsQuery))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, int>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(bool))]
internal sealed partial class ServerJson : JsonSerializerContext;

/// <summary>The body of <c>/work_pools/{name}/queues/filter</c>.</summary>
internal sealed record WorkQueuesQuery
{
    public WorkQueueFilter? WorkQueues { get; init; }

    public int? Limit { get; init; }

    public int? Offset { get; init; }
}

/// <summary>The body of <c>/work_pools/{name}/workers/filter</c>.</summary>
internal sealed record WorkersQuery
{
    public WorkerFilter? Workers { get; init; }

    public int? Limit { get; init; }

    public int? Offset { get; init; }
}

/// <summary>Matches workers.</summary>
internal sealed record WorkerFilter
{
    public TimeFilter? LastHeartbeatTime { get; init; }

    public WorkerStatusFilter? Status { get; init; }
}

/// <summary>Matches <c>ONLINE</c> or <c>OFFLINE</c>.</summary>
internal sealed record WorkerStatusFilter
{
    [JsonPropertyName("any_")] public IReadOnlyList<string>? Any { get; init; }

    [JsonPropertyName("not_any_")] public IReadOnlyList<string>? NotAny { get; init; }
}

/// <summary>The body of <c>/work_queues/{id}/get_runs</c>; <c>agent_id</c> is what Prefect 2's agents sent.</summary>
internal sealed record QueueRunsQuery
{
    public DateTimeOffset? ScheduledBefore { get; init; }

    public int? Limit { get; init; }

    public Guid? AgentId { get; init; }
}

/// <summary>A body that asks for all there is.</summary>
internal sealed record Everything
{
    public int? Limit { get; init; }

    public int? Offset { get; init; }
}

/// <summary>The answer to a created concurrency limit, which tells more than the others.</summary>
internal sealed record CreatedLimit
{
    public required Guid Id { get; init; }

    public required DateTimeOffset? Created { get; init; }

    public required DateTimeOffset? Updated { get; init; }

    public required bool? Active { get; init; }

    public required string? Name { get; init; }

    public required int? Limit { get; init; }

    public required int? ActiveSlots { get; init; }

    public required int DeniedSlots { get; init; }

    public required double? SlotDecayPerSecond { get; init; }

    public required double AvgSlotOccupancySeconds { get; init; }
}

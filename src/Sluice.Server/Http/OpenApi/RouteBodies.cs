using System.Collections.Frozen;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server.Store;
using Sluice.Server.Tasks;

namespace Sluice.Server.Http.OpenApi;

/// <summary>
/// What each route takes as its body: the OpenAPI document is written from it, and a request whose route reads another type than it declares here fails.
/// </summary>
internal static class RouteBodies
{
    private static readonly FrozenDictionary<string, Type> _types = new Dictionary<string, Type>
    {
        [PrefectPath.ShapeOf("PATCH", "/artifacts/{id}")] = typeof(ArtifactUpdate),
        [PrefectPath.ShapeOf("POST", "/block_documents/")] = typeof(BlockDocumentCreate),
        [PrefectPath.ShapeOf("PATCH", "/block_documents/{id}")] = typeof(BlockDocumentUpdate),
        [PrefectPath.ShapeOf("POST", "/block_documents/filter")] = typeof(BlockDocumentsQuery),
        [PrefectPath.ShapeOf("POST", "/block_documents/count")] = typeof(BlockDocumentsQuery),
        [PrefectPath.ShapeOf("POST", "/block_types/")] = typeof(BlockTypeCreate),
        [PrefectPath.ShapeOf("PATCH", "/block_types/{id}")] = typeof(BlockTypeUpdate),
        [PrefectPath.ShapeOf("POST", "/block_types/filter")] = typeof(BlockTypesQuery),
        [PrefectPath.ShapeOf("POST", "/block_schemas/")] = typeof(BlockSchemaCreate),
        [PrefectPath.ShapeOf("POST", "/block_schemas/filter")] = typeof(BlockSchemasQuery),
        [PrefectPath.ShapeOf("POST", "/flow_runs/bulk_set_state")] = typeof(BulkSetState),
        [PrefectPath.ShapeOf("POST", "/flows/bulk_delete")] = typeof(BulkDelete),
        [PrefectPath.ShapeOf("POST", "/deployments/bulk_delete")] = typeof(BulkDelete),
        [PrefectPath.ShapeOf("POST", "/flow_runs/bulk_delete")] = typeof(BulkDelete),
        [PrefectPath.ShapeOf("POST", "/v2/concurrency_limits/")] = typeof(ConcurrencyLimitCreate),
        [PrefectPath.ShapeOf("POST", "/v2/concurrency_limits/filter")] = typeof(ConcurrencyLimitsQuery),
        [PrefectPath.ShapeOf("PATCH", "/v2/concurrency_limits/{name}")] = typeof(ConcurrencyLimitUpdate),
        [PrefectPath.ShapeOf("POST", "/v2/concurrency_limits/increment")] = typeof(SlotsAcquire),
        [PrefectPath.ShapeOf("POST", "/v2/concurrency_limits/increment-with-lease")] = typeof(SlotsAcquire),
        [PrefectPath.ShapeOf("POST", "/v2/concurrency_limits/decrement")] = typeof(SlotsRelease),
        [PrefectPath.ShapeOf("POST", "/v2/concurrency_limits/decrement-with-lease")] = typeof(SlotsLeaseBody),
        [PrefectPath.ShapeOf("POST", "/v2/concurrency_limits/leases/{id}/renew")] = typeof(SlotsRenewal),
        [PrefectPath.ShapeOf("POST", "/deployments/")] = typeof(DeploymentCreate),
        [PrefectPath.ShapeOf("PATCH", "/deployments/{id}")] = typeof(DeploymentUpdate),
        [PrefectPath.ShapeOf("POST", "/deployments/{id}/create_flow_run")] = typeof(DeploymentRunCreate),
        [PrefectPath.ShapeOf("POST", "/deployments/get_scheduled_flow_runs")] = typeof(DeploymentRunsQuery),
        [PrefectPath.ShapeOf("POST", "/deployments/{id}/schedule")] = typeof(Backfill),
        [PrefectPath.ShapeOf("POST", "/deployments/filter")] = typeof(DeploymentsQuery),
        [PrefectPath.ShapeOf("POST", "/deployments/count")] = typeof(DeploymentsQuery),
        [PrefectPath.ShapeOf("POST", "/deployments/paginate")] = typeof(DeploymentsQuery),
        [PrefectPath.ShapeOf("POST", "/deployments/{id}/schedules")] = typeof(IReadOnlyList<DeploymentScheduleCreate>),
        [PrefectPath.ShapeOf("PATCH", "/deployments/{id}/schedules/{schedule}")] = typeof(DeploymentScheduleUpdate),
        [PrefectPath.ShapeOf("POST", "/events")] = typeof(IReadOnlyList<EventCreate>),
        [PrefectPath.ShapeOf("POST", "/events/filter")] = typeof(EventsQuery),
        [PrefectPath.ShapeOf("POST", "/events/count-by/{countable}")] = typeof(EventCountQuery),
        [PrefectPath.ShapeOf("POST", "/flows/")] = typeof(FlowCreate),
        [PrefectPath.ShapeOf("PATCH", "/flows/{id}")] = typeof(FlowUpdate),
        [PrefectPath.ShapeOf("POST", "/flows/filter")] = typeof(FlowsQuery),
        [PrefectPath.ShapeOf("POST", "/flows/count")] = typeof(FlowsQuery),
        [PrefectPath.ShapeOf("POST", "/flows/paginate")] = typeof(FlowsQuery),
        [PrefectPath.ShapeOf("POST", "/flow_runs/history")] = typeof(HistoryQuery),
        [PrefectPath.ShapeOf("POST", "/flow_runs/lateness")] = typeof(FlowRunsQuery),
        [PrefectPath.ShapeOf("POST", "/flow_runs/{id}/resume")] = typeof(ResumeBody),
        [PrefectPath.ShapeOf("POST", "/flow_runs/{id}/input")] = typeof(FlowRunInputCreate),
        [PrefectPath.ShapeOf("POST", "/flow_runs/{id}/input/filter")] = typeof(FlowRunInputsQuery),
        [PrefectPath.ShapeOf("POST", "/flow_runs/")] = typeof(FlowRunCreate),
        [PrefectPath.ShapeOf("PATCH", "/flow_runs/{id}")] = typeof(FlowRunUpdate),
        [PrefectPath.ShapeOf("POST", "/flow_runs/filter")] = typeof(FlowRunsQuery),
        [PrefectPath.ShapeOf("POST", "/flow_runs/count")] = typeof(FlowRunsQuery),
        [PrefectPath.ShapeOf("POST", "/flow_runs/paginate")] = typeof(FlowRunsQuery),
        [PrefectPath.ShapeOf("PATCH", "/flow_runs/{id}/labels")] = typeof(IReadOnlyDictionary<string, JsonElement>),
        [PrefectPath.ShapeOf("POST", "/logs/")] = typeof(IReadOnlyList<LogCreate>),
        [PrefectPath.ShapeOf("POST", "/logs/filter")] = typeof(LogsQuery),
        [PrefectPath.ShapeOf("POST", "/flow_runs/{id}/set_state")] = typeof(SetStateBody),
        [PrefectPath.ShapeOf("POST", "/concurrency_limits/filter")] = typeof(ConcurrencyLimitsQuery),
        [PrefectPath.ShapeOf("POST", "/task_runs/")] = typeof(TaskRunCreate),
        [PrefectPath.ShapeOf("PATCH", "/task_runs/{id}")] = typeof(TaskRunUpdate),
        [PrefectPath.ShapeOf("POST", "/task_runs/filter")] = typeof(TaskRunsQuery),
        [PrefectPath.ShapeOf("POST", "/task_runs/count")] = typeof(TaskRunsQuery),
        [PrefectPath.ShapeOf("POST", "/task_runs/paginate")] = typeof(TaskRunsQuery),
        [PrefectPath.ShapeOf("POST", "/task_runs/history")] = typeof(HistoryQuery),
        [PrefectPath.ShapeOf("POST", "/task_runs/{id}/set_state")] = typeof(SetStateBody),
        [PrefectPath.ShapeOf("POST", "/variables/")] = typeof(VariableCreate),
        [PrefectPath.ShapeOf("POST", "/variables/filter")] = typeof(VariablesQuery),
        [PrefectPath.ShapeOf("POST", "/variables/count")] = typeof(VariablesQuery),
        [PrefectPath.ShapeOf("POST", "/work_pools/")] = typeof(WorkPoolCreate),
        [PrefectPath.ShapeOf("PATCH", "/work_pools/{name}")] = typeof(WorkPoolUpdate),
        [PrefectPath.ShapeOf("POST", "/work_pools/filter")] = typeof(WorkPoolsQuery),
        [PrefectPath.ShapeOf("POST", "/work_pools/count")] = typeof(WorkPoolsQuery),
        [PrefectPath.ShapeOf("POST", "/work_pools/{name}/workers/heartbeat")] = typeof(WorkerHeartbeat),
        [PrefectPath.ShapeOf("POST", "/work_pools/{name}/workers/filter")] = typeof(WorkersQuery),
        [PrefectPath.ShapeOf("POST", "/work_pools/{name}/get_scheduled_flow_runs")] = typeof(ScheduledFlowRunsQuery),
        [PrefectPath.ShapeOf("POST", "/work_pools/{name}/queues")] = typeof(WorkQueueCreate),
        [PrefectPath.ShapeOf("PATCH", "/work_pools/{name}/queues/{queue}")] = typeof(WorkQueueUpdate),
        [PrefectPath.ShapeOf("POST", "/work_pools/{name}/queues/filter")] = typeof(WorkQueuesQuery),
        [PrefectPath.ShapeOf("POST", "/work_queues/")] = typeof(WorkQueueCreate),
        [PrefectPath.ShapeOf("POST", "/work_queues/filter")] = typeof(WorkQueuesQuery),
        [PrefectPath.ShapeOf("PATCH", "/work_queues/{id}")] = typeof(WorkQueueUpdate),
        [PrefectPath.ShapeOf("POST", "/work_queues/{id}/concurrency_status")] = typeof(QueueSlotsQuery),
        [PrefectPath.ShapeOf("POST", "/work_pools/{name}/concurrency_status")] = typeof(PoolSlotsQuery),
        [PrefectPath.ShapeOf("POST", "/work_queues/{id}/get_runs")] = typeof(QueueRunsQuery),
        [PrefectPath.ShapeOf("POST", "/deployments/{id}/create_flow_run/bulk")] = typeof(IReadOnlyList<DeploymentRunCreate>),
        [PrefectPath.ShapeOf("PATCH", "/variables/{id}")] = typeof(VariableUpdate),
        [PrefectPath.ShapeOf("PATCH", "/variables/name/{name}")] = typeof(VariableUpdate),
        [PrefectPath.ShapeOf("POST", "/artifacts/")] = typeof(ArtifactCreate),
        [PrefectPath.ShapeOf("POST", "/artifacts/filter")] = typeof(ArtifactsBody),
        [PrefectPath.ShapeOf("POST", "/artifacts/count")] = typeof(ArtifactsBody),
        [PrefectPath.ShapeOf("POST", "/artifacts/latest/filter")] = typeof(ArtifactsBody),
        [PrefectPath.ShapeOf("POST", "/artifacts/latest/count")] = typeof(ArtifactsBody),
        [PrefectPath.ShapeOf("PUT", "/saved_searches/")] = typeof(SavedSearchCreate),
        [PrefectPath.ShapeOf("POST", "/saved_searches/filter")] = typeof(Everything),
        [PrefectPath.ShapeOf("POST", "/concurrency_limits/")] = typeof(TagLimitCreate),
        [PrefectPath.ShapeOf("POST", "/concurrency_limits/tag/{tag}/reset")] = typeof(TagLimitReset),
        [PrefectPath.ShapeOf("POST", "/concurrency_limits/increment")] = typeof(TagSlots),
        [PrefectPath.ShapeOf("POST", "/concurrency_limits/decrement")] = typeof(TagSlots),
        [PrefectPath.ShapeOf("POST", "/automations/filter")] = typeof(AutomationsQuery),
        [PrefectPath.ShapeOf("POST", "/ui/flow_runs/count-task-runs")] = typeof(RunIds),
    }.ToFrozenDictionary();

    /// <summary>The type that the route with this <see cref="PrefectPath.Shape"/> reads; null where it declares none.</summary>
    public static Type? Find(string shape) => _types.GetValueOrDefault(shape);

    /// <summary>What the route with this <see cref="PrefectPath.Shape"/> reads from its query.</summary>
    public static IEnumerable<RouteParameter> Queries(string shape) => shape switch
    {
        "GET /flow_run_states/" => [new("flow_run_id", "string", "uuid", true)],
        "GET /task_run_states/" => [new("task_run_id", "string", "uuid", true)],
        "GET /flow_runs/{}/graph-v2" => [new("since", "string", "date-time", Absent: "\"0001-01-01T00:00:00+00:00\"")],
        "GET /block_types/slug/{}/block_documents" or "GET /block_types/slug/{}/block_documents/name/{}" or "GET /block_documents/{}" => [new("include_secrets", "boolean", Absent: "false")],
        "GET /block_schemas/checksum/{}" => [new("version", "string")],
        "GET /csrf-token" => [new("client", "string", null, true)],
        "GET /events/filter/next" => [new("page-token", "string", null, true)],
        _ => [],
    };
}

/// <summary>A parameter of a path or a query, as the OpenAPI document tells it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The kind of JSON that it is read as.</param>
/// <param name="Format">What its text must be.</param>
/// <param name="Required">Whether it must be there.</param>
/// <param name="Absent">What is taken, as JSON, where it is not.</param>
internal sealed record RouteParameter(string Name, string Type, string? Format = null, bool Required = false, string? Absent = null);

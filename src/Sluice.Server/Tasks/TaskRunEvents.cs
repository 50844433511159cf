using System.Globalization;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Server.Http;
using Sluice.Server.Store;

namespace Sluice.Server.Tasks;

/// <summary>
/// Prefect 3's engine decides about its task runs itself and reports them as events (<c>prefect.task-run.*</c>): the state under the event's id, and
/// beside it what the task run is now. Events come in any order; the newest state is the current one.
/// </summary>
internal static class TaskRunEvents
{
    public const string Prefix = "prefect.task-run.";
    private const string ResourceId = "prefect.resource.id";
    private const string ResourceRole = "prefect.resource.role";

    /// <summary>Records one event. What is no such event, or is not whole, changes nothing.</summary>
    public static void Record(Scope scope, EventCreate received)
    {
        if (ObjectId(received.Resource, Prefix) is not { } id || received.Payload is not { ValueKind: JsonValueKind.Object } told
            || !told.TryGetProperty("validated_state", out JsonElement proposed) || !told.TryGetProperty("task_run", out JsonElement reported)
            || Read(proposed, reported) is not ({ } state, { } report))
        {
            return;
        }
        Guid? flowRunId = received.Related.Where(other => other.GetValueOrDefault(ResourceRole) == "flow-run").Select(other => ObjectId(other, "prefect.flow-run.")).FirstOrDefault();
        TaskRun? known = TaskRuns.Read(scope, id);
        if (known is null && report is { TaskKey: { } taskKey, DynamicKey: { } dynamicKey })
        {
            known = flowRunId is null ? null : TaskRuns.Find(scope, flowRunId, taskKey, dynamicKey);
            if (known is null)
            {
                TaskRuns.Insert(scope, new() { Id = id, Name = report.Name ?? taskKey, FlowRunId = flowRunId, TaskKey = taskKey, DynamicKey = dynamicKey });
                known = TaskRuns.Read(scope, id)!;
            }
        }
        if (known is null)
            return;
        State next = new()
        {
            Id = received.Id,
            Type = state.Type,
            Name = state.Name ?? state.Type.ToString(),
            Timestamp = received.Occurred.ToUniversalTime(),
            Message = state.Message,
            Data = state.Data,
            StateDetails = (state.StateDetails ?? new()) with { TaskRunId = known.Id, FlowRunId = flowRunId },
        };
        long seq = TaskRunStates.Insert(scope, known.Id, next);
        if (known.State is null || known.State.Timestamp < next.Timestamp)
            Update(scope, known, report, next, seq);
    }

    private static void Update(Scope scope, TaskRun known, TaskRunReport report, State next, long seq) => scope.Db.Execute($"""
        UPDATE task_run SET updated = {scope.Now}, name = {report.Name ?? known.Name}, cache_key = {report.CacheKey ?? known.CacheKey},
            cache_expiration = {report.CacheExpiration ?? known.CacheExpiration}, task_version = {report.TaskVersion ?? known.TaskVersion},
            empirical_policy = {JsonSerializer.Serialize(report.EmpiricalPolicy ?? known.EmpiricalPolicy, ServerJson.Default.TaskRunPolicy)},
            tags = {Columns.List(report.Tags ?? known.Tags)}, labels = {Columns.Map(Columns.Over(known.Labels, report.Labels))},
            task_inputs = {Columns.Map(report.TaskInputs ?? known.TaskInputs)}, run_count = {report.RunCount ?? known.RunCount},
            flow_run_run_count = {report.FlowRunRunCount ?? known.FlowRunRunCount}, expected_start_time = {report.ExpectedStartTime ?? known.ExpectedStartTime ?? next.Timestamp},
            next_scheduled_start_time = {report.NextScheduledStartTime}, start_time = {report.StartTime ?? known.StartTime}, end_time = {report.EndTime},
            total_run_time = {TimeSpan.FromSeconds(Math.Clamp(report.TotalRunTime ?? known.TotalRunTime, 0, TimeSpan.FromDays(36_500).TotalSeconds))},
            state_seq = {seq}, state_type = {next.Type.Text()}, state_name = {next.Name}, state_time = {next.Timestamp}
        WHERE id = {known.Id}
        """);

    private static (StateCreate? State, TaskRunReport? Report) Read(JsonElement state, JsonElement report)
    {
        try
        {
            return (state.Deserialize(Columns.Type<StateCreate>()), report.Deserialize(ServerJson.Default.TaskRunReport));
        }
        catch (JsonException)
        {
            return default; // anybody may send events of any name; one that is none of the engine's is only kept
        }
    }

    private static Guid? ObjectId(IReadOnlyDictionary<string, string> resource, string prefix) =>
        resource.GetValueOrDefault(ResourceId) is { } id && id.StartsWith(prefix, StringComparison.Ordinal) && Guid.TryParse(id.AsSpan(prefix.Length), CultureInfo.InvariantCulture, out Guid known)
            ? known : null;
}

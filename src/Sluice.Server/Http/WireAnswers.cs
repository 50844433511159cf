using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Orchestration.Json;

namespace Sluice.Server.Http;

/// <summary>
/// How answers are written: as requests, but with null members present, and with the members that Prefect answers and Sluice does not keep, since
/// Prefect's clients expect all of them.
/// </summary>
internal static class WireAnswers
{
    public static JsonSerializerOptions Options { get; } = new(OrchestrationJson.Default.Options)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        TypeInfoResolver = JsonTypeInfoResolver.Combine(OrchestrationJson.Default, WireJson.Default, ServerJson.Default).WithAddedModifier(Complete),
    };

    private static readonly JsonElement EmptyObject = JsonElement.Parse("{}");
    private static readonly JsonElement False = JsonElement.Parse("false");
    private static readonly JsonElement NoStorage = JsonElement.Parse("""{"bundle_upload_step":null,"bundle_execution_step":null,"default_result_storage_block_id":null}""");

    private static void Complete(JsonTypeInfo type)
    {
        if (type.Type == typeof(Deployment))
        {
            Add(type, "storage_document_id", null);
            Add(type, "infrastructure_document_id", null);
            Add(type, "updated_by", null);
            Default(type, "parameter_openapi_schema", EmptyObject);
            Map(type, "concurrency_limit", static owner => ((Deployment)owner).GlobalConcurrencyLimit is null ? ((Deployment)owner).ConcurrencyLimit : null); // as Prefect: it is told there
            Map(type, "schedules", static owner => NewestFirst(((Deployment)owner).Schedules));
        }
        else if (type.Type == typeof(FlowRun))
        {
            Add(type, "infrastructure_document_id", null);
            Default(type, "context", EmptyObject);
            Default(type, "job_variables", new Dictionary<string, JsonElement>());
            Omit(type, "work_pool_id", IsForWorker);
            Omit(type, "work_pool_name", IsForWorker);
        }
        else if (type.Type == typeof(StateDetails))
        {
            Default(type, "deferred", False);
            Default(type, "untrackable_result", false);
            Default(type, "pause_reschedule", false);
        }
        else if (type.Type == typeof(OrchestrationDetails))
        {
            Omit(type, "reason", static owner => ((OrchestrationDetails)owner).Reason is null);
            Omit(type, "delay_seconds", static owner => ((OrchestrationDetails)owner).DelaySeconds is null);
        }
        else if (type.Type == typeof(DeploymentSchedule))
        {
            // Sluice's own: only where they say something.
            foreach (string own in (ReadOnlySpan<string>)["misfire", "max_misfires", "dst"])
            {
                Omit(type, own, static owner => owner is DeploymentSchedule { Misfire: null or ScheduleMisfire.Skip, Dst: null or ScheduleDst.PrefectCompatible });
            }
        }
        else if (type.Type == typeof(FlowRunPolicy))
        {
            Default(type, "pause_keys", Array.Empty<string>());
            Default(type, "resuming", false);
        }
        else if (type.Type == typeof(WorkPool))
        {
            Default(type, "base_job_template", EmptyObject);
            Add(type, "storage_configuration", NoStorage);
        }
        else if (type.Type == typeof(WorkQueue))
        {
            Add(type, "filter", null);
        }
        else if (type.Type == typeof(Log))
        {
            Copy(type, "created", log => ((Log)log).Timestamp);
            Copy(type, "updated", log => ((Log)log).Timestamp);
        }
        else if (type.Type == typeof(WorkerInfo))
        {
            Copy(type, "created", worker => ((WorkerInfo)worker).LastHeartbeatTime);
            Copy(type, "updated", worker => ((WorkerInfo)worker).LastHeartbeatTime);
            Omit(type, "labels", static owner => ((WorkerInfo)owner).Labels is null);
        }
    }

    /// <summary>What a worker is told of a run, as Prefect tells it: without its state and its pool, which the worker asked about.</summary>
    public static WorkerFlowRun ForWorker(WorkerFlowRun run) => run with { FlowRun = run.FlowRun with { State = null } };

    /// <summary>Prefect lists schedules by their last change, the latest first.</summary>
    public static IReadOnlyList<DeploymentSchedule> NewestFirst(IReadOnlyList<DeploymentSchedule> schedules) =>
        schedules.Count < 2 ? schedules : [.. schedules.Reverse().OrderByDescending(schedule => schedule.Updated)];

    private static bool IsForWorker(object run) => run is FlowRun { StateId: not null, State: null };

    private static void Map(JsonTypeInfo type, string name, Func<object, object?> value) => type.Properties.First(property => property.Name == name).Get = value;

    /// <summary>Leaves a member out of some answers.</summary>
    private static void Omit(JsonTypeInfo type, string name, Func<object, bool> when) =>
        type.Properties.First(property => property.Name == name).ShouldSerialize = (owner, _) => !when(owner);

    /// <summary>Adds a member that is always the same.</summary>
    private static void Add(JsonTypeInfo type, string name, JsonElement? value)
    {
        JsonPropertyInfo property = type.CreateJsonPropertyInfo(typeof(JsonElement?), name);
        property.Get = _ => value;
        type.Properties.Add(property);
    }

    /// <summary>Adds a member that is taken from another one.</summary>
    private static void Copy(JsonTypeInfo type, string name, Func<object, DateTimeOffset?> value)
    {
        JsonPropertyInfo property = type.CreateJsonPropertyInfo(typeof(DateTimeOffset?), name);
        property.Get = owner => value(owner);
        type.Properties.Add(property);
    }

    /// <summary>Replaces null, which Prefect's models refuse there.</summary>
    private static void Default(JsonTypeInfo type, string name, object value)
    {
        JsonPropertyInfo property = type.Properties.First(property => property.Name == name);
        Func<object, object?> get = property.Get!;
        property.Get = owner => get(owner) is { } set and not JsonElement { ValueKind: JsonValueKind.Undefined } ? set : value;
    }
}

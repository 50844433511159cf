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
        }
        else if (type.Type == typeof(FlowRun))
        {
            Add(type, "infrastructure_document_id", null);
            Default(type, "context", EmptyObject);
            Default(type, "job_variables", new Dictionary<string, JsonElement>());
        }
        else if (type.Type == typeof(StateDetails))
        {
            foreach (string name in (ReadOnlySpan<string>)["task_run_id", "cache_key", "cache_expiration", "run_input_keyset", "refresh_cache", "task_parameters_id", "traceparent"])
            {
                Add(type, name, null);
            }

            Add(type, "deferred", False);
            Default(type, "untrackable_result", false);
            Default(type, "pause_reschedule", false);
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
            Add(type, "active_slots", null);
        }
        else if (type.Type == typeof(WorkQueue))
        {
            Add(type, "filter", null);
            Add(type, "active_slots", null);
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
        }
    }

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

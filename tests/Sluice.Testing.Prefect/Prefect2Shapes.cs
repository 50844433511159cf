using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Sluice.Testing.Prefect;

/// <summary>Bodies of 2.10 as 3.x has them, and answers of 3.x as 2.10 gives them.</summary>
internal static class Prefect2Shapes
{
    /// <summary>2.10's answer where something that is referred to does not exist.</summary>
    public const string Integrity = "Data integrity conflict. This usually means a unique or foreign key constraint was violated. See server logs for details.";

    /// <summary>What 3.x answers and 2.10 does not know, wherever it stands in an answer.</summary>
    private static readonly HashSet<string> s_later =
    [
        "labels", "deployment_version", "job_variables", "retry_type", "deferred", "retriable", "transition_id", "run_input_keyset", "task_parameters_id", "traceparent",
        "deployment_concurrency_lease_id", "storage_configuration", "active_slots", "status", "heartbeat_interval_seconds", "enforce_parameter_schema", "block_type_name",
    ];

    /// <summary>Free data, whose keys are nobody's business.</summary>
    private static readonly HashSet<string> s_free = ["parameters", "context", "data", "base_job_template", "fields", "value", "metadata_", "parameter_openapi_schema"];

    /// <summary>The filter of deployments has another name for pauses.</summary>
    public static JsonNode? Filter(JsonNode? body)
    {
        if (body?.DeepClone() is not JsonObject query)
        {
            return body;
        }

        if (query["deployments"] is JsonObject deployments && deployments.Remove("is_schedule_active", out JsonNode? active) && active is JsonObject { } wanted)
        {
            deployments["paused"] = wanted["eq_"] is { } flag ? new JsonObject { ["eq_"] = !flag.GetValue<bool>() } : null;
        }

        // A member that is null is one that was not given.
        foreach (string name in query.Where(member => member.Value is null).Select(member => member.Key).ToList())
        {
            query.Remove(name);
        }

        return query;
    }

    /// <summary>An answer without what came later.</summary>
    public static JsonNode? Answer(JsonNode? answer)
    {
        switch (answer)
        {
            case JsonArray list:
                return new JsonArray([.. list.Select(item => Answer(item))]);
            case JsonObject members:
                JsonObject kept = [];
                // The answer to a proposed state has a status of its own.
                bool isResult = members.ContainsKey("details");
                foreach ((string name, JsonNode? value) in members)
                {
                    if (!s_later.Contains(name) || (isResult && name == "status"))
                    {
                        kept[name] = s_free.Contains(name) ? value?.DeepClone() : Answer(value);
                    }
                }

                return kept;
            default:
                return answer?.DeepClone();
        }
    }

    /// <summary>2.10 keeps logs of flow runs only.</summary>
    public static bool IsLogOfNoRun(JsonNode? body) => body is JsonArray logs && logs.Any(log => log!["flow_run_id"] is null);

    /// <summary>2.10 takes lower-case letters, digits and underscores.</summary>
    public static JsonNode? BadVariableName(JsonNode? body) => body?["name"] is JsonValue name && Regex.IsMatch(name.GetValue<string>(), "^[a-z0-9_]*$") ? null : new JsonObject
    {
        ["exception_message"] = "Invalid request received.",
        ["exception_detail"] = new JsonArray(new JsonObject { ["loc"] = new JsonArray("body", "name"), ["msg"] = "name must only contain lowercase letters, numbers, and underscores.", ["type"] = "value_error" }),
        ["request_body"] = body?.DeepClone(),
    };
}

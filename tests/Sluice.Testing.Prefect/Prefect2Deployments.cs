using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Sluice.Testing.Prefect;

/// <summary>Deployments as 2.10 has them: one schedule without an id, <c>is_schedule_active</c>, <c>infra_overrides</c>, blocks as storage and infrastructure.</summary>
internal sealed class Prefect2Deployments
{
    private const string Slug = "schedule";

    /// <summary>Members that mean the same in both.</summary>
    private static readonly string[] s_same = ["name", "flow_id", "parameters", "tags", "pull_steps", "work_queue_name", "work_pool_name", "description", "parameter_openapi_schema", "path", "version", "entrypoint"];

    /// <summary>Members that null empties.</summary>
    private static readonly string[] s_texts = ["description", "path", "version", "entrypoint", "work_pool_name"];

    /// <summary>Members that 3.x has no use for.</summary>
    private static readonly string[] s_own = ["manifest_path", "storage_document_id", "infrastructure_document_id"];

    private readonly ConcurrentDictionary<string, JsonObject> _own = [];

    public async Task<(int Status, JsonNode? Body)> AnswerAsync(Prefect2Exchange exchange, string[] steps) => (exchange.Request.Method, steps) switch
    {
        ("POST", ["deployments"]) => await CreateAsync(exchange),
        ("PATCH", [_, var id]) => await UpdateAsync(exchange, id),
        ("POST", [_, _, "set_schedule_active"]) => await exchange.SendAsync("POST", $"/deployments/{steps[1]}/resume_deployment"),
        ("POST", [_, _, "set_schedule_inactive"]) => await exchange.SendAsync("POST", $"/deployments/{steps[1]}/pause_deployment"),
        ("POST", [_, _, "create_flow_run"]) => await RunAsync(exchange),
        ("POST", [_, "filter"]) => Back(await exchange.ForwardAsync(Prefect2Shapes.Filter(exchange.Body))),
        ("POST", [_, "count"]) => await exchange.ForwardAsync(Prefect2Shapes.Filter(exchange.Body)),
        ("GET", [_, _]) or ("GET", [_, "name", ..]) => Back(await exchange.ForwardAsync(null)),
        _ => await exchange.ForwardAsync(exchange.Body),
    };

    private static async Task<(int Status, JsonNode? Body)> RunAsync(Prefect2Exchange exchange)
    {
        // 2.10 does not hold parameters against the schema.
        JsonObject body = exchange.Body?.DeepClone().AsObject() ?? [];
        body["enforce_parameter_schema"] = false;
        (int status, JsonNode? answer) = await exchange.ForwardAsync(body);
        return (status, Prefect2Shapes.Answer(answer));
    }

    private async Task<(int Status, JsonNode? Body)> CreateAsync(Prefect2Exchange exchange)
    {
        JsonObject sent = exchange.Body!.AsObject();
        if (sent["name"] is null || sent["flow_id"] is null)
        {
            return (500, new JsonObject { ["exception_message"] = "Internal Server Error" });
        }

        JsonObject query = new()
        {
            ["flows"] = new JsonObject { ["id"] = new JsonObject { ["any_"] = new JsonArray(sent["flow_id"]!.DeepClone()) } },
            ["deployments"] = new JsonObject { ["name"] = new JsonObject { ["any_"] = new JsonArray(sent["name"]!.DeepClone()) } },
        };
        JsonObject? live = (await exchange.SendAsync("POST", "/deployments/filter", query)).Body is JsonArray { Count: 1 } found ? found[0]!.AsObject() : null;
        JsonObject body = Translated(sent);
        body["enforce_parameter_schema"] = false;
        if (live is not null)
        {
            // What is not sent stays, where 3.x resets it.
            body.TryAdd("parameters", live["parameters"]!.DeepClone());
            body.TryAdd("schedules", Resent(live["schedules"]!.AsArray()));
        }

        (int status, JsonNode? answer) = await exchange.ForwardAsync(body);
        if (status is not (200 or 201))
        {
            return Refused(status, answer, sent);
        }

        string id = answer!["id"]!.GetValue<string>();
        if (live is not null && body.Where(member => member.Value is null).Select(member => KeyValuePair.Create(member.Key, (JsonNode?)null)).ToArray() is { Length: > 0 } nulls)
        {
            // What is sent as null is null, where 3.x leaves it.
            await exchange.SendAsync("PATCH", $"/deployments/{id}", new JsonObject(nulls));
            answer = (await exchange.SendAsync("GET", $"/deployments/{id}")).Body;
        }

        Keep(id, sent);
        return Back((status, answer));
    }

    private async Task<(int Status, JsonNode? Body)> UpdateAsync(Prefect2Exchange exchange, string id)
    {
        JsonObject sent = exchange.Body!.AsObject();
        JsonObject body = Translated(sent);
        bool removes = body["schedules"] is JsonArray { Count: 0 };
        if (removes)
        {
            body.Remove("schedules");
        }

        (int status, JsonNode? answer) = await exchange.ForwardAsync(body);
        if (status != 204)
        {
            return Refused(status, answer, sent);
        }

        if (removes && (await exchange.SendAsync("GET", $"/deployments/{id}/schedules")).Body is JsonArray schedules)
        {
            foreach (JsonNode? schedule in schedules)
            {
                await exchange.SendAsync("DELETE", $"/deployments/{id}/schedules/{schedule!["id"]}");
            }
        }

        Keep(id, sent);
        return (status, null);
    }

    /// <summary>The body of 3.x. Null sets a text to none and removes a schedule; elsewhere it is what was not given.</summary>
    private static JsonObject Translated(JsonObject sent)
    {
        JsonObject body = [];
        foreach (string name in s_same)
        {
            if (sent[name] is { } value)
            {
                body[name] = value.DeepClone();
            }
            else if (sent.ContainsKey(name) && s_texts.Contains(name))
            {
                body[name] = null;
            }
        }

        if (sent["infra_overrides"] is { } overrides)
        {
            body["job_variables"] = overrides.DeepClone();
        }

        if (sent["is_schedule_active"] is { } active)
        {
            body["paused"] = !active.GetValue<bool>();
        }

        if (sent.TryGetPropertyValue("schedule", out JsonNode? schedule))
        {
            body["schedules"] = schedule is null ? new JsonArray() : new JsonArray(new JsonObject { ["schedule"] = WithoutNulls(schedule), ["slug"] = Slug });
        }

        return body;
    }

    private static JsonObject WithoutNulls(JsonNode schedule) => new(schedule.AsObject().Where(member => member.Value is not null).Select(member => KeyValuePair.Create(member.Key, (JsonNode?)member.Value!.DeepClone())));

    private static JsonArray Resent(JsonArray schedules) =>
        [.. schedules.Select(schedule => new JsonObject { ["schedule"] = WithoutNulls(schedule!["schedule"]!), ["slug"] = schedule["slug"]?.DeepClone() })];

    /// <summary>2.10 answers a conflict where 3.x says that a value is invalid.</summary>
    private static (int Status, JsonNode? Body) Refused(int status, JsonNode? answer, JsonObject sent)
    {
        bool isOverride = status == 422 && sent["infra_overrides"] is not null && answer?["detail"] is JsonValue detail && detail.ToString().Contains("Validation failed", StringComparison.Ordinal);
        return isOverride
            ? (409, new JsonObject { ["detail"] = $"Error creating deployment: <ValidationError: {answer!["exception_detail"]?[0]?["msg"] ?? answer["detail"]}>" })
            : (status, answer);
    }

    private void Keep(string id, JsonObject sent)
    {
        JsonObject own = _own.GetOrAdd(id, _ => []);
        lock (own)
        {
            foreach (string name in (IEnumerable<string>)[.. s_own, "schedule"])
            {
                if (sent.TryGetPropertyValue(name, out JsonNode? value))
                {
                    own[name] = value?.DeepClone();
                }
            }
        }
    }

    private (int Status, JsonNode? Body) Back((int Status, JsonNode? Body) answer) => (answer.Status, answer.Body switch
    {
        JsonArray list => new JsonArray([.. list.Select(item => Deployment(item!.AsObject()))]),
        JsonObject deployment when deployment.ContainsKey("schedules") => Deployment(deployment),
        var other => other,
    });

    private JsonObject Deployment(JsonObject live)
    {
        JsonObject own = _own.GetValueOrDefault(live["id"]!.GetValue<string>()) ?? [];
        JsonObject? schedule = live["schedules"]!.AsArray().FirstOrDefault()?["schedule"]?.DeepClone().AsObject();
        JsonObject answer = [];
        foreach (string name in (ReadOnlySpan<string>)["id", "created", "updated", "name", "version", "description", "flow_id"])
        {
            answer[name] = live[name]?.DeepClone();
        }

        answer["schedule"] = AsSent(schedule, own["schedule"] as JsonObject);
        answer["is_schedule_active"] = !live["paused"]!.GetValue<bool>();
        answer["infra_overrides"] = live["job_variables"]?.DeepClone();
        answer["pull_steps"] = live["pull_steps"] is JsonArray { Count: > 0 } steps ? steps.DeepClone() : null;
        foreach (string name in (ReadOnlySpan<string>)["parameters", "tags", "work_queue_name", "path", "entrypoint", "created_by", "updated_by", "work_pool_name"])
        {
            answer[name] = live[name]?.DeepClone();
        }

        answer["parameter_openapi_schema"] = live["parameter_openapi_schema"] is JsonObject { Count: > 0 } schema ? schema.DeepClone() : null;
        foreach (string name in s_own)
        {
            answer[name] = own[name]?.DeepClone();
        }

        return answer;
    }

    /// <summary>2.10 fills in less than 3.x: no zone into a cron expression, no start into a rule.</summary>
    private static JsonObject? AsSent(JsonObject? schedule, JsonObject? sent)
    {
        if (schedule is null || sent is null || schedule.ContainsKey("interval"))
        {
            return schedule;
        }

        if (sent["rrule"] is { } rule && schedule.ContainsKey("rrule"))
        {
            return new JsonObject { ["rrule"] = rule.DeepClone(), ["timezone"] = sent["timezone"]?.DeepClone() ?? "UTC" };
        }

        return new JsonObject { ["cron"] = schedule["cron"]?.DeepClone(), ["timezone"] = sent["timezone"]?.DeepClone(), ["day_or"] = sent["day_or"]?.DeepClone() ?? true };
    }
}

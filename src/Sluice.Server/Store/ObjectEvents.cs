using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>Prefect's events for what is done to deployments, work pools and queues, in the transaction that does it.</summary>
internal static class ObjectEvents
{
    private static readonly HashSet<string> _ofDeployments =
    [
        "name", "flow_id", "version", "description", "paused", "concurrency_limit", "concurrency_options", "parameters", "parameter_openapi_schema", "enforce_parameter_schema",
        "job_variables", "tags", "labels", "work_queue_id", "work_pool_name", "path", "entrypoint", "pull_steps",
    ];

    private static readonly HashSet<string> _ofPools = ["description", "is_paused", "concurrency_limit", "base_job_template"];
    private static readonly HashSet<string> _ofQueues = ["name", "description", "is_paused", "concurrency_limit", "priority"];

    /// <summary><c>prefect.deployment.created</c>, or <c>updated</c> with what changed; nothing where nothing did.</summary>
    public static void Saved(Scope scope, Deployment? before, Deployment after)
    {
        if (before is null)
            Deployment(scope, after.Id, "created", "{}");
        else if (Changes(before, after, _ofDeployments) is { } payload)
            Deployment(scope, after.Id, "updated", payload);
    }

    /// <summary>An event about a deployment that exists, as <c>deleted</c> just before it goes.</summary>
    public static void Deployment(Scope scope, Guid id, string what, string payload)
    {
        Guid eventId = scope.NewId();
        long? seq = scope.Db.Number($"""
            INSERT INTO event (id, occurred, received, event, resource_id, resource, related, payload)
            SELECT {eventId}, {scope.Now}, {scope.Now}, {"prefect.deployment." + what}, {RunEvents.Id("deployment", id)},
                json_object('prefect.resource.id', {RunEvents.Id("deployment", id)}, 'prefect.resource.name', d.name),
                '[' || json_object('prefect.resource.id', 'prefect.flow.' || {RunEvents.Uuid("f.id")}, 'prefect.resource.name', f.name, 'prefect.resource.role', 'flow')
                || CASE WHEN q.id IS NULL THEN '' ELSE ',' || json_object('prefect.resource.id', 'prefect.work-queue.' || {RunEvents.Uuid("q.id")},
                    'prefect.resource.name', q.name, 'prefect.resource.role', 'work-queue') || ',' || json_object('prefect.resource.id', 'prefect.work-pool.' || {RunEvents.Uuid("p.id")},
                    'prefect.resource.name', p.name, 'prefect.work-pool.type', p.type, 'prefect.resource.role', 'work-pool') END || ']',
                {payload}
            FROM deployment d JOIN flow f ON f.id = d.flow_id LEFT JOIN work_queue q ON q.id = d.work_queue_id LEFT JOIN work_pool p ON p.id = q.work_pool_id
            WHERE d.id = {id} RETURNING seq
            """);
        Events.Clean(scope, seq);
    }

    /// <summary>What an update did to a pool: <c>updated</c> with what changed, and its new status.</summary>
    public static void Updated(Scope scope, WorkPool before, WorkPool after)
    {
        if (Changes(before, after, _ofPools) is { } payload)
            Pool(scope, after, "updated", payload);
        if (before.Status != after.Status)
            Status(scope, after);
    }

    /// <summary>The event of a pool's status, as <c>prefect.work-pool.not-ready</c>.</summary>
    public static void Status(Scope scope, WorkPool pool) => Pool(scope, pool, Kebab(pool.Status), "{}");

    /// <summary>An event about a pool.</summary>
    public static void Pool(Scope scope, WorkPool pool, string what, string payload) =>
        Insert(scope, "prefect.work-pool." + what, RunEvents.Id("work-pool", pool.Id), PoolLabels(pool, withRole: what == "updated"), "[]", payload);

    /// <summary>What an update did to a queue.</summary>
    public static void Updated(Scope scope, WorkPool pool, WorkQueue before, WorkQueue after)
    {
        if (Changes(before, after, _ofQueues) is { } payload)
            Queue(scope, pool, after, "updated", payload);
        if (before.Status != after.Status)
            Queue(scope, pool, after, Kebab(after.Status), "{}");
    }

    /// <summary>An event about a queue.</summary>
    public static void Queue(Scope scope, WorkPool pool, WorkQueue queue, string what, string payload)
    {
        string id = RunEvents.Id("work-queue", queue.Id);
        string labels = RunEvents.Write(writer =>
        {
            writer.WriteString("prefect.resource.id", id);
            writer.WriteString("prefect.resource.name", queue.Name);
            writer.WriteString("prefect.resource.role", "work-queue");
        });
        Insert(scope, "prefect.work-queue." + what, id, labels, $"[{PoolLabels(pool, withRole: true)}]", payload);
    }

    private static string PoolLabels(WorkPool pool, bool withRole) => RunEvents.Write(writer =>
    {
        writer.WriteString("prefect.resource.id", RunEvents.Id("work-pool", pool.Id));
        writer.WriteString("prefect.resource.name", pool.Name);
        writer.WriteString("prefect.work-pool.type", pool.Type);
        if (withRole)
            writer.WriteString("prefect.resource.role", "work-pool");
    });

    private static void Insert(Scope scope, string name, string resourceId, string resource, string related, string payload) => Events.Clean(scope, scope.Db.Number($"""
        INSERT INTO event (id, occurred, received, event, resource_id, resource, related, payload)
        VALUES ({scope.NewId()}, {scope.Now}, {scope.Now}, {name}, {resourceId}, {resource}, {related}, {payload}) RETURNING seq
        """));

    private static string Kebab(string? status) => (status ?? "NOT_READY").ToLowerInvariant().Replace('_', '-');

    /// <summary>Prefect's <c>updated_fields</c> and <c>updates</c>; null where nothing changed.</summary>
    private static string? Changes<T>(T before, T after, HashSet<string> fields)
    {
        JsonElement was = Columns.Parse(Columns.Write(before)), now = Columns.Parse(Columns.Write(after));
        var changed = new List<(string Name, JsonElement? From, JsonElement? To)>();
        foreach (string field in fields)
        {
            JsonElement? from = was.TryGetProperty(field, out JsonElement old) ? old : null, to = now.TryGetProperty(field, out JsonElement next) ? next : null;
            if (from is null != to is null || from is not null && !JsonElement.DeepEquals(from.Value, to!.Value))
                changed.Add((field, from, to));
        }
        return changed.Count == 0 ? null : RunEvents.Write(writer =>
        {
            writer.WriteStartArray("updated_fields");
            foreach (var field in changed)
                writer.WriteStringValue(field.Name);
            writer.WriteEndArray();
            writer.WriteStartObject("updates");
            foreach (var field in changed)
            {
                writer.WriteStartObject(field.Name);
                Value(writer, "from", field.From);
                Value(writer, "to", field.To);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        });
    }

    private static void Value(Utf8JsonWriter writer, string name, JsonElement? value)
    {
        writer.WritePropertyName(name);
        if (value is { } set)
            set.WriteTo(writer);
        else
            writer.WriteNullValue();
    }
}

using System.Globalization;
using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>
/// Prefect's event for each change of a flow run's state, in the transaction of the change: one statement, which looks up the names it needs itself.
/// Its id is the state's, as Prefect's is.
/// </summary>
internal static class RunEvents
{
    private const int LongestMessage = 100_000;

    /// <summary>Prefect names the event before only when the two are near enough to be taken for each other.</summary>
    private static readonly TimeSpan _tight = TimeSpan.FromMinutes(5);

    public static void Changed(Scope scope, FlowRun run, State next)
    {
        State? last = run.State;
        Guid? follows = last is not null && next.Timestamp - last.Timestamp < _tight ? last.Id : null;
        long? seq = scope.Db.Number($"""
            INSERT INTO event (id, occurred, received, event, resource_id, resource, related, payload, follows)
            SELECT {next.Id}, {next.Timestamp}, {scope.Now}, {"prefect.flow-run." + next.Name}, {Id("flow-run", run.Id)},
                json_object('prefect.resource.id', {Id("flow-run", run.Id)}, 'prefect.resource.name', r.name, 'prefect.run-count', CAST(r.run_count AS TEXT),
                    'prefect.state-message', {Cut(next.Message) ?? ""}, 'prefect.state-name', {next.Name}, 'prefect.state-timestamp', {Python(next.Timestamp)},
                    'prefect.state-type', {next.Type.Text()}),
                '[' || json_object('prefect.resource.id', 'prefect.flow.' || {Uuid("f.id")}, 'prefect.resource.role', 'flow', 'prefect.resource.name', f.name)
                || CASE WHEN d.id IS NULL THEN '' ELSE ',' || json_object('prefect.resource.id', 'prefect.deployment.' || {Uuid("d.id")},
                    'prefect.resource.role', 'deployment', 'prefect.resource.name', d.name) END
                || CASE WHEN q.id IS NULL THEN '' ELSE ',' || json_object('prefect.resource.id', 'prefect.work-queue.' || {Uuid("q.id")},
                    'prefect.resource.role', 'work-queue', 'prefect.resource.name', q.name) || ',' || json_object('prefect.resource.id', 'prefect.work-pool.' || {Uuid("p.id")},
                    'prefect.resource.role', 'work-pool', 'prefect.resource.name', p.name, 'prefect.work-pool.type', p.type) END
                || COALESCE((SELECT group_concat(',' || json_object('prefect.resource.id', 'prefect.tag.' || value, 'prefect.resource.role', 'tag'), '') FROM (
                    SELECT value FROM json_each(r.tags) UNION SELECT value FROM json_each(f.tags) UNION SELECT value FROM json_each(COALESCE(d.tags, '[]')) ORDER BY 1)), '')
                || {Creator(run.CreatedBy)} || ']', {Payload(last, next)}, {follows}
            FROM flow_run r JOIN flow f ON f.id = r.flow_id LEFT JOIN deployment d ON d.id = r.deployment_id
                LEFT JOIN work_queue q ON q.id = r.work_queue_id LEFT JOIN work_pool p ON p.id = q.work_pool_id
            WHERE r.id = {run.Id}
            ON CONFLICT (id) DO NOTHING RETURNING seq
            """);
        Events.Clean(scope, seq);
    }

    /// <summary>The resource id of one of Prefect's objects.</summary>
    public static string Id(string kind, Guid id) => $"prefect.{kind}.{id}";

    /// <summary>An id column as text.</summary>
    public static Sql Uuid(string column) => Sql.Raw(
        $"lower(substr(hex({column}), 1, 8) || '-' || substr(hex({column}), 9, 4) || '-' || substr(hex({column}), 13, 4) || '-' || substr(hex({column}), 17, 4) || '-' || substr(hex({column}), 21))");

    private static string? Cut(string? message) => message?.Length > LongestMessage ? message[..(LongestMessage - 3)] + "..." : message;

    /// <summary>A time as Python's <c>isoformat</c> writes it.</summary>
    private static string Python(DateTimeOffset time) =>
        time.UtcDateTime.ToString(time.Ticks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-ddTHH:mm:ss+00:00" : "yyyy-MM-ddTHH:mm:ss.ffffff+00:00", CultureInfo.InvariantCulture);

    private static string Creator(CreatedBy? creator)
    {
        string? kind = creator?.Type switch { "DEPLOYMENT" => "deployment", "AUTOMATION" => "automation", _ => null };
        return kind is null ? "" : "," + Write(writer =>
        {
            writer.WriteString("prefect.resource.id", $"prefect.{kind}.{creator!.Id}");
            writer.WriteString("prefect.resource.role", "creator");
            if (creator.DisplayValue is { Length: > 0 } name)
                writer.WriteString("prefect.resource.name", name);
        });
    }

    private static string Payload(State? last, State next) => Write(writer =>
    {
        writer.WriteStartObject("intended");
        writer.WriteString("from", last?.Type.Text().Value);
        writer.WriteString("to", next.Type.Text().Value);
        writer.WriteEndObject();
        Write(writer, "initial_state", last);
        Write(writer, "validated_state", next);
    });

    private static void Write(Utf8JsonWriter writer, string name, State? state)
    {
        if (state is null)
        {
            writer.WriteNull(name);
            return;
        }
        writer.WriteStartObject(name);
        writer.WriteString("type", state.Type.Text().Value);
        writer.WriteString("name", state.Name);
        if (state.Message is { Length: > 0 })
            writer.WriteString("message", Cut(state.Message));
        if (state.Type == StateType.Paused)
            writer.WriteString("pause_reschedule", state.StateDetails.PauseReschedule == true ? "true" : "false");
        writer.WriteEndObject();
    }

    /// <summary>A JSON object as text.</summary>
    internal static string Write(Action<Utf8JsonWriter> members)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}

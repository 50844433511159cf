using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Orchestration;
using Sluice.Server.Events;

namespace Sluice.Server.Http.Live;

/// <summary>
/// Prefect's worker channel, version 1: <c>worker.hello.v1</c>, <c>worker.ready.v1</c>, then heartbeats from the worker and a snapshot of the work pool
/// whenever it changes. Frames of kinds that it does not know are passed over.
/// </summary>
internal sealed class WorkerChannel(IOrchestrationApi api, LiveFeed<ServerEvent> feed, SocketDoor door, ApiHostOptions options)
{
    private const string Version = "work_pool_worker_channel.v1";
    private static readonly string[] Accepted = ["worker_heartbeat.v1", "work_pool_snapshot.v1"];

    public async Task ServeAsync(HttpContext http)
    {
        await using PrefectSocket? socket = await PrefectSocket.AcceptAsync(http, door, refusal: "authentication_failed");
        if (socket is null)
            return;
        string poolName = (string)http.Request.RouteValues["name"]!;
        try
        {
            Hello hello = Hello.Read(await FrameAsync(socket) ?? throw Refused.Protocol);
            if (!hello.Versions.Contains(Version))
                throw new Refused(WebSocketCloseStatus.PolicyViolation, "unsupported_version");
            long place = await feed.JoinAsync(socket.Gone);
            try
            {
                await ServeAsync(socket, poolName, hello, place);
            }
            finally
            {
                feed.Leave();
            }
        }
        catch (Refused refused)
        {
            await socket.CloseAsync((int)refused.Code, refused.Reason);
        }
        catch (OrchestrationException error)
        {
            bool theirs = error.Kind is OrchestrationErrorKind.Invalid or OrchestrationErrorKind.Conflict;
            if (!theirs)
                options.Report($"the channel of a worker of \"{poolName}\" ended: {error.Message}");
            await socket.CloseAsync((int)(theirs ? WebSocketCloseStatus.ProtocolError : WebSocketCloseStatus.InternalServerError), theirs ? "protocol_error" : "transient_server_error");
        }
        catch (OperationCanceledException) when (socket.Gone.IsCancellationRequested)
        {
            // The worker has closed, or the server stops.
        }
    }

    private async Task ServeAsync(PrefectSocket socket, string poolName, Hello hello, long place)
    {
        CancellationToken gone = socket.Gone;
        WorkPool pool = await PoolAsync(poolName, hello, gone);
        IReadOnlyList<WorkQueue> queues = await QueuesAsync(poolName, hello, gone);
        await BeatAsync(poolName, hello, gone);
        pool = await api.FindWorkPoolAsync(poolName, gone) ?? throw Refused.Unauthorized;
        if (!await socket.SendAsync(Ready(hello, queues, pool)))
            return;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(gone);
        Task snapshots = SnapshotsAsync(socket, pool, place, ended.Token);
        try
        {
            while (await FrameAsync(socket) is { } frame)
            {
                if (frame.GetProperty("type").ValueEquals("worker.heartbeat.v1"))
                {
                    if (!hello.IsFrom(frame))
                        throw Refused.Protocol;
                    await BeatAsync(poolName, hello, gone);
                }
            }
        }
        finally
        {
            await ended.CancelAsync();
            await snapshots;
        }
    }

    /// <summary>The pool as the worker finds it: created where it asks for that, its template filled in where there is none.</summary>
    private async Task<WorkPool> PoolAsync(string name, Hello hello, CancellationToken cancellationToken)
    {
        if (await api.FindWorkPoolAsync(name, cancellationToken) is { } pool)
        {
            bool bare = pool.BaseJobTemplate.ValueKind != JsonValueKind.Object || !pool.BaseJobTemplate.EnumerateObject().Any();
            if (bare && hello.Template is { } template && template.EnumerateObject().Any())
                await api.UpdateWorkPoolAsync(name, new() { BaseJobTemplate = template }, cancellationToken);
            return pool;
        }
        if (!hello.CreatesPool)
            throw Refused.Unauthorized;
        try
        {
            return await api.CreateWorkPoolAsync(new() { Name = name, Type = hello.Type, BaseJobTemplate = hello.Template }, cancellationToken);
        }
        catch (OrchestrationException error) when (error.Kind == OrchestrationErrorKind.Forbidden)
        {
            throw Refused.Unauthorized;
        }
        catch (OrchestrationException error) when (error.Kind == OrchestrationErrorKind.Conflict)
        {
            return await api.FindWorkPoolAsync(name, cancellationToken) ?? throw Refused.Unauthorized; // another worker was first
        }
    }

    private async Task<IReadOnlyList<WorkQueue>> QueuesAsync(string pool, Hello hello, CancellationToken cancellationToken)
    {
        IReadOnlyList<WorkQueue> all = await api.ListWorkQueuesAsync(pool, cancellationToken);
        return hello.Queues.Count == 0 ? all
            : [.. hello.Queues.Distinct().Select(name => all.FirstOrDefault(queue => queue.Name == name) ?? throw Refused.Unauthorized)];
    }

    private async Task BeatAsync(string pool, Hello hello, CancellationToken cancellationToken)
    {
        try
        {
            await api.HeartbeatWorkerAsync(pool, new() { Name = hello.Worker, HeartbeatIntervalSeconds = hello.Interval }, cancellationToken);
        }
        catch (OrchestrationException error) when (error.Kind == OrchestrationErrorKind.NotFound)
        {
            throw Refused.Unauthorized; // the pool was deleted
        }
        catch (OrchestrationException error)
        {
            options.Report($"a heartbeat of the worker \"{hello.Worker}\" was not kept: {error.Message}");
            throw new Refused(WebSocketCloseStatus.InternalServerError, "heartbeat_persistence_failed");
        }
    }

    /// <summary>Sends the pool anew after each event about it; the channel ends with the pool.</summary>
    private async Task SnapshotsAsync(PrefectSocket socket, WorkPool pool, long place, CancellationToken ended)
    {
        string resource = "prefect.work-pool." + pool.Id;
        int sequence = 1;
        try
        {
            while (true)
            {
                IReadOnlyList<LiveItem<ServerEvent>> items = await feed.NextAsync(place, ended);
                place = items[^1].Seq;
                if (!items.Any(item => item.Value.Body.Resource[ServerEvent.ResourceId] == resource))
                    continue;
                if (await api.FindWorkPoolAsync(pool.Name, ended) is not { } now || now.Id != pool.Id)
                {
                    await socket.CloseAsync((int)WebSocketCloseStatus.PolicyViolation, "authorization_failed");
                    return;
                }
                if (now.Updated == pool.Updated)
                    continue;
                pool = now;
                sequence++;
                await socket.SendAsync(Frame("work_pool.snapshot.v1", writer => WriteSnapshot(writer, sequence, "work_pool_updated", pool)));
            }
        }
        catch (OperationCanceledException)
        {
            // The worker has closed, or the server stops.
        }
        catch (OrchestrationException error)
        {
            options.Report($"the channel of a worker of \"{pool.Name}\" ended: {error.Message}");
            await socket.CloseAsync((int)WebSocketCloseStatus.InternalServerError, "transient_server_error");
        }
    }

    private byte[] Ready(Hello hello, IReadOnlyList<WorkQueue> queues, WorkPool pool) => Frame("worker.ready.v1", writer =>
    {
        writer.WriteString("consumer_id", hello.Consumer);
        writer.WriteNull("worker_id");
        writer.WriteString("selected_channel_version", Version);
        writer.WriteNumber("effective_heartbeat_interval_seconds", hello.Interval);
        Write(writer, "accepted_capabilities", Accepted);
        Write(writer, "rejected_capabilities", hello.Capabilities.Distinct().Except(Accepted));
        writer.WriteNumber("effective_max_cleanup_concurrency", 0);
        writer.WriteStartArray("resolved_work_queues");
        foreach (WorkQueue queue in queues)
        {
            writer.WriteStartObject();
            writer.WriteString("id", queue.Id);
            writer.WriteString("name", queue.Name);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartObject("initial_snapshot");
        WriteSnapshot(writer, 1, "initial", pool);
        writer.WriteEndObject();
    });

    private static void WriteSnapshot(Utf8JsonWriter writer, int sequence, string reason, WorkPool pool)
    {
        writer.WriteNumber("snapshot_sequence", sequence);
        writer.WriteString("reason", reason);
        writer.WritePropertyName("work_pool");
        writer.WriteRawValue(Answer.Ok(pool).Json!);
    }

    private static void Write(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (string text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    private byte[] Frame(string type, Action<Utf8JsonWriter> payload)
    {
        DateTimeOffset now = options.Time.GetUtcNow();
        return Answer.From(StatusCodes.Status200OK, writer =>
        {
            writer.WriteString("type", type);
            writer.WriteString("id", Guid.CreateVersion7(now));
            writer.WriteString("sent_at", ServerEvent.Time(now));
            writer.WriteStartObject("payload");
            payload(writer);
            writer.WriteEndObject();
        }).Json!;
    }

    /// <summary>The next frame, an object with a type; null when the worker has closed.</summary>
    private static async Task<JsonElement?> FrameAsync(PrefectSocket socket)
    {
        try
        {
            if (await socket.ReceiveAsync() is not { } frame)
                return null;
            return frame.ValueKind == JsonValueKind.Object && frame.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String ? frame : throw Refused.Protocol;
        }
        catch (JsonException)
        {
            throw Refused.Protocol;
        }
    }

    /// <summary>Why a channel ends, in the words that Prefect's workers know.</summary>
    private sealed class Refused(WebSocketCloseStatus code, string reason) : Exception(reason)
    {
        public static Refused Protocol => new(WebSocketCloseStatus.ProtocolError, "protocol_error");

        public static Refused Unauthorized => new(WebSocketCloseStatus.PolicyViolation, "authorization_failed");

        public WebSocketCloseStatus Code => code;

        public string Reason => Message;
    }

    /// <summary>What a worker says of itself.</summary>
    private sealed record Hello(
        string Consumer, string Worker, string Type, int Interval, IReadOnlyList<string> Versions, IReadOnlyList<string> Capabilities, IReadOnlyList<string> Queues,
        bool CreatesPool, JsonElement? Template)
    {
        public static Hello Read(JsonElement frame)
        {
            if (!frame.GetProperty("type").ValueEquals("worker.hello.v1") || !frame.TryGetProperty("payload", out JsonElement payload) || payload.ValueKind != JsonValueKind.Object)
                throw Refused.Protocol;
            var hello = new Hello(
                Text(payload, "consumer_id"), Text(payload, "worker_name"), Text(payload, "worker_type"),
                payload.TryGetProperty("heartbeat_interval_seconds", out JsonElement interval) && interval.ValueKind == JsonValueKind.Number && interval.TryGetInt32(out int seconds) && seconds > 0 ? seconds : throw Refused.Protocol,
                Texts(payload, "supported_channel_versions"), Texts(payload, "requested_capabilities"), Texts(payload, "work_queue_names"),
                payload.TryGetProperty("create_pool_if_not_found", out JsonElement creates) && creates.ValueKind == JsonValueKind.True,
                payload.TryGetProperty("default_base_job_template", out JsonElement template) && template.ValueKind == JsonValueKind.Object ? template : null);
            return Guid.TryParse(hello.Consumer, out _) && Accepted.All(hello.Capabilities.Contains) ? hello : throw Refused.Protocol;
        }

        /// <summary>Whether a heartbeat is this worker's.</summary>
        public bool IsFrom(JsonElement frame) => frame.TryGetProperty("payload", out JsonElement payload) && payload.ValueKind == JsonValueKind.Object
            && Text(payload, "consumer_id") == Consumer && Text(payload, "worker_name") == Worker;

        private static string Text(JsonElement payload, string name) =>
            payload.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String && text.GetString() is { Length: > 0 } set ? set : throw Refused.Protocol;

        private static List<string> Texts(JsonElement payload, string name)
        {
            if (!payload.TryGetProperty(name, out JsonElement list))
                return [];
            return list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(text => text.ValueKind == JsonValueKind.String)
                ? [.. list.EnumerateArray().Select(text => text.GetString()!)]
                : throw Refused.Protocol;
        }
    }
}

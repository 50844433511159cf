using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace Sluice.Testing.ProcessWorker;

/// <summary>
/// A re-enactment of Prefect's process worker, 3.8.3 or 2.10.21, from recorded conversations: the same requests in the same order with the same headers
/// and bodies, the same WebSockets, real child processes with the same environment, the same signals. It knows nothing of Sluice; where it and Prefect's
/// own worker would differ, the recordings in tests/data decide, and tests hold it against them.
/// </summary>
/// <remarks>.NET does not tell a process that exited with 128 + N from one that signal N ended: the latter's code is negative only where this worker sent SIGKILL.</remarks>
public sealed class ProcessWorker : IAsyncDisposable
{
    private static readonly TimeSpan _bound = TimeSpan.FromMinutes(2);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, ProcessWorkerRun> _runs = [];
    private readonly ConcurrentDictionary<string, bool> _met = [];
    private readonly List<Task> _loops = [];
    private readonly List<string> _trouble = [];

    private ProcessWorker(ProcessWorkerOptions options)
    {
        Options = options;
        Wire = new(options);
    }

    /// <summary>What it put on the wire so far.</summary>
    public IReadOnlyList<WireExchange> Exchanges => Wire.Exchanges;

    /// <summary>What went wrong with the worker itself; a test looks at it at its end.</summary>
    public IReadOnlyList<string> Trouble
    {
        get
        {
            lock (_trouble)
                return [.. _trouble];
        }
    }

    /// <summary>How often its cancelling was asked for over <c>/events/out</c>.</summary>
    public int CancellingEvents { get; private set; }

    /// <summary>The pool as the last frame of the worker channel showed it.</summary>
    public JsonNode? PoolSnapshot { get; private set; }

    internal ProcessWorkerOptions Options { get; }

    internal WorkerWire Wire { get; }

    internal JsonNode Pool { get; private set; } = null!;

    private bool Is3 => Options.Generation == 3;

    /// <summary>Starts a worker; it takes up what is due until it is disposed of.</summary>
    public static async Task<ProcessWorker> StartAsync(ProcessWorkerOptions options)
    {
        var worker = new ProcessWorker(options);
        try
        {
            using var bound = CancellationTokenSource.CreateLinkedTokenSource(worker._stop.Token);
            bound.CancelAfter(_bound);
            await (worker.Is3 ? worker.Start3Async(bound.Token) : worker.Start2Async(bound.Token));
            return worker;
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the worker is done with a run, whatever became of it.</summary>
    public async Task WaitForRunAsync(Guid run)
    {
        using var bound = new CancellationTokenSource(_bound);
        while (!_runs.TryGetValue(run.ToString(), out ProcessWorkerRun? known) || !known.Done.IsCompleted)
        {
            if (bound.IsCancellationRequested)
                throw new TimeoutException($"The worker was not done with the run {run}: {string.Join('\n', Trouble)}\n{string.Join('\n', Exchanges)}");
            await Task.Delay(20, CancellationToken.None);
        }
        await _runs[run.ToString()].Done;
    }

    /// <summary>What the process of a run wrote.</summary>
    public string OutputOf(Guid run) => _runs.TryGetValue(run.ToString(), out ProcessWorkerRun? known) ? known.Output : "";

    /// <summary>Ends the worker; processes that still run are killed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (ProcessWorkerRun run in _runs.Values)
            await run.DisposeAsync();
        await Task.WhenAll(_loops);
        _events?.Dispose();
        _emitting.Dispose();
        Wire.Dispose();
        _stop.Dispose();
    }

    internal async Task<JsonNode?> AskAsync(HttpMethod method, string path, JsonNode? body = null, params int[] others)
    {
        (int status, JsonNode? answer) = await Wire.SendAsync(method, path, body, _stop.Token);
        if (status is not (200 or 201 or 204) && !others.Contains(status))
            throw new InvalidOperationException($"{method} {path} was answered {status}: {answer?.ToJsonString()}");
        return answer;
    }

    /// <summary>Whether the events of cancelling meet a deployment for the first time: its names are asked for once.</summary>
    internal bool MeetsForItsEvents(string deployment) => _met.TryAdd(deployment, true);

    internal void Tell(Exception error)
    {
        if (error is OperationCanceledException && _stop.IsCancellationRequested)
            return;
        lock (_trouble)
            _trouble.Add(error.ToString());
    }

    private async Task Start3Async(CancellationToken bound)
    {
        JsonNode? pool = await AskAsync(HttpMethod.Get, PoolPath(), null, 404);
        if (pool?["id"] is null)
            pool = await AskAsync(HttpMethod.Post, "/work_pools/", new JsonObject { ["name"] = Options.Pool, ["type"] = "process", ["base_job_template"] = Template() });
        Pool = pool!;
        await AskAsync(HttpMethod.Post, $"{PoolPath()}/queues/filter", new JsonObject { ["work_queues"] = null, ["limit"] = null, ["offset"] = null });
        await HelloAsync(bound);
        await AskAsync(HttpMethod.Get, "/admin/version");
        ClientWebSocket events = await Wire.ConnectAsync("/events/in", bound);
        ClientWebSocket cancelling = await Wire.ConnectAsync("/events/out", bound);
        await WorkerWire.SendAsync(cancelling, CancellingFilter(), bound);
        _loops.Add(WatchCancellingAsync(cancelling));
        _events = events;
        await EmitAsync(WorkerEvent("prefect.worker.started", null, null));
        _loops.Add(EveryAsync(Options.PollEvery, PollAsync));
    }

    private async Task Start2Async(CancellationToken bound)
    {
        Pool = (await AskAsync(HttpMethod.Get, PoolPath()))!;
        await AskAsync(HttpMethod.Post, $"{PoolPath()}/workers/heartbeat", new JsonObject { ["name"] = Options.Name });
        bound.ThrowIfCancellationRequested();
        _loops.Add(EveryAsync(Options.PollEvery, PollAsync));
        _loops.Add(EveryAsync(Options.PollEvery, FindCancellingAsync));
        _loops.Add(EveryAsync(TimeSpan.FromSeconds(Options.HeartbeatSeconds), () => AskAsync(HttpMethod.Post, $"{PoolPath()}/workers/heartbeat", new JsonObject { ["name"] = Options.Name })));
    }

    /// <summary>The worker channel: hello, ready, then heartbeats and snapshots.</summary>
    private async Task HelloAsync(CancellationToken bound)
    {
        ClientWebSocket channel = await Wire.ConnectAsync($"{PoolPath()}/workers/connect", bound);
        string consumer = Guid.CreateVersion7().ToString();
        JsonObject Frame(string type, JsonObject payload) => new()
        {
            ["type"] = type,
            ["id"] = Guid.CreateVersion7().ToString(),
            ["sent_at"] = Json(DateTimeOffset.UtcNow),
            ["payload"] = payload,
        };
        await WorkerWire.SendAsync(channel, Frame("worker.hello.v1", new()
        {
            ["consumer_id"] = consumer,
            ["worker_name"] = Options.Name,
            ["worker_type"] = "process",
            ["heartbeat_interval_seconds"] = Options.HeartbeatSeconds,
            ["supported_channel_versions"] = new JsonArray("work_pool_worker_channel.v1"),
            ["requested_capabilities"] = new JsonArray("worker_heartbeat.v1", "work_pool_snapshot.v1"),
            ["work_queue_names"] = new JsonArray(),
            ["handled_cleanup_kinds"] = new JsonArray(),
            ["max_cleanup_concurrency"] = 0,
            ["create_pool_if_not_found"] = true,
            ["default_base_job_template"] = Template(),
        }), bound);
        JsonNode ready = await WorkerWire.ReceiveAsync(channel, bound) ?? throw new InvalidOperationException($"The worker channel was closed: {channel.CloseStatus} {channel.CloseStatusDescription}");
        if (ready["type"]!.GetValue<string>() != "worker.ready.v1" || ready["payload"]!["consumer_id"]!.GetValue<string>() != consumer)
            throw new InvalidOperationException($"The worker channel is not ready: {ready.ToJsonString()}");
        PoolSnapshot = ready["payload"]!["initial_snapshot"]!["work_pool"];
        _loops.Add(EveryAsync(TimeSpan.FromSeconds(Options.HeartbeatSeconds), () => WorkerWire.SendAsync(channel, Frame("worker.heartbeat.v1", new()
        {
            ["consumer_id"] = consumer,
            ["worker_name"] = Options.Name,
            ["heartbeat_interval_seconds"] = Options.HeartbeatSeconds,
        }), _stop.Token), later: true));
        _loops.Add(ListenAsync(channel, frame => PoolSnapshot = frame["payload"]!["work_pool"]));
    }

    private async Task WatchCancellingAsync(ClientWebSocket socket) => await ListenAsync(socket, message =>
    {
        CancellingEvents++;
        string id = message["event"]!["resource"]!["prefect.resource.id"]!.GetValue<string>()["prefect.flow-run.".Length..];
        if (_runs.TryGetValue(id, out ProcessWorkerRun? run))
            run.Cancel();
    });

    /// <summary>2.10's way: asks for runs that are being cancelled.</summary>
    private async Task FindCancellingAsync()
    {
        foreach (JsonObject state in (JsonObject[])
            [new() { ["type"] = new JsonObject { ["any_"] = new JsonArray("CANCELLED") }, ["name"] = new JsonObject { ["any_"] = new JsonArray("Cancelling") } }, new() { ["type"] = new JsonObject { ["any_"] = new JsonArray("CANCELLING") } }])
        {
            JsonArray known = [.. _runs.Where(run => run.Value.IsCancelled).Select(run => (JsonNode)run.Key)];
            JsonNode? found = await AskAsync(HttpMethod.Post, "/flow_runs/filter", new JsonObject
            {
                ["flows"] = null,
                ["flow_runs"] = new JsonObject { ["id"] = new JsonObject { ["not_any_"] = known }, ["state"] = state },
                ["task_runs"] = null,
                ["deployments"] = null,
                ["work_pools"] = new JsonObject { ["id"] = null, ["name"] = new JsonObject { ["any_"] = new JsonArray(Options.Pool) }, ["type"] = null },
                ["work_pool_queues"] = null,
                ["sort"] = null,
                ["limit"] = null,
                ["offset"] = 0,
            });
            foreach (JsonNode? run in found!.AsArray())
            {
                if (_runs.TryGetValue(run!["id"]!.GetValue<string>(), out ProcessWorkerRun? mine))
                    mine.Cancel();
            }
        }
    }

    private async Task PollAsync()
    {
        DateTimeOffset before = DateTimeOffset.UtcNow.AddSeconds(10);
        string time = before.UtcDateTime.ToString(Is3 ? "yyyy-MM-dd HH:mm:ss.ffffff+00:00" : "yyyy-MM-ddTHH:mm:ss.ffffff+00:00", CultureInfo.InvariantCulture);
        JsonNode? due = await AskAsync(HttpMethod.Post, $"{PoolPath()}/get_scheduled_flow_runs", new JsonObject { ["work_queue_names"] = new JsonArray(), ["scheduled_before"] = time });
        foreach (JsonNode? one in due!.AsArray())
        {
            JsonNode run = one!["flow_run"]!;
            string id = run["id"]!.GetValue<string>();
            if (_runs.ContainsKey(id))
                continue;
            var taken = new ProcessWorkerRun(this, run);
            _runs[id] = taken;
            taken.Start();
        }
    }

    private async Task ListenAsync(ClientWebSocket socket, Action<JsonNode> take)
    {
        using (socket)
        {
            try
            {
                while (await WorkerWire.ReceiveAsync(socket, _stop.Token) is { } message)
                    take(message);
                Tell(new InvalidOperationException($"The server closed a WebSocket: {socket.CloseStatus} {socket.CloseStatusDescription}"));
            }
            catch (Exception error) when (error is OperationCanceledException or WebSocketException)
            {
                Tell(error);
            }
        }
    }

    private async Task EveryAsync(TimeSpan pause, Func<Task> act, bool later = false)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (!later)
                    await act();
                later = false;
                await Task.Delay(pause, _stop.Token);
            }
            catch (Exception error)
            {
                Tell(error);
                await Task.Delay(pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private ClientWebSocket? _events;
    private readonly SemaphoreSlim _emitting = new(1, 1);

    /// <summary>Sends an event over <c>/events/in</c>; 2.10 has none.</summary>
    internal async Task EmitAsync(JsonObject message)
    {
        if (_events is null)
            return;
        await _emitting.WaitAsync(_stop.Token);
        try
        {
            await WorkerWire.SendAsync(_events, message, _stop.Token);
        }
        finally
        {
            _emitting.Release();
        }
    }

    /// <summary>An event of the worker, about a run where one is named.</summary>
    internal JsonObject WorkerEvent(string name, JsonArray? related, JsonObject? resource)
    {
        related ??= [];
        related.Add(new JsonObject
        {
            ["prefect.resource.id"] = $"prefect.work-pool.{Pool["id"]!.GetValue<string>()}",
            ["prefect.resource.role"] = "work-pool",
            ["prefect.resource.name"] = Options.Pool,
        });
        return Event(name, resource ?? new()
        {
            ["prefect.resource.id"] = $"prefect.worker.process.{Options.Name}",
            ["prefect.resource.name"] = Options.Name,
            ["prefect.version"] = "3.8.3",
            ["prefect.worker-type"] = "process",
        }, related);
    }

    internal static JsonObject Event(string name, JsonObject resource, JsonArray related) => new()
    {
        ["occurred"] = Json(DateTimeOffset.UtcNow),
        ["event"] = name,
        ["resource"] = resource,
        ["related"] = related,
        ["payload"] = new JsonObject(),
        ["id"] = Guid.CreateVersion7().ToString(),
        ["follows"] = null,
    };

    internal static string Json(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);

    private string PoolPath() => $"/work_pools/{Uri.EscapeDataString(Options.Pool)}";

    private static JsonObject CancellingFilter()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return new()
        {
            ["type"] = "filter",
            ["filter"] = new JsonObject
            {
                ["occurred"] = new JsonObject { ["since"] = Json(now.AddMinutes(-1)), ["until"] = Json(now.AddYears(1)) },
                ["event"] = new JsonObject { ["prefix"] = null, ["exclude_prefix"] = null, ["name"] = new JsonArray("prefect.flow-run.Cancelling"), ["exclude_name"] = null },
                ["resource"] = null,
                ["related"] = null,
                ["any_resource"] = null,
                ["id"] = new JsonObject { ["id"] = new JsonArray() },
                ["text"] = null,
                ["order"] = "DESC",
            },
        };
    }

    /// <summary>The process worker's own base job template, without its descriptions.</summary>
    private static JsonObject Template() => (JsonObject)JsonNode.Parse("""
        {"job_configuration":{"command":"{{ command }}","env":"{{ env }}","labels":"{{ labels }}","name":"{{ name }}","stream_output":"{{ stream_output }}","working_dir":"{{ working_dir }}"},
        "variables":{"type":"object","properties":{
        "name":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,"title":"Name"},
        "env":{"additionalProperties":{"anyOf":[{"type":"string"},{"type":"null"}]},"title":"Environment Variables","type":"object"},
        "labels":{"additionalProperties":{"type":"string"},"title":"Labels","type":"object"},
        "command":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,"title":"Command"},
        "stream_output":{"default":true,"title":"Stream Output","type":"boolean"},
        "working_dir":{"anyOf":[{"format":"path","type":"string"},{"type":"null"}],"default":null,"title":"Working Directory"}}}}
        """)!;
}

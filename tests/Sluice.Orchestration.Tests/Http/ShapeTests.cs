using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Server;
using Sluice.Testing;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>Our answers beside those of a Prefect 3.8.3 server: the same status, every key, the same kinds of values.</summary>
public sealed class ShapeTests : IAsyncLifetime
{
    /// <summary>Keys whose kind differs from the recording's, with the reason.</summary>
    private static readonly Dictionary<string, string> Known = new()
    {
        ["deployment.last_polled"] = "null until a worker asks; the recorded one had been asked for",
        ["deployment.pull_steps"] = "the recorded one was sent null",
        ["deployment.version"] = "free",
        ["deployment.description"] = "free",
        ["work_queue.description"] = "Prefect gives a queue without description an empty one",
        ["work_queue.concurrency_limit"] = "free",
        ["work_queue.active_slots"] = "null: not counted",
        ["worker.heartbeat_interval_seconds"] = "free",
        ["flow_run.deployment_version"] = "free",
        ["set_state.state.state_details.deployment_concurrency_lease_id"] = "the recorded deployment has a limit",
        ["set_state_reject.state.state_details.scheduled_time"] = "the recorded run awaits a slot, ours is cancelled",
        ["worker_flow_run.flow_run.idempotency_key"] = "the recorded run comes from a schedule",
        ["worker_flow_run.flow_run.created_by"] = "the recorded run comes from a schedule",
        ["worker_flow_run.flow_run.state"] = "ours tells more",
    };

    private static readonly JsonElement Recorded = JsonElement.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "prefect3", "answers.json")));
    private readonly TempFolder _folder = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private IOrchestrationApi _store = null!;
    private ApiHost _host = null!;
    private Deployment _deployment = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await EmbeddedApi.OpenAsync(new(_folder["home"]), TimeProvider.System, Cancel);
        _host = await ApiHost.StartAsync(_store, new(), Cancel);
        Flow flow = await _store.EnsureFlowAsync(new() { Name = "f" }, Cancel);
        await _store.CreateWorkPoolAsync(new() { Name = "p", Type = "process" }, Cancel);
        _deployment = await _store.UpsertDeploymentAsync(new()
        {
            Name = "d", FlowId = flow.Id, WorkPoolName = "p", Version = "1", Description = "d", Entrypoint = "x",
            Schedules = [new() { Slug = "every-minute", Schedule = new() { Cron = "* * * * *", Timezone = "UTC" } }],
        }, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _store.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<string, string, string, string?> Requests => new()
    {
        { "flow", "GET", "/flows/name/f", null },
        { "deployment", "GET", "/deployments/{deployment}", null },
        { "schedules", "POST", "/deployments/{deployment}/schedules", """[{"schedule":{"cron":"0 9 * * 1-5","timezone":"Europe/Berlin","day_or":true},"active":true,"slug":"wk","max_scheduled_runs":3,"parameters":{"n":1}}]""" },
        { "flow_run", "POST", "/deployments/{deployment}/create_flow_run", "{}" },
        { "set_state", "POST", "/flow_runs/{run}/set_state", """{"state":{"type":"PENDING"},"force":false}""" },
        { "set_state_reject", "POST", "/flow_runs/{run}/set_state", """{"state":{"type":"CANCELLING"}}""" },
        { "worker_flow_run", "POST", "/work_pools/p/get_scheduled_flow_runs", """{"work_queue_names":[],"scheduled_before":"2199-11-22 02:51:45.221694+00:00"}""" },
        { "work_pool", "POST", "/work_pools/", """{"name":"q1","type":"process","base_job_template":{},"description":"d"}""" },
        { "work_queue", "POST", "/work_pools/p/queues", """{"name":"hi","priority":1,"concurrency_limit":2}""" },
        { "worker", "POST", "/work_pools/p/workers/filter", "{}" },
        { "log", "POST", "/logs/filter", "{}" },
        { "paginate", "POST", "/deployments/paginate", """{"page":1,"limit":2}""" },
        { "variable", "POST", "/variables/", """{"name":"v1","value":{"a":1}}""" },
        { "health", "GET", "/health", null },
        { "ready", "GET", "/ready", null },
        { "version", "GET", "/version", null },
        { "admin_version", "GET", "/admin/version", null },
        { "hello", "GET", "/hello", null },
        { "csrf", "GET", "/csrf-token?client=x", null },
        { "unknown_path", "GET", "/nope", null },
        { "wrong_method", "PUT", "/deployments/{deployment}", "{}" },
        { "missing_deployment", "GET", "/deployments/545179b7-57bb-491c-bf8c-e36b6073ae23", null },
        { "missing_pool", "GET", "/work_pools/nope", null },
        { "missing_queue", "GET", "/work_pools/q1/queues/none", null },
        { "limit", "POST", "/deployments/filter", """{"limit":201}""" },
    };

    [Theory, MemberData(nameof(Requests))]
    public async Task An_answer_has_the_shape_of_Prefects(string name, string method, string path, string? body)
    {
        JsonElement recorded = Recorded.GetProperty(name);
        Guid run = (await _store.CreateDeploymentRunAsync(_deployment.Id, new(), Cancel)).Id;
        await _store.HeartbeatWorkerAsync("p", new() { Name = "w", HeartbeatIntervalSeconds = 30 }, Cancel);
        await _store.CreateLogsAsync([new() { Name = "n", Level = 20, Message = "m", Timestamp = DateTimeOffset.UtcNow, FlowRunId = run }], Cancel);
        if (name == "missing_queue")
        {
            await _store.CreateWorkPoolAsync(new() { Name = "q1", Type = "process" }, Cancel);
        }

        using HttpRequestMessage request = new(new HttpMethod(method), _host.Url + path.Replace("{deployment}", _deployment.Id.ToString(), StringComparison.Ordinal).Replace("{run}", run.ToString(), StringComparison.Ordinal));
        request.Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _http.SendAsync(request, Cancel);
        JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);

        ((int)response.StatusCode).ShouldBe(recorded.GetProperty("status").GetInt32(), answer.ToString());
        JsonElement expected = recorded.GetProperty("answer");
        if (answer.ValueKind == JsonValueKind.Array && expected.ValueKind == JsonValueKind.Object)
        {
            answer = answer[0];
        }

        List<string> differences = [];
        Compare(name, expected, answer, differences);
        differences.ShouldBeEmpty();
        if (expected.ValueKind == JsonValueKind.String || expected.ValueKind == JsonValueKind.Object && expected.TryGetProperty("detail", out _))
        {
            JsonElement.DeepEquals(answer, expected).ShouldBeTrue($"{answer} instead of {expected}");
        }
    }

    private static void Compare(string place, JsonElement recorded, JsonElement ours, List<string> differences)
    {
        if (recorded.ValueKind == JsonValueKind.Object && ours.ValueKind == JsonValueKind.Object)
        {
            if (place.EndsWith(".labels", StringComparison.Ordinal) || place.EndsWith("parameters", StringComparison.Ordinal) || place.EndsWith("job_variables", StringComparison.Ordinal) || place.EndsWith("schema", StringComparison.Ordinal))
            {
                return; // the user's own keys
            }

            differences.AddRange(recorded.EnumerateObject().Where(member => !ours.TryGetProperty(member.Name, out _)).Select(member => $"{place}.{member.Name} is missing"));
            foreach (JsonProperty member in recorded.EnumerateObject())
            {
                if (ours.TryGetProperty(member.Name, out JsonElement own))
                {
                    Compare($"{place}.{member.Name}", member.Value, own, differences);
                }
            }
        }
        else if (recorded.ValueKind == JsonValueKind.Array && ours.ValueKind == JsonValueKind.Array)
        {
            if (recorded.GetArrayLength() > 0 && ours.GetArrayLength() > 0)
            {
                Compare(place, recorded[0], ours[0], differences);
            }
        }
        else if (Kind(recorded) != Kind(ours) && !Known.ContainsKey(place))
        {
            differences.Add($"{place} is {ours.ValueKind} and not {recorded.ValueKind}");
        }
    }

    private static JsonValueKind Kind(JsonElement value) => value.ValueKind == JsonValueKind.False ? JsonValueKind.True : value.ValueKind;
}

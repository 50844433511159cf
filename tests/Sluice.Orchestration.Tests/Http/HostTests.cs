using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Sluice.Server;
using Sluice.Testing;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>What the endpoints answer to requests that our own client never sends.</summary>
public sealed class HostTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private IOrchestrationApi _store = null!;
    private ApiHost _host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await EmbeddedApi.OpenAsync(new(_folder["home"]), TimeProvider.System, Cancel);
        _host = await ApiHost.StartAsync(_store, new() { ResultsFolder = _folder["results"], MaxResultBytes = 100_000 }, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _store.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
    }

    /// <summary>Bodies that do not fit, and the place that is named: Prefect's own recorded errors, and ours alike.</summary>
    public static TheoryData<string, string, string, string, string> Misfits => new()
    {
        { "/flows/", "{}", "body.name", "missing", "Field required" },
        { "/flows/", """{"name":1}""", "body.name", "string_type", "Input should be a valid string" },
        { "/flows/", """{"name":null}""", "body.name", "string_type", "Input should be a valid string" },
        { "/flows/", """{"name":"f","tags":"x"}""", "body.tags", "list_type", "Input should be a valid list" },
        { "/flows/", """{"name":"f","tags":["a",1]}""", "body.tags.1", "string_type", "Input should be a valid string" },
        { "/flows/", """{"name":"f","bogus":1}""", "body.bogus", "extra_forbidden", "Extra inputs are not permitted" },
        { "/flows/", "[]", "body", "model_attributes_type", "Input should be a valid dictionary or object to extract fields from" },
        { "/flows/", "{bad json", "body.1", "json_invalid", "JSON decode error" },
        { "/flows/", "", "body.name", "missing", "Field required" },
        { "/deployments/", """{"name":"x"}""", "body.flow_id", "missing", "Field required" },
        { "/deployments/", """{"name":"x","flow_id":"nope"}""", "body.flow_id", "uuid_parsing", "Input should be a valid UUID" },
        { "/deployments/", """{"name":"x","flow_id":"545179b7-57bb-491c-bf8c-e36b6073ae23","schedules":[{"schedule":{"cron":"* * * * *","every":5}}]}""", "body.schedules.0.schedule.every", "extra_forbidden", "Extra inputs are not permitted" },
        { "/deployments/", """{"name":"x","flow_id":"545179b7-57bb-491c-bf8c-e36b6073ae23","infra_overrides":{}}""", "body.infra_overrides", "extra_forbidden", "Extra inputs are not permitted" },
        { "/deployments/", """{"name":"x","flow_id":"545179b7-57bb-491c-bf8c-e36b6073ae23","storage_document_id":"545179b7-57bb-491c-bf8c-e36b6073ae23"}""", "body.storage_document_id", "value_error", "Value error, Sluice does not support this field" },
        { "/deployments/filter", """{"deployments":{"concurrency_limit":{"ge_":"many"}}}""", "body.deployments.concurrency_limit.ge_", "int_parsing", "Input should be a valid integer, unable to parse string as an integer" },
        { "/deployments/filter", """{"task_runs":{"id":{"any_":[]},"state":{"type":{"any_":["RUNNING"]}}}}""", "body.task_runs", "value_error", "Value error, Sluice does not support this field" },
        { "/deployments/paginate", """{"page":0}""", "body.page", "greater_than_equal", "Input should be greater than or equal to 1" },
        { "/logs/", """{"name":"n"}""", "body", "is_instance_of", "Input should be an instance of Sequence" },
        { "/logs/", """[{"name":"n","level":"INFO","message":"x","timestamp":"2026-11-22T02:51:37Z"}]""", "body.0.level", "int_parsing", "Input should be a valid integer, unable to parse string as an integer" },
        { "/logs/", """[{"name":"n","level":20,"message":"x","timestamp":"yesterday"}]""", "body.0.timestamp", "datetime_from_date_parsing", "Input should be a valid datetime" },
        { "/flow_runs/545179b7-57bb-491c-bf8c-e36b6073ae23/set_state", "{}", "body.state", "missing", "Field required" },
        { "/flow_runs/545179b7-57bb-491c-bf8c-e36b6073ae23/set_state", """{"state":{"type":"BOGUS"}}""", "body.state.type", "enum", "Input should be 'SCHEDULED', 'PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED', 'PAUSED' or 'CANCELLING'" },
        { "/flow_runs/545179b7-57bb-491c-bf8c-e36b6073ae23/set_state", """{"state":{"type":"RUNNING"},"force":"yes"}""", "body.force", "bool_parsing", "Input should be a valid boolean" },
        { "/sluice/leases/renew", """{"flow_run_ids":[],"lease_seconds":0}""", "body.lease_seconds", "value_error", "Value error, a lease takes more than 0 and at most 86400 seconds" },
    };

    [Theory, MemberData(nameof(Misfits))]
    public async Task A_body_that_does_not_fit_is_answered_with_the_place(string path, string body, string place, string type, string message)
    {
        (int status, JsonElement answer) = await SendAsync("POST", path, body);
        status.ShouldBe(422);
        answer.GetProperty("exception_message").GetString().ShouldBe("Invalid request received.");
        JsonElement detail = answer.GetProperty("exception_detail")[0];
        string.Join('.', detail.GetProperty("loc").EnumerateArray()).ShouldBe(place);
        detail.GetProperty("type").GetString().ShouldBe(type);
        detail.GetProperty("msg").GetString().ShouldBe(message);
    }

    [Fact]
    public async Task Every_misfit_of_a_body_is_told()
    {
        (_, JsonElement answer) = await SendAsync("POST", "/deployments/", """{"name":1,"bogus":2,"tags":[3]}""");
        answer.GetProperty("exception_detail").EnumerateArray().Select(detail => string.Join('.', detail.GetProperty("loc").EnumerateArray()))
            .ShouldBe(["body.name", "body.bogus", "body.tags.0", "body.flow_id"], ignoreOrder: true);
    }

    [Fact]
    public async Task What_Prefects_Python_client_sends_without_meaning_is_passed_over()
    {
        string body = """
            {"flows":null,"flow_runs":{"operator":"and_","id":null,"name":null,"tags":null,"deployment_id":null,"work_queue_name":null,"state":{"operator":"and_","type":{"any_":["CANCELLING"]},"name":null},
             "flow_version":null,"start_time":null,"end_time":null,"expected_start_time":null,"next_scheduled_start_time":null,"parent_flow_run_id":null,"parent_task_run_id":null,"idempotency_key":null},
             "task_runs":null,"deployments":null,"work_pools":null,"work_pool_queues":null,"sort":null,"limit":200,"offset":0}
            """;
        (int status, JsonElement answer) = await SendAsync("POST", "/flow_runs/filter", body);
        status.ShouldBe(200, answer.ToString());
        answer.GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task New_objects_are_created_and_known_ones_are_not()
    {
        string flow = """{"name":"f"}""";
        (int first, JsonElement made) = await SendAsync("POST", "/flows/", flow);
        first.ShouldBe(201);
        await WaitForNextMillisecondAsync();
        (await SendAsync("POST", "/flows/", flow)).Status.ShouldBe(200);

        string deployment = $$"""{"name":"d","flow_id":"{{made.GetProperty("id")}}"}""";
        (int created, JsonElement deployed) = await SendAsync("POST", "/deployments/", deployment);
        created.ShouldBe(201);
        await WaitForNextMillisecondAsync();
        (await SendAsync("POST", "/deployments/", deployment)).Status.ShouldBe(200);

        string path = $"/deployments/{deployed.GetProperty("id")}";
        (int started, JsonElement run) = await SendAsync("POST", path + "/create_flow_run", """{"idempotency_key":"k"}""");
        started.ShouldBe(201);
        await WaitForNextMillisecondAsync();
        (await SendAsync("POST", path + "/create_flow_run", """{"idempotency_key":"k"}""")).Status.ShouldBe(200);

        string setState = $"/flow_runs/{run.GetProperty("id")}/set_state";
        (await SendAsync("POST", setState, """{"state":{"type":"PENDING"}}""")).Status.ShouldBe(201);
        await WaitForNextMillisecondAsync();
        (await SendAsync("POST", setState, """{"state":{"type":"PENDING"}}""")).Status.ShouldBe(200, "an ABORT writes nothing");
        (await SendAsync("PATCH", path, """{"description":"x"}""")).Status.ShouldBe(204);
        (int paused, JsonElement nothing) = await SendAsync("POST", path + "/pause_deployment", null);
        paused.ShouldBe(200);
        nothing.ValueKind.ShouldBe(JsonValueKind.Null);
        (await SendAsync("DELETE", path, null)).Status.ShouldBe(204);
        (await SendAsync("DELETE", path, null)).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData("0.8.4", 200), InlineData("0.8.0", 200), InlineData("1.0.0", 200), InlineData("0.7.9", 400), InlineData("0.8", 400), InlineData("a.b.c", 400), InlineData("v0.8.4", 400)]
    public async Task The_version_that_a_client_speaks_is_checked(string version, int status) =>
        (await SendAsync("GET", "/hello", null, request => request.Headers.TryAddWithoutValidation("X-PREFECT-API-VERSION", version))).Status.ShouldBe(status);

    [Theory]
    [InlineData("GET", "/hello", null, 401)]
    [InlineData("GET", "/hello", "Bearer wrong", 401)]
    [InlineData("GET", "/hello", "Bearer the token and more", 401)]
    [InlineData("GET", "/hello", "bearer the token", 401)]
    [InlineData("GET", "/hello", "Basic YTpj", 401)]
    [InlineData("GET", "/hello", "Bearer the token", 200)]
    [InlineData("GET", "/hello", "Basic YTpi", 200)]
    [InlineData("GET", "/health", null, 200)]
    [InlineData("GET", "/ready", null, 200)]
    [InlineData("POST", "/health", null, 401)]
    [InlineData("GET", "/nowhere", null, 401)]
    [InlineData("POST", "/flows/", null, 401)]
    [InlineData("PUT", "/sluice/results/8d7d2149-03d4-47de-a411-fd9caac3b515", null, 401)]
    public async Task Only_who_knows_the_secret_is_answered(string method, string path, string? authorization, int status)
    {
        await using ApiHost host = await ApiHost.StartAsync(_store, new() { Token = "the token", AuthString = "a:b", ResultsFolder = _folder["results"] }, Cancel);
        (int answered, JsonElement answer) = await SendAsync(method, path, null, request => request.Headers.TryAddWithoutValidation("Authorization", authorization), host);
        answered.ShouldBe(status);
        if (status == 401)
        {
            answer.GetRawText().ShouldBe("""{"exception_message":"Unauthorized"}""");
        }
    }

    [Theory]
    [InlineData("Origin", "https://evil.example", 403)]
    [InlineData("Origin", "null", 403)]
    [InlineData("Host", "rebound.example", 403)]
    [InlineData("Host", "localhost:4200", 200)]
    [InlineData("Host", "host.docker.internal:4200", 200)]
    public async Task Web_pages_of_others_cannot_start_programs(string header, string value, int status) =>
        (await SendAsync("POST", "/flows/filter", "{}", request => request.Headers.TryAddWithoutValidation(header, value))).Status.ShouldBe(status);

    [Fact]
    public async Task A_page_of_the_server_itself_may_ask() =>
        (await SendAsync("POST", "/flows/filter", "{}", request => request.Headers.TryAddWithoutValidation("Origin", _host.Url.GetLeftPart(UriPartial.Authority)))).Status.ShouldBe(200);

    [Fact]
    public async Task A_request_that_is_too_large_is_refused()
    {
        using ByteArrayContent large = new(new byte[40_000_000]);
        using HttpRequestMessage request = new(HttpMethod.Post, _host.Url + "/flows/") { Content = large };
        request.Headers.ExpectContinue = true; // the answer comes before the body, so that it is read
        using HttpResponseMessage answer = await _http.SendAsync(request, Cancel);
        ((int)answer.StatusCode).ShouldBe(413);
        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldBe("""{"detail":"The request is too large."}""");
    }

    [Fact]
    public async Task A_result_is_kept_whole_replaced_and_given_back()
    {
        FlowRun run = await RunAsync();
        string path = $"/sluice/results/{run.Id}";
        (await SendAsync("GET", path, null)).Status.ShouldBe(404);
        (await SendAsync("PUT", path, """{"city":"Zürich"}""")).Status.ShouldBe(204);
        (await SendAsync("PUT", path, """{"city":"Genève"}""")).Status.ShouldBe(204);

        (await SendAsync("GET", path, null)).Answer.GetProperty("city").GetString().ShouldBe("Genève");
        Directory.GetFiles(_folder["results"]).ShouldHaveSingleItem().ShouldEndWith(run.Id + ".json");
        (await SendAsync("PUT", $"/sluice/results/{Guid.NewGuid()}", "1")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_result_that_is_too_large_or_broken_off_leaves_nothing()
    {
        FlowRun run = await RunAsync();
        Uri path = new($"{_host.Url}/sluice/results/{run.Id}");
        using StreamContent endless = new(new MemoryStream(new byte[200_000]));
        endless.Headers.ContentLength = null;
        using HttpRequestMessage request = new(HttpMethod.Put, path) { Content = endless };
        request.Headers.TransferEncodingChunked = true;
        try
        {
            using HttpResponseMessage answer = await _http.SendAsync(request, Cancel);
            ((int)answer.StatusCode).ShouldBe(413);
        }
        catch (HttpRequestException)
        {
            // The server may close before the rest was sent; that nothing is left is what counts.
        }

        using CancellationTokenSource stop = new();
        BrokenOff body = new(stop);
        using HttpRequestMessage half = new(HttpMethod.Put, path) { Content = body };
        await Should.ThrowAsync<OperationCanceledException>(() => _http.SendAsync(half, stop.Token));

        await WaitForAsync(() => !Directory.Exists(_folder["results"]) || Directory.GetFiles(_folder["results"]).Length == 0);
        (await SendAsync("GET", $"/sluice/results/{run.Id}", null)).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_host_without_a_results_folder_has_no_such_path()
    {
        await using ApiHost host = await ApiHost.StartAsync(_store, new(), Cancel);
        (await SendAsync("PUT", $"/sluice/results/{(await RunAsync()).Id}", "1", null, host)).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Who_waits_for_a_change_does_not_hold_up_the_stop()
    {
        ApiHost host = await ApiHost.StartAsync(_store, new(), Cancel);
        long change = (await _store.GetInfoAsync(Cancel)).Change;
        Task<(int Status, JsonElement Answer)> waiting = SendAsync("GET", $"/sluice/changes?after={change}&timeout=60", null, null, host);
        Task early = await Task.WhenAny(waiting, Task.Delay(TimeSpan.FromMilliseconds(300), Cancel));
        early.ShouldNotBe(waiting);

        await host.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancel);

        (await waiting.WaitAsync(TimeSpan.FromSeconds(20), Cancel)).Status.ShouldBe(503);
    }

    [Theory]
    [InlineData("after=x&timeout=1", "query.after"), InlineData("after=1", "query.timeout"), InlineData("after=1&timeout=NaN", "query.timeout")]
    public async Task A_change_is_asked_for_with_numbers(string query, string place)
    {
        (int status, JsonElement answer) = await SendAsync("GET", "/sluice/changes?" + query, null);
        status.ShouldBe(422);
        string.Join('.', answer.GetProperty("exception_detail")[0].GetProperty("loc").EnumerateArray()).ShouldBe(place);
    }

    [Fact]
    public async Task A_taken_port_is_told_in_one_line()
    {
        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => ApiHost.StartAsync(_store, new() { Port = _host.Url.Port }, Cancel));
        error.Kind.ShouldBe(OrchestrationErrorKind.Unavailable);
        error.Message.ShouldStartWith($"Cannot listen on 127.0.0.1:{_host.Url.Port}: ");
        error.Message.ShouldEndWith("Is a server running already? Choose another --port.");
    }

    [Theory]
    [InlineData("localhost", "127.0.0.1"), InlineData("0.0.0.0", "127.0.0.1"), InlineData("*", "127.0.0.1"), InlineData("127.0.0.1", "127.0.0.1")]
    public async Task The_URL_is_one_that_this_machine_can_reach(string host, string reached)
    {
        await using ApiHost started = await ApiHost.StartAsync(_store, new() { Host = host, AllowUnauthenticated = true }, Cancel);
        started.Url.Host.ShouldBe(reached);
        started.Url.AbsolutePath.ShouldBe("/api");
        (await SendAsync("GET", "/health", null, null, started)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task An_error_inside_is_reported_to_the_owner_and_not_to_the_caller()
    {
        List<string> lines = [];
        IOrchestrationApi closed = await EmbeddedApi.OpenAsync(new(_folder["closed"]), TimeProvider.System, Cancel);
        await closed.DisposeAsync();
        await using ApiHost host = await ApiHost.StartAsync(closed, new() { Report = lines.Add }, Cancel);
        (int status, JsonElement answer) = await SendAsync("POST", "/flows/", """{"name":"f"}""", null, host);
        status.ShouldBe(500);
        answer.GetRawText().ShouldBe("""{"exception_message":"Internal Server Error"}""");
        lines.ShouldHaveSingleItem().ShouldStartWith("internal error at POST /api/flows/: System.ObjectDisposedException");
    }

    [Fact]
    public async Task Lists_come_in_pages_with_their_count()
    {
        foreach (string name in (string[])["a", "b", "c"])
        {
            await _store.EnsureFlowAsync(new() { Name = name }, Cancel);
        }

        JsonElement page = (await SendAsync("POST", "/flows/paginate", """{"page":2,"limit":2}""")).Answer;
        page.GetProperty("results").GetArrayLength().ShouldBe(1);
        page.GetProperty("count").GetInt32().ShouldBe(3);
        page.GetProperty("pages").GetInt32().ShouldBe(2);
        page.GetProperty("page").GetInt32().ShouldBe(2);
        page.GetProperty("limit").GetInt32().ShouldBe(2);
        (await SendAsync("POST", "/flows/count", "{}")).Answer.GetInt32().ShouldBe(3);
        (await SendAsync("POST", "/flow_runs/paginate", "{}")).Answer.GetProperty("count").GetInt32().ShouldBe(0);
        (await SendAsync("POST", "/deployments/count", "{}")).Answer.GetInt32().ShouldBe(0);
    }

    private async Task<FlowRun> RunAsync() =>
        await _store.CreateFlowRunAsync(new() { FlowId = (await _store.EnsureFlowAsync(new() { Name = "f" }, Cancel)).Id }, Cancel);

    /// <summary>Objects are dated in microseconds and told from new ones in milliseconds.</summary>
    private static Task WaitForNextMillisecondAsync()
    {
        DateTimeOffset start = DateTimeOffset.UtcNow;
        return WaitForAsync(() => DateTimeOffset.UtcNow - start > TimeSpan.FromMilliseconds(2));
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        long started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(30));
            await Task.Delay(2, Cancel);
        }
    }

    private async Task<(int Status, JsonElement Answer)> SendAsync(string method, string path, string? body, Action<HttpRequestMessage>? more = null, ApiHost? host = null)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), (host ?? _host).Url + path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        more?.Invoke(request);
        using HttpResponseMessage answer = await _http.SendAsync(request, Cancel);
        byte[] bytes = await answer.Content.ReadAsByteArrayAsync(Cancel);
        return ((int)answer.StatusCode, bytes.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(bytes));
    }

    /// <summary>A body whose sender goes away in its middle.</summary>
    private sealed class BrokenOff(CancellationTokenSource stop) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[50_000], CancellationToken.None);
            await stream.FlushAsync(CancellationToken.None);
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, stop.Token);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 90_000;
            return true;
        }
    }
}

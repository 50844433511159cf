using System.Net.WebSockets;
using System.Text.Json;
using Sluice.Orchestration.Http;

namespace Sluice.Orchestration.Tests.Http;

public sealed class TransportTests
{
    private const string FlowJson = """{"id":"8d7d2149-03d4-47de-a411-fd9caac3b515","name":"f","created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z","tags":[],"labels":{},"new_in_prefect_4":{"a":[1]}}""";
    private const string PoolJson = """{"id":"8d7d2149-03d4-47de-a411-fd9caac3b515","name":"p","type":"process","base_job_template":{}}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(408), InlineData(429), InlineData(503), InlineData(502), InlineData(504)]
    public async Task A_request_that_may_be_repeated_is_sent_again_after(int status)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((status, "{}"), (status, "{}"), (200, FlowJson));
        await using HttpOrchestrationApi api = new(server.Endpoint);

        (await api.FindFlowAsync("f", Cancel)).ShouldNotBeNull().Name.ShouldBe("f");
        server.Requests.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(408, 2), InlineData(429, 2), InlineData(503, 2), InlineData(502, 1), InlineData(504, 1), InlineData(500, 1)]
    public async Task A_request_that_makes_something_new_is_repeated_only_when_nothing_was_done(int status, int requests)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((status, """{"detail":"busy"}"""), (201, PoolJson));
        await using HttpOrchestrationApi api = new(server.Endpoint);
        Task<WorkPool> create = api.CreateWorkPoolAsync(new() { Name = "p" }, Cancel);

        if (requests == 2)
        {
            (await create).Name.ShouldBe("p");
        }
        else
        {
            (await Should.ThrowAsync<OrchestrationException>(() => create)).Kind.ShouldBe(OrchestrationErrorKind.Unavailable);
        }

        server.Requests.Count.ShouldBe(requests);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task A_result_is_opened_again_after_a_busy_or_broken_answer(bool breaks)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((http, number) =>
        {
            if (number > 1 || !breaks)
                return ScriptedServer.JsonAsync(http, number > 1 ? 200 : 503, "[1]");
            http.Abort();
            return Task.CompletedTask;
        });
        await using HttpOrchestrationApi api = new(server.Endpoint);

        await using Stream stream = (await api.OpenResultAsync(Guid.NewGuid(), Cancel)).ShouldNotBeNull();
        (await new StreamReader(stream).ReadToEndAsync(Cancel)).ShouldBe("[1]");
        server.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Five_repetitions_are_enough()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((503, """{"exception_message":"Service Unavailable"}"""));
        await using HttpOrchestrationApi api = new(server.Endpoint);

        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => api.ListFlowsAsync(new(), Cancel));
        error.Kind.ShouldBe(OrchestrationErrorKind.Unavailable);
        error.Message.ShouldContain("Service Unavailable");
        server.Requests.Count.ShouldBe(6);
    }

    [Fact]
    public async Task A_broken_connection_is_tried_again_where_that_is_safe()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((http, number) =>
        {
            if (number == 1)
            {
                http.Abort();
                return Task.CompletedTask;
            }

            return ScriptedServer.JsonAsync(http, 200, FlowJson);
        });
        await using HttpOrchestrationApi api = new(server.Endpoint);

        (await api.EnsureFlowAsync(new() { Name = "f" }, Cancel)).Name.ShouldBe("f");
        server.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_broken_connection_is_reported_where_it_is_not()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((http, _) =>
        {
            http.Abort();
            return Task.CompletedTask;
        });
        await using HttpOrchestrationApi api = new(server.Endpoint);

        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => api.CreateWorkPoolAsync(new() { Name = "p" }, Cancel));
        error.Kind.ShouldBe(OrchestrationErrorKind.Unavailable);
        error.Message.ShouldContain("Whether it was done is not known");
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_transition_whose_answer_was_lost_is_repeated_and_counts_as_accepted()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((http, number) => number == 1
            ? AbortAsync(http)
            : ScriptedServer.JsonAsync(http, 200, ResultJson("REJECT", "RUNNING", transition: null)));
        await using HttpOrchestrationApi api = new(server.Endpoint);
        Guid transition = Guid.Parse("2162fdff-6444-4ffc-8283-511bce426575");

        OrchestrationResult result = await api.SetFlowRunStateAsync(Guid.NewGuid(), new() { Type = StateType.Running, StateDetails = new() { TransitionId = transition } }, default, Cancel);

        result.Status.ShouldBe(SetStateStatus.Accept);
        server.Requests.Count.ShouldBe(2);
        server.Requests[1].Body.ShouldBe(server.Requests[0].Body);
        static Task AbortAsync(Microsoft.AspNetCore.Http.HttpContext http)
        {
            http.Abort();
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task FAILED_is_not_repeated_blindly_since_its_answer_may_have_been_a_retry()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((http, _) =>
        {
            http.Abort();
            return Task.CompletedTask;
        });
        await using HttpOrchestrationApi api = new(server.Endpoint);

        (await Should.ThrowAsync<OrchestrationException>(() => api.SetFlowRunStateAsync(Guid.NewGuid(), new() { Type = StateType.Failed }, default, Cancel))).Kind.ShouldBe(OrchestrationErrorKind.Unavailable);
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task On_Prefect_2_a_retry_is_the_answer_to_a_FAILED_whose_own_was_lost()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(
            (http, number) =>
            {
                if (number > 1)
                    return ScriptedServer.JsonAsync(http, 200, RunJson);
                http.Abort();
                return Task.CompletedTask;
            },
            version: "2.10.21");
        await using HttpOrchestrationApi api = new(server.Endpoint);

        OrchestrationResult result = await api.SetFlowRunStateAsync(Guid.NewGuid(), new() { Type = StateType.Failed }, default, Cancel);
        (result.Status, result.State!.Name).ShouldBe((SetStateStatus.Reject, "AwaitingRetry"));
        server.Requests.Select(request => request.Method).ShouldBe(["POST", "GET"]);
    }

    [Fact]
    public async Task A_renewal_that_hangs_is_tried_again_within_the_lease()
    {
        int renewals = 0;
        await using ScriptedServer server = await ScriptedServer.StartAsync(
            (http, _) => http.Request.Path.Value != "/api/sluice/leases/renew" ? ScriptedServer.JsonAsync(http, 200, """{"product":"sluice","version":"1.0.0","location":"here","change":1}""")
                : Interlocked.Increment(ref renewals) == 1 ? Task.Delay(Timeout.Infinite, http.RequestAborted) : ScriptedServer.JsonAsync(http, 204, ""),
            version: null);
        await using HttpOrchestrationApi api = new(server.Endpoint);

        await api.RenewLeasesAsync([Guid.NewGuid()], TimeSpan.FromSeconds(6), Cancel).WaitAsync(TimeSpan.FromSeconds(50), Cancel);
        renewals.ShouldBe(2);
    }

    [Theory]
    [InlineData("Sluice-Attempt"), InlineData("sluice-crash-retries"), InlineData("Sluice-Lease-Seconds"), InlineData("User-Agent")]
    public void Headers_that_say_who_asks_cannot_be_set_by_the_environment(string header) =>
        Should.Throw<OrchestrationException>(() => ApiClientSettings.FromEnvironment(name => name == ApiClientSettings.HeadersVariable ? $$"""{"{{header}}":"x"}""" : null))
            .Message.ShouldEndWith($"names {header}, which is the client's own: leave it out.");

    [Theory]
    [InlineData(WebSocketCloseStatus.PolicyViolation, OrchestrationErrorKind.Unauthorized)]
    [InlineData(WebSocketCloseStatus.EndpointUnavailable, OrchestrationErrorKind.Unavailable)]
    public async Task A_stream_of_events_that_closes_before_its_welcome_refuses_the_credentials_only_where_it_says_so(WebSocketCloseStatus status, OrchestrationErrorKind kind)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(async (http, _) =>
        {
            using WebSocket socket = await http.WebSockets.AcceptWebSocketAsync("prefect");
            await socket.ReceiveAsync(new byte[1000], http.RequestAborted);
            await socket.CloseAsync(status, "", http.RequestAborted);
        });
        await using HttpOrchestrationApi api = new(server.Endpoint);

        (await Should.ThrowAsync<OrchestrationException>(() => api.WaitForEventAsync("a", "b", Cancel))).Kind.ShouldBe(kind);
    }

    [Fact]
    public async Task An_endless_event_ends_the_stream()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(async (http, _) =>
        {
            using WebSocket socket = await http.WebSockets.AcceptWebSocketAsync("prefect");
            try
            {
                while (true)
                    await socket.SendAsync(new byte[100_000], WebSocketMessageType.Text, endOfMessage: false, http.RequestAborted);
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
            {
                // The client has hung up.
            }
        });
        await using HttpOrchestrationApi api = new(server.Endpoint);

        (await Should.ThrowAsync<OrchestrationException>(() => api.WaitForEventAsync("a", "b", Cancel).WaitAsync(TimeSpan.FromSeconds(60), Cancel))).Message.ShouldEndWith("it sends a message of more than 4 MB.");
    }

    [Fact]
    public async Task A_transition_that_was_rejected_at_once_stays_rejected()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((200, ResultJson("REJECT", "RUNNING", transition: null)));
        await using HttpOrchestrationApi api = new(server.Endpoint);
        StateCreate running = new() { Type = StateType.Running, StateDetails = new() { TransitionId = Guid.Parse("2162fdff-6444-4ffc-8283-511bce426575") } };

        (await api.SetFlowRunStateAsync(Guid.NewGuid(), running, default, Cancel)).Status.ShouldBe(SetStateStatus.Reject);
    }

    [Fact]
    public async Task Every_transition_has_an_id_and_a_claim_its_lease()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((201, ResultJson("ACCEPT", "PENDING", transition: null)));
        await using HttpOrchestrationApi api = new(server.Endpoint);
        await api.SetFlowRunStateAsync(Guid.NewGuid(), new() { Type = StateType.Pending }, new() { Lease = TimeSpan.FromSeconds(30.5), Force = true }, Cancel);
        await api.SetFlowRunStateAsync(Guid.NewGuid(), new() { Type = StateType.Pending }, default, Cancel);

        JsonElement body = JsonElement.Parse(server.Requests[0].Body);
        body.GetProperty("state").GetProperty("state_details").GetProperty("transition_id").TryGetGuid(out Guid first).ShouldBeTrue();
        body.GetProperty("force").GetBoolean().ShouldBeTrue();
        server.Requests[0].Headers["Sluice-Lease-Seconds"].ShouldBe("30.5");
        server.Requests[1].Headers.Keys.ShouldNotContain("Sluice-Lease-Seconds");
        JsonElement.Parse(server.Requests[1].Body).GetProperty("state").GetProperty("state_details").GetProperty("transition_id").GetGuid().ShouldNotBe(first);
    }

    [Fact]
    public async Task A_run_that_is_created_again_has_the_same_key()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((504, "{}"), (409, """{"detail":"enough seen"}"""));
        await using HttpOrchestrationApi api = new(server.Endpoint);
        await Should.ThrowAsync<OrchestrationException>(() => api.CreateDeploymentRunAsync(Guid.NewGuid(), new(), Cancel));

        server.Requests.Count.ShouldBe(2);
        server.Requests[1].Body.ShouldBe(server.Requests[0].Body);
        JsonElement.Parse(server.Requests[0].Body).GetProperty("idempotency_key").GetString().ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData(504, true), InlineData(503, false)]
    public async Task A_deletion_whose_answer_was_lost_succeeds_when_the_object_is_gone(int firstStatus, bool deleted)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((firstStatus, "{}"), (404, """{"detail":"Flow not found"}"""));
        await using HttpOrchestrationApi api = new(server.Endpoint);

        (await api.DeleteFlowAsync(Guid.NewGuid(), Cancel)).ShouldBe(deleted);
    }

    [Fact]
    public async Task Where_nothing_listens_the_first_call_says_so_at_once()
    {
        int port;
        await using (ScriptedServer gone = await ScriptedServer.StartAsync((200, "1")))
        {
            port = gone.Port;
        }

        await using HttpOrchestrationApi api = new(new($"http://127.0.0.1:{port}/api"));
        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => api.ListFlowsAsync(new(), Cancel));
        error.Kind.ShouldBe(OrchestrationErrorKind.Unreachable);
        error.Message.ShouldStartWith($"No API answers at http://127.0.0.1:{port}/api (");
        error.Message.ShouldEndWith("). Start one with `sluice server start`, or mend PREFECT_API_URL.");
    }

    [Fact]
    public async Task A_server_that_restarts_is_waited_for()
    {
        ScriptedServer first = await ScriptedServer.StartAsync((200, FlowJson));
        await using HttpOrchestrationApi api = new(first.Endpoint);
        await api.FindFlowAsync("f", Cancel);
        await first.DisposeAsync();

        Task<Flow?> again = api.FindFlowAsync("f", Cancel);
        await using ScriptedServer second = await ScriptedServer.StartAsync((http, _) => ScriptedServer.JsonAsync(http, 200, FlowJson), first.Port);

        (await again).ShouldNotBeNull().Name.ShouldBe("f");
    }

    [Fact]
    public async Task A_server_that_does_not_answer_in_time_is_unavailable()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((http, _) => Task.Delay(Timeout.Infinite, http.RequestAborted));
        using HttpTransport transport = new(server.Endpoint, TimeProvider.System);
        ApiCall call = ApiCall.Get("/health") with { Timeout = TimeSpan.FromMilliseconds(200), Attempts = 1 };

        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => transport.SendAsync(call, Cancel));
        error.Kind.ShouldBe(OrchestrationErrorKind.Unavailable);
        error.Message.ShouldBe($"{server.Endpoint} did not answer GET /health within 0.2 s; PREFECT_API_REQUEST_TIMEOUT says how long to wait.");
    }

    [Fact]
    public async Task A_pause_between_attempts_can_be_cancelled()
    {
        using CancellationTokenSource stop = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync(async (http, _) =>
        {
            http.Response.StatusCode = 503;
            http.Response.Headers.RetryAfter = "50";
            await http.Response.CompleteAsync();
            stop.CancelAfter(TimeSpan.FromMilliseconds(100));
        });
        await using HttpOrchestrationApi api = new(server.Endpoint);

        await Should.ThrowAsync<OperationCanceledException>(() => api.ListFlowsAsync(new(), stop.Token).WaitAsync(TimeSpan.FromSeconds(30), Cancel));
    }

    [Fact]
    public void Pauses_double_and_differ()
    {
        for (int attempt = 1; attempt <= 5; attempt++)
        {
            double seconds = Math.Pow(2, attempt - 1);
            HttpTransport.Backoff(attempt).TotalSeconds.ShouldBeInRange(0.8 * seconds, 1.2 * seconds);
        }

        Enumerable.Range(0, 20).Select(_ => HttpTransport.Backoff(3)).Distinct().Count().ShouldBeGreaterThan(1);
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("key", null, "Bearer key")]
    [InlineData(null, "jürgen:pass:word", "Basic asO8cmdlbjpwYXNzOndvcmQ=")]
    [InlineData("key", "a:b", "Basic YTpi")]
    public async Task Credentials_and_version_travel_with_every_request(string? key, string? authString, string? header)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((200, FlowJson));
        await using HttpOrchestrationApi api = new(new(server.Endpoint.Url, key, authString));
        await api.FindFlowAsync("a/b?c#d ü", Cancel);

        ScriptedServer.Request request = server.Requests[0];
        request.Headers.GetValueOrDefault("Authorization").ShouldBe(header);
        request.Headers["X-PREFECT-API-VERSION"].ShouldBe("0.8.4");
    }

    public static TheoryData<string> Names => new("a/b", "a?b#c", "50%", "ü + ö", "a%2Fb", "a.b", "...");

    [Theory, MemberData(nameof(Names))]
    public async Task A_name_is_one_segment_of_the_path(string name)
    {
        string? target = null;
        await using ScriptedServer server = await ScriptedServer.StartAsync((http, _) =>
        {
            target = http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            return ScriptedServer.JsonAsync(http, 200, FlowJson);
        });
        await using HttpOrchestrationApi api = new(server.Endpoint);
        await api.FindFlowAsync(name, Cancel);

        target.ShouldBe("/api/flows/name/" + Uri.EscapeDataString(name));
    }

    [Theory]
    [InlineData(""), InlineData("."), InlineData("..")]
    public async Task A_name_that_servers_take_for_a_folder_is_refused(string name)
    {
        await using HttpOrchestrationApi api = new(new("http://127.0.0.1:1/api"));
        (await Should.ThrowAsync<OrchestrationException>(() => api.DeleteWorkPoolAsync(name, Cancel))).Kind.ShouldBe(OrchestrationErrorKind.Invalid);
    }

    private const string RunJson = """{"id":"8d7d2149-03d4-47de-a411-fd9caac3b515","flow_id":"8d7d2149-03d4-47de-a411-fd9caac3b516","name":"r","state":{"id":"01a20129-4df3-7a2d-ba90-9b2ab7534b40","type":"SCHEDULED","name":"AwaitingRetry","timestamp":"2026-01-01T00:00:00Z","state_details":{}}}""";

    private static string ResultJson(string status, string type, string? transition) =>
        $$$"""{"state":{"id":"01a20129-4df3-7a2d-ba90-9b2ab7534b40","type":"{{{type}}}","name":"x","timestamp":"2026-01-01T00:00:00Z","state_details":{"transition_id":"{{{transition ?? "2162fdff-6444-4ffc-8283-511bce426575"}}}"}},"status":"{{{status}}}","details":{"type":"x"}}""";
}

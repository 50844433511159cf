using System.Text.Json;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>Task runs over HTTP, as Prefect's Python programs and CLI ask for them.</summary>
public sealed class TaskRunTests
{
    [Fact]
    public async Task A_task_run_is_created_once_read_renamed_listed_and_deleted()
    {
        await using FamilyServer server = await FamilyServer.StartAsync();
        string body = $$"""
            {"flow_run_id":"{{server.Run.Id}}","task_key":"t-1","dynamic_key":"0","name":"t-0","tags":["a"],"task_inputs":{"x":[{"input_type":"parameter","name":"x"}] },
            "empirical_policy":{"retries":2,"retry_delay":[1,2]},"cache_key":"c","state":{"type":"PENDING","state_details":{"cache_key":"c"} } }
            """;
        JsonElement made = await server.OkAsync("POST", "/task_runs/", body, 201);
        made.GetProperty("state_type").GetString().ShouldBe("PENDING");
        made.GetProperty("labels").GetProperty("prefect.flow-run.id").GetString().ShouldBe(server.Run.Id.ToString());
        made.GetProperty("labels").TryGetProperty("prefect.flow.id", out _).ShouldBeTrue();
        made.GetProperty("state").GetProperty("state_details").GetProperty("cache_key").GetString().ShouldBe("c");
        Guid id = made.GetProperty("id").GetGuid();
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        (await server.OkAsync("POST", "/task_runs/", body)).GetProperty("id").GetGuid().ShouldBe(id);

        await server.OkAsync("PATCH", $"/task_runs/{id}", """{"name":"renamed"}""", 204);
        (await server.OkAsync("GET", $"/task_runs/{id}")).GetProperty("name").GetString().ShouldBe("renamed");
        (await server.OkAsync("GET", $"/task_run_states/?task_run_id={id}")).GetArrayLength().ShouldBe(1);
        await server.OkAsync("GET", $"/task_run_states/{made.GetProperty("state_id").GetGuid()}");

        await server.OkAsync("DELETE", $"/task_runs/{id}", null, 204);
        await server.OkAsync("GET", $"/task_runs/{id}", null, 404);
        await server.OkAsync("DELETE", $"/task_runs/{id}", null, 404);
        await server.OkAsync("PATCH", $"/task_runs/{id}", """{"name":"n"}""", 404);
        await server.OkAsync("POST", $"/task_runs/{id}/set_state", """{"state":{"type":"RUNNING"}}""", 404);
    }

    [Theory]
    [InlineData("""{"task_runs":{"name":{"any_":["a"]}}}""", "a")]
    [InlineData("""{"task_runs":{"name":{"like_":"B"}}}""", "b")]
    [InlineData("""{"task_runs":{"tags":{"all_":["x"]}},"sort":"NAME_DESC"}""", "b,a")]
    [InlineData("""{"task_runs":{"tags":{"is_null_":true}}}""", "c")]
    [InlineData("""{"task_runs":{"state":{"type":{"any_":["RUNNING"]}}}}""", "a")]
    [InlineData("""{"task_runs":{"state":{"name":{"any_":["Pending"]}}},"sort":"NAME_ASC"}""", "b,c")]
    [InlineData("""{"task_runs":{"flow_run_id":{"is_null_":true}}}""", "c")]
    [InlineData("""{"task_runs":{"flow_run_id":{"any_":["RUN"]}},"sort":"EXPECTED_START_TIME_DESC"}""", "b,a")]
    [InlineData("""{"task_runs":{"subflow_runs":{"exists_":true}}}""", "b")]
    [InlineData("""{"task_runs":{"start_time":{"is_null_":false}}}""", "a")]
    [InlineData("""{"flow_runs":{"id":{"any_":["RUN"]}},"sort":"NAME_ASC","limit":1,"offset":1}""", "b")]
    [InlineData("""{"flows":{"name":{"any_":["nope"]}}}""", "")]
    [InlineData("""{"deployments":{"name":{"any_":["d"]}},"sort":"NAME_ASC"}""", "a,b")]
    [InlineData("{}", "c,b,a")]
    public async Task Task_runs_are_filtered_sorted_counted_and_in_pages(string query, string names)
    {
        await using FamilyServer server = await FamilyServer.StartAsync();
        FlowRun run = await server.RunningAsync();
        async Task<Guid> NewAsync(string name, Guid? flowRun, string tags)
        {
            server.Clock.Advance(TimeSpan.FromSeconds(1));
            string of = flowRun is null ? "null" : $"\"{flowRun}\"";
            return (await server.OkAsync("POST", "/task_runs/", $$"""{"flow_run_id":{{of}},"task_key":"{{name}}","dynamic_key":"0","name":"{{name}}","tags":{{tags}} }""", 201)).GetProperty("id").GetGuid();
        }

        Guid a = await NewAsync("a", run.Id, """["x","y"]"""), b = await NewAsync("b", run.Id, """["x"]""");
        await NewAsync("c", null, "[]");
        await server.OkAsync("POST", $"/task_runs/{a}/set_state", """{"state":{"type":"RUNNING"}}""", 201);
        await server.Store.CreateFlowRunAsync(new() { FlowId = run.FlowId, ParentTaskRunId = b }, FamilyServer.Cancel);
        query = query.Replace("RUN\"", run.Id + "\"", StringComparison.Ordinal).Replace("RUNNING", "RUNNING", StringComparison.Ordinal);
        query = query.Replace($"\"{run.Id}NING\"", "\"RUNNING\"", StringComparison.Ordinal);

        string[] expected = names.Split(',', StringSplitOptions.RemoveEmptyEntries);
        (await server.OkAsync("POST", "/task_runs/filter", query)).EnumerateArray().Select(task => task.GetProperty("name").GetString()).ShouldBe(expected);
        if (!query.Contains("offset", StringComparison.Ordinal))
        {
            (await server.OkAsync("POST", "/task_runs/count", query)).GetInt32().ShouldBe(expected.Length);
            JsonElement page = await server.OkAsync("POST", "/task_runs/paginate", query[..^1] + (query.Length > 2 ? "," : "") + "\"limit\":2,\"page\":1}");
            page.GetProperty("count").GetInt32().ShouldBe(expected.Length);
            page.GetProperty("results").GetArrayLength().ShouldBe(Math.Min(2, expected.Length));
        }
    }

    [Theory]
    [InlineData("POST", "/task_runs/", """{"task_key":"t"}""")]
    [InlineData("POST", "/task_runs/", """{"task_key":"t","dynamic_key":"0","unknown":1}""")]
    [InlineData("POST", "/task_runs/", """{"task_key":"t","dynamic_key":"0","flow_run_id":"x"}""")]
    [InlineData("POST", "/task_runs/filter", """{"sort":"NOPE"}""")]
    [InlineData("POST", "/task_runs/filter", """{"limit":201}""")]
    [InlineData("POST", "/task_runs/filter", """{"task_runs":{"unknown":1}}""")]
    [InlineData("POST", "/task_runs/history", """{"history_start":"2026-01-01T00:00:00Z","history_end":"2026-01-02T00:00:00Z","history_interval_seconds":0.5}""")]
    [InlineData("GET", "/task_run_states/?task_run_id=x", null)]
    public async Task What_does_not_fit_is_refused_with_422(string method, string path, string? body)
    {
        await using FamilyServer server = await FamilyServer.StartAsync();
        await server.OkAsync(method, path, body, 422);
    }

    /// <summary>From a state (in steps), what is proposed, and what is answered: the status, the name of the state then, and the reason.</summary>
    public static TheoryData<string, string, string, string?, string?> Transitions => new()
    {
        { "PENDING", """{"type":"RUNNING"}""", "ACCEPT", "Running", null },
        { "PENDING,RUNNING", """{"type":"COMPLETED"}""", "ACCEPT", "Completed", null },
        { "PENDING,RUNNING", """{"type":"FAILED","message":"m"}""", "REJECT", "AwaitingRetry", "Retrying" },
        { "PENDING,RUNNING", """{"type":"FAILED","state_details":{"retriable":false}}""", "ACCEPT", "Failed", null },
        { "PENDING,RUNNING,FAILED", """{"type":"RUNNING"}""", "WAIT", "AwaitingRetry", "Scheduled time is in the future" },
        { "PENDING,RUNNING,FAILED,wait", """{"type":"RUNNING"}""", "ACCEPT", "Retrying", null },
        { "PENDING,RUNNING,FAILED,wait,RUNNING", """{"type":"FAILED"}""", "ACCEPT", "Failed", null },
        { "PENDING,RUNNING", """{"type":"RUNNING"}""", "ACCEPT", "Rerunning", null },
        { "PENDING,RUNNING,COMPLETED", """{"type":"CRASHED"}""", "ABORT", "Completed", "Run is already COMPLETED." },
        { "PENDING,RUNNING,COMPLETED", """{"type":"PAUSED"}""", "ABORT", "Completed", "Run is already COMPLETED." },
        { "PENDING,RUNNING,COMPLETED", """{"type":"RUNNING"}""", "ACCEPT", "Running", null },
        { "PENDING,RUNNING,data", """{"type":"RUNNING"}""", "REJECT", "Completed", "This run is already completed." },
        { "SCHEDULED+60", """{"type":"RUNNING"}""", "WAIT", "Scheduled", "Scheduled time is in the future" },
        { "SCHEDULED+60", """{"type":"PENDING"}""", "ACCEPT", "Pending", null },
        { "SCHEDULED+60,PENDING", """{"type":"RUNNING"}""", "WAIT", "Pending", "Scheduled time is in the future" },
    };

    [Theory, MemberData(nameof(Transitions))]
    public async Task States_of_task_runs_follow_Prefects_rules(string steps, string proposed, string status, string? state, string? reason)
    {
        await using FamilyServer server = await FamilyServer.StartAsync();
        FlowRun run = await server.RunningAsync();
        Guid id = (await server.OkAsync("POST", "/task_runs/", $$"""{"flow_run_id":"{{run.Id}}","task_key":"t","dynamic_key":"0","empirical_policy":{"retries":1,"retry_delay":10} }""", 201)).GetProperty("id").GetGuid();
        foreach (string step in steps.Split(','))
        {
            if (step == "wait")
            {
                server.Clock.Advance(TimeSpan.FromSeconds(11));
                continue;
            }

            string to = step switch
            {
                "data" => """{"type":"COMPLETED","data":{"storage_key":"k"}}""",
                "SCHEDULED+60" => $$"""{"type":"SCHEDULED","state_details":{"scheduled_time":"{{server.Clock.GetUtcNow().AddSeconds(60):O}}"} }""",
                _ => $$"""{"type":"{{step}}"}""",
            };
            (await server.SendAsync("POST", $"/task_runs/{id}/set_state", $$"""{"state":{{to}} }""")).Status.ShouldBeOneOf(200, 201);
        }

        server.Clock.Advance(TimeSpan.FromMilliseconds(10));
        var (code, answer, _) = await server.SendAsync("POST", $"/task_runs/{id}/set_state", $$"""{"state":{{proposed}} }""");
        answer.GetProperty("status").GetString().ShouldBe(status, answer.ToString());
        answer.GetProperty("state").GetProperty("name").GetString().ShouldBe(state);
        answer.GetProperty("details").GetProperty("type").GetString().ShouldBe(status.ToLowerInvariant() + "_details");
        (answer.GetProperty("details").TryGetProperty("reason", out JsonElement why) ? why.GetString() : null).ShouldBe(reason);
        code.ShouldBe(status == "ACCEPT" || state == "AwaitingRetry" && status == "REJECT" ? 201 : 200);
        (await server.OkAsync("POST", $"/task_runs/{id}/set_state", """{"state":{"type":"CRASHED"},"force":true}""", 201)).GetProperty("status").GetString().ShouldBe("ACCEPT");
    }

    [Fact]
    public async Task A_task_runs_only_inside_a_running_flow_and_a_paused_one_holds_it()
    {
        await using FamilyServer server = await FamilyServer.StartAsync();
        async Task<JsonElement> RunInAsync(Guid flowRun)
        {
            Guid id = (await server.OkAsync("POST", "/task_runs/", $$"""{"flow_run_id":"{{flowRun}}","task_key":"t","dynamic_key":"0"}""", 201)).GetProperty("id").GetGuid();
            return (await server.SendAsync("POST", $"/task_runs/{id}/set_state", """{"state":{"type":"RUNNING"}}""")).Body;
        }

        JsonElement waiting = await RunInAsync(server.Run.Id);
        waiting.GetProperty("status").GetString().ShouldBe("ABORT");
        waiting.GetProperty("details").GetProperty("reason").GetString().ShouldBe("The enclosing flow must be running to begin task execution.");

        FlowRun paused = await server.RunningAsync();
        await server.SetAsync(paused.Id, StateType.Paused, new() { PauseTimeout = server.Clock.GetUtcNow().AddHours(1) });
        JsonElement held = await RunInAsync(paused.Id);
        held.GetProperty("status").GetString().ShouldBe("REJECT");
        held.GetProperty("state").GetProperty("name").GetString().ShouldBe("NotReady");
        held.GetProperty("state").GetProperty("state_details").GetProperty("pause_timeout").ValueKind.ShouldBe(JsonValueKind.String);
    }

    [Fact]
    public async Task A_cached_state_is_given_until_it_expires_or_is_not_wanted()
    {
        await using FamilyServer server = await FamilyServer.StartAsync();
        FlowRun run = await server.RunningAsync();
        async Task<JsonElement> RunAsync(int number, string details)
        {
            Guid id = (await server.OkAsync("POST", "/task_runs/", $$"""{"flow_run_id":"{{run.Id}}","task_key":"t","dynamic_key":"{{number}}"}""", 201)).GetProperty("id").GetGuid();
            JsonElement answer = (await server.SendAsync("POST", $"/task_runs/{id}/set_state", $$"""{"state":{"type":"RUNNING","state_details":{{details}} } }""")).Body;
            if (number == 0)
            {
                string until = server.Clock.GetUtcNow().AddMinutes(1).ToString("O");
                await server.OkAsync("POST", $"/task_runs/{id}/set_state", $$"""{"state":{"type":"COMPLETED","data":{"storage_key":"k"},"state_details":{"cache_key":"key","cache_expiration":"{{until}}"} } }""", 201);
            }

            return answer;
        }

        (await RunAsync(0, """{"cache_key":"key"}""")).GetProperty("status").GetString().ShouldBe("ACCEPT");
        JsonElement cached = await RunAsync(1, """{"cache_key":"key"}""");
        cached.GetProperty("status").GetString().ShouldBe("REJECT");
        cached.GetProperty("state").GetProperty("name").GetString().ShouldBe("Cached");
        cached.GetProperty("state").GetProperty("data").GetProperty("storage_key").GetString().ShouldBe("k");
        (await RunAsync(2, """{"cache_key":"key","refresh_cache":true}""")).GetProperty("status").GetString().ShouldBe("ACCEPT");
        server.Clock.Advance(TimeSpan.FromMinutes(2));
        (await RunAsync(3, """{"cache_key":"key"}""")).GetProperty("status").GetString().ShouldBe("ACCEPT");
    }

    [Fact]
    public async Task The_events_of_Prefects_engine_make_task_runs_in_whatever_order_they_come()
    {
        await using FamilyServer server = await FamilyServer.StartAsync();
        FlowRun run = await server.RunningAsync();
        Guid task = Guid.NewGuid();
        string Event(string state, int second, string report) => $$"""
            {"event":"prefect.task-run.{{state}}","id":"{{Guid.NewGuid()}}","occurred":"2026-06-01T10:00:{{second:00}}Z",
            "resource":{"prefect.resource.id":"prefect.task-run.{{task}}","prefect.resource.name":"t-0","prefect.state-type":"{{state.ToUpperInvariant()}}","prefect.orchestration":"client"},
            "related":[{"prefect.resource.id":"prefect.flow-run.{{run.Id}}","prefect.resource.role":"flow-run"},{"prefect.resource.id":"prefect.flow.x","prefect.resource.role":"flow"}],
            "payload":{"intended":{"from":null,"to":"{{state.ToUpperInvariant()}}"},"initial_state":null,
            "validated_state":{"type":"{{state.ToUpperInvariant()}}","name":"{{state}}","message":"m","state_details":{"cache_key":"c"},"data":null},
            "task_run":{"name":"t-0","task_key":"t-1","dynamic_key":"dk","tags":["a"],"labels":{"l":1},"task_inputs":{},"empirical_policy":{"retries":0,"retry_delay":0},{{report}} } } }
            """;
        string completed = Event("Completed", 9, "\"run_count\":1,\"start_time\":\"2026-06-01T10:00:05Z\",\"end_time\":\"2026-06-01T10:00:09Z\",\"total_run_time\":4.0,\"expected_start_time\":\"2026-06-01T10:00:04Z\"");
        string pending = Event("Pending", 4, "\"run_count\":0,\"expected_start_time\":\"2026-06-01T10:00:04Z\"");
        string running = Event("Running", 5, "\"run_count\":1,\"flow_run_run_count\":1,\"start_time\":\"2026-06-01T10:00:05Z\"");
        await server.OkAsync("POST", "/events", $"[{completed},{pending},{running}]", 204);
        await server.OkAsync("POST", "/events", $"[{pending}]", 204);

        JsonElement read = await server.OkAsync("GET", $"/task_runs/{task}");
        (read.GetProperty("state_name").GetString(), read.GetProperty("run_count").GetInt32(), read.GetProperty("total_run_time").GetDouble()).ShouldBe(("Completed", 1, 4.0));
        (read.GetProperty("flow_run_id").GetGuid(), read.GetProperty("task_key").GetString(), read.GetProperty("dynamic_key").GetString()).ShouldBe((run.Id, "t-1", "dk"));
        read.GetProperty("end_time").GetDateTimeOffset().ShouldBe(new(2026, 6, 1, 10, 0, 9, TimeSpan.Zero));
        read.GetProperty("state").GetProperty("state_details").GetProperty("task_run_id").GetGuid().ShouldBe(task);
        JsonElement states = await server.OkAsync("GET", $"/task_run_states/?task_run_id={task}");
        states.EnumerateArray().Select(state => state.GetProperty("name").GetString()).ShouldBe(["Pending", "Running", "Completed"]);
        (await server.OkAsync("POST", "/task_runs/count", $$"""{"task_runs":{"flow_run_id":{"any_":["{{run.Id}}"]} } }""")).GetInt32().ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"prefect.resource.id":"prefect.task-run.x"}""", """{"validated_state":{"type":"RUNNING"},"task_run":{"task_key":"t","dynamic_key":"0"}}""")]
    [InlineData("""{"prefect.resource.id":"prefect.task-run.545179b7-57bb-491c-bf8c-e36b6073ae23"}""", """{"validated_state":{"type":"NOPE"},"task_run":{"task_key":"t","dynamic_key":"0"}}""")]
    [InlineData("""{"prefect.resource.id":"prefect.task-run.545179b7-57bb-491c-bf8c-e36b6073ae23"}""", """{"validated_state":{"type":"RUNNING"},"task_run":{"task_key":1}}""")]
    [InlineData("""{"prefect.resource.id":"prefect.task-run.545179b7-57bb-491c-bf8c-e36b6073ae23"}""", """{"validated_state":[],"task_run":"x"}""")]
    [InlineData("""{"prefect.resource.id":"prefect.task-run.545179b7-57bb-491c-bf8c-e36b6073ae23"}""", """{"validated_state":{"type":"RUNNING"},"task_run":{}}""")]
    [InlineData("""{"prefect.resource.id":"prefect.task-run.545179b7-57bb-491c-bf8c-e36b6073ae23"}""", "{}")]
    public async Task An_event_that_only_looks_like_the_engines_is_kept_and_makes_nothing(string resource, string payload)
    {
        await using FamilyServer server = await FamilyServer.StartAsync();
        string sent = $$"""[{"event":"prefect.task-run.Running","id":"{{Guid.NewGuid()}}","occurred":"2026-06-01T10:00:00Z","resource":{{resource}},"related":[],"payload":{{payload}} }]""";
        await server.OkAsync("POST", "/events", sent, 204);
        (await server.OkAsync("POST", "/task_runs/count", "{}")).GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task Deleting_a_flow_run_deletes_its_task_runs_and_their_logs()
    {
        await using FamilyServer server = await FamilyServer.StartAsync();
        Guid id = (await server.OkAsync("POST", "/task_runs/", $$"""{"flow_run_id":"{{server.Run.Id}}","task_key":"t","dynamic_key":"0"}""", 201)).GetProperty("id").GetGuid();
        await server.Store.CreateLogsAsync([new() { Name = "n", Level = 20, Message = "m", Timestamp = server.Clock.GetUtcNow(), TaskRunId = id }], FamilyServer.Cancel);
        await server.Store.DeleteFlowRunAsync(server.Run.Id, FamilyServer.Cancel);
        await server.OkAsync("GET", $"/task_runs/{id}", null, 404);
        (await server.Store.ListLogsAsync(new(), FamilyServer.Cancel)).ShouldBeEmpty();
    }
}

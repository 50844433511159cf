using System.Text.Json;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>Inputs, history, lateness, graphs and log files of flow runs over HTTP.</summary>
public sealed class FlowRunDataTests
{
    [Fact]
    public async Task Inputs_are_created_once_filtered_read_as_text_and_deleted()
    {
        await using FamilyServer server = await FamilyServer.StartAsync();
        string inputs = $"/flow_runs/{server.Run.Id}/input";
        await server.OkAsync("POST", inputs, """{"key":"paused-1-response","value":"{\"a\":1}","sender":"prefect.flow-run.x"}""", 201);
        await server.OkAsync("POST", inputs, """{"key":"paused-1-schema","value":""}""", 201);
        await server.OkAsync("POST", inputs, """{"key":"other%","value":"2"}""", 201);
        JsonElement taken = await server.OkAsync("POST", inputs, """{"key":"other%","value":"3"}""", 409);
        taken.GetProperty("detail").GetString().ShouldBe("A flow run input with this key already exists.");
        await server.OkAsync("POST", $"/flow_runs/{Guid.NewGuid()}/input", """{"key":"k","value":"v"}""", 404);
        await server.OkAsync("POST", inputs, """{"key":"k"}""", 422);

        (await server.OkAsync("GET", inputs + "/paused-1-response")).GetString().ShouldBe("""{"a":1}""");
        (await server.OkAsync("GET", inputs + "/paused-1-schema")).GetString().ShouldBe("");
        await server.OkAsync("GET", inputs + "/nope", null, 404);
        async Task<string?[]> KeysAsync(string query) => [.. (await server.OkAsync("POST", inputs + "/filter", query)).EnumerateArray().Select(input => input.GetProperty("key").GetString())];
        (await KeysAsync("""{"prefix":"paused"}""")).ShouldBe(["paused-1-response"]);
        (await KeysAsync("""{"prefix":"paused","limit":10}""")).ShouldBe(["paused-1-response", "paused-1-schema"]);
        (await KeysAsync("""{"prefix":"","limit":10,"exclude_keys":["paused-1-schema"]}""")).ShouldBe(["paused-1-response", "other%"]);
        (await KeysAsync("""{"prefix":"%","limit":10}""")).ShouldBeEmpty();
        await server.OkAsync("DELETE", inputs + "/other%25", null, 204);
        await server.OkAsync("DELETE", inputs + "/other%25", null, 404);
    }

    [Fact]
    public async Task A_paused_run_is_resumed_in_process_or_again_through_a_worker()
    {
        await using FamilyServer server = await FamilyServer.StartAsync();
        JsonElement not = await server.OkAsync("POST", $"/flow_runs/{server.Run.Id}/resume");
        not.GetProperty("status").GetString().ShouldBe("ABORT");
        not.GetProperty("state").ValueKind.ShouldBe(JsonValueKind.Null);
        not.GetProperty("details").GetProperty("reason").GetString().ShouldBe("Cannot resume a flow run that is not paused.");

        foreach (bool suspended in new[] { false, true })
        {
            FlowRun run = await server.RunningAsync();
            await server.SetAsync(run.Id, StateType.Paused, new() { PauseReschedule = suspended, PauseTimeout = server.Clock.GetUtcNow().AddHours(1) });
            server.Clock.Advance(TimeSpan.FromSeconds(1));
            JsonElement resumed = await server.OkAsync("POST", $"/flow_runs/{run.Id}/resume", "{}", 201);
            resumed.GetProperty("status").GetString().ShouldBe("ACCEPT");
            resumed.GetProperty("state").GetProperty("name").GetString().ShouldBe(suspended ? "Resuming" : "Running");
        }
        await server.OkAsync("POST", $"/flow_runs/{Guid.NewGuid()}/resume", null, 404);
    }

    [Fact]
    public async Task What_a_run_waits_for_is_judged_by_its_schema_and_kept_for_it()
    {
        await using FamilyServer server = await FamilyServer.StartAsync();
        FlowRun run = await server.RunningAsync();
        await server.OkAsync("POST", $"/flow_runs/{run.Id}/input", """{"key":"s","value":"{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}},\"required\":[\"n\"]}"}""", 201);
        JsonElement keys = JsonElement.Parse("""{"schema":"s","response":"r"}""");
        await server.SetAsync(run.Id, StateType.Paused, new() { PauseTimeout = server.Clock.GetUtcNow().AddHours(1), RunInputKeyset = keys });
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        foreach (string bad in new[] { "{}", """{"run_input":{"n":"x"}}""", """{"run_input":{"n":{"__prefect_kind":"workspace_variable","variable_name":"nope"}}}""" })
        {
            (await server.OkAsync("POST", $"/flow_runs/{run.Id}/resume", bad)).GetProperty("status").GetString().ShouldBe("REJECT", bad);
        }

        (await server.OkAsync("POST", $"/flow_runs/{run.Id}/resume", """{"run_input":{"n":3}}""", 201)).GetProperty("status").GetString().ShouldBe("ACCEPT");
        (await server.OkAsync("GET", $"/flow_runs/{run.Id}/input/r")).GetString().ShouldBe("""{"n":3}""");
    }

    [Fact]
    public async Task History_counts_runs_by_interval_and_state_and_lateness_is_their_average()
    {
        await using FamilyServer server = await FamilyServer.StartAsync();
        FlowRun run = await server.RunningAsync();
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        await server.SetAsync(run.Id, StateType.Completed);
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        await server.NewRunAsync();
        server.Clock.Advance(TimeSpan.FromSeconds(10));
        JsonElement bars = await server.OkAsync("POST", "/flow_runs/history", """{"history_start":"2026-06-01T09:59:00Z","history_end":"2026-06-01T10:02:30Z","history_interval_seconds":60}""");
        bars.GetArrayLength().ShouldBe(4);
        bars[0].GetProperty("states").GetArrayLength().ShouldBe(0);
        JsonElement[] states = [.. bars[1].GetProperty("states").EnumerateArray()];
        states.Select(state => (state.GetProperty("state_name").GetString(), state.GetProperty("count_runs").GetInt32())).ShouldBe([("Completed", 1), ("Scheduled", 1)]);
        states[0].GetProperty("sum_estimated_run_time").GetDouble().ShouldBe(30, 0.001);
        states[1].GetProperty("sum_estimated_lateness").GetDouble().ShouldBe(100, 0.001);
        bars[2].GetProperty("states")[0].GetProperty("sum_estimated_lateness").GetDouble().ShouldBe(10, 0.001);
        bars[3].GetProperty("interval_end").GetDateTimeOffset().ShouldBe(new(2026, 6, 1, 10, 3, 0, TimeSpan.Zero));
        (await server.OkAsync("POST", "/flow_runs/history", """{"history_start":"0001-01-01T00:00:00Z","history_end":"9999-12-31T00:00:00Z","history_interval_seconds":1e300}""")).GetArrayLength().ShouldBeGreaterThan(0);
        (await server.OkAsync("POST", "/flow_runs/history", """{"history_start":"2026-06-01T00:00:00Z","history_end":"2026-07-01T00:00:00Z","history_interval_seconds":1}""")).GetArrayLength().ShouldBe(500);
        (await server.OkAsync("POST", "/flow_runs/history", """{"history_start":"2026-06-02T00:00:00Z","history_end":"2026-06-01T00:00:00Z","history_interval_seconds":1}""")).GetArrayLength().ShouldBe(0);

        (await server.OkAsync("POST", "/flow_runs/lateness", "{}")).GetDouble().ShouldBe((100 + 0 + 10) / 3.0, 0.001);
        (await server.OkAsync("POST", "/flow_runs/lateness", """{"flow_runs":{"name":{"any_":["nope"]}}}""")).ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_graph_shows_tasks_what_they_took_from_each_other_subflows_artifacts_and_states()
    {
        await using FamilyServer server = await FamilyServer.StartAsync();
        FlowRun run = await server.RunningAsync();
        async Task<Guid> TaskAsync(string name, string inputs)
        {
            server.Clock.Advance(TimeSpan.FromSeconds(1));
            Guid id = (await server.OkAsync("POST", "/task_runs/", $$"""{"flow_run_id":"{{run.Id}}","task_key":"{{name}}","dynamic_key":"0","name":"{{name}}","task_inputs":{{inputs}} }""", 201)).GetProperty("id").GetGuid();
            await server.OkAsync("POST", $"/task_runs/{id}/set_state", """{"state":{"type":"RUNNING"}}""", 201);
            return id;
        }

        Guid first = await TaskAsync("first", "{}");
        Guid second = await TaskAsync("second", $$"""{"x":[{"input_type":"task_run","id":"{{first}}"},{"input_type":"constant","type":"int"}],"y":[{"input_type":"task_run","id":"{{Guid.NewGuid()}}"}]}""");
        Guid parent = await TaskAsync("sub", $$"""{"__parents__":[{"input_type":"task_run","id":"{{second}}"}]}""");
        FlowRun sub = await server.Store.CreateFlowRunAsync(new() { FlowId = run.FlowId, ParentTaskRunId = parent, Name = "sub-1" }, FamilyServer.Cancel);
        await server.Store.CreateArtifactAsync(new() { FlowRunId = run.Id, TaskRunId = first, Key = "k", Type = "progress", Data = JsonElement.Parse("50") }, FamilyServer.Cancel);
        await server.Store.CreateArtifactAsync(new() { FlowRunId = run.Id, Type = "markdown", Data = JsonElement.Parse("\"x\"") }, FamilyServer.Cancel);
        await server.Store.CreateArtifactAsync(new() { FlowRunId = run.Id, Type = "result" }, FamilyServer.Cancel);

        JsonElement graph = await server.OkAsync("GET", $"/flow_runs/{run.Id}/graph-v2");
        graph.GetProperty("root_node_ids").EnumerateArray().Select(id => id.GetGuid()).ShouldBe([first, sub.Id]);
        JsonElement[] nodes = [.. graph.GetProperty("nodes").EnumerateArray().Select(pair => pair[1])];
        nodes.Select(node => node.GetProperty("id").GetGuid()).ShouldBe([first, second, sub.Id]);
        nodes.Select(node => node.GetProperty("kind").GetString()).ShouldBe(["task-run", "task-run", "flow-run"]);
        nodes[0].GetProperty("children")[0].GetProperty("id").GetGuid().ShouldBe(second);
        nodes[0].GetProperty("artifacts")[0].GetProperty("data").GetInt32().ShouldBe(50);
        nodes[1].GetProperty("parents").EnumerateArray().Single().GetProperty("id").GetGuid().ShouldBe(first);
        nodes[2].GetProperty("label").GetString().ShouldBe("f / sub-1");
        nodes[2].GetProperty("encapsulating")[0].GetProperty("id").GetGuid().ShouldBe(second);
        graph.GetProperty("artifacts").GetArrayLength().ShouldBe(1);
        graph.GetProperty("states").EnumerateArray().Select(state => state.GetProperty("name").GetString()).ShouldBe(["Scheduled", "Pending", "Running"]);

        await server.OkAsync("POST", $"/task_runs/{first}/set_state", """{"state":{"type":"COMPLETED"}}""", 201);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        string since = Uri.EscapeDataString(server.Clock.GetUtcNow().ToString("O"));
        (await server.OkAsync("GET", $"/flow_runs/{run.Id}/graph-v2?since={since}")).GetProperty("nodes").GetArrayLength().ShouldBe(2);
        await server.OkAsync("GET", $"/flow_runs/{run.Id}/graph-v2?since=x", null, 422);
        await server.OkAsync("GET", $"/flow_runs/{Guid.NewGuid()}/graph-v2", null, 404);
    }

    [Fact]
    public async Task All_logs_of_a_run_are_downloaded_as_one_file()
    {
        await using FamilyServer server = await FamilyServer.StartAsync();
        DateTimeOffset at = server.Clock.GetUtcNow();
        await server.Store.CreateLogsAsync([.. Enumerable.Range(0, 450).Select(i => new LogCreate { Name = "n", Level = 20, Message = $"line {i}", Timestamp = at.AddSeconds(i), FlowRunId = server.Run.Id })], FamilyServer.Cancel);
        await server.Store.CreateLogsAsync([new() { Name = "n", Level = 40, Message = "a \"b\",\nc", Timestamp = at.AddSeconds(1000), FlowRunId = server.Run.Id }], FamilyServer.Cancel);
        var (status, body, response) = await server.SendAsync("GET", $"/flow_runs/{server.Run.Id}/logs/download");
        status.ShouldBe(200);
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/csv; charset=utf-8");
        string csv = body.GetString()!;
        csv.Split("\r\n").Length.ShouldBe(453);
        csv.ShouldStartWith($"timestamp,level,flow_run_id,task_run_id,message\r\n2026-06-01 10:00:00.000000+00:00,20,{server.Run.Id},,line 0\r\n");
        csv.ShouldEndWith($",40,{server.Run.Id},,\"a \"\"b\"\",\nc\"\r\n");
        await server.OkAsync("GET", $"/flow_runs/{Guid.NewGuid()}/logs/download", null, 404);
    }
}

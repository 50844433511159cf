using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Testing;
using Sluice.Testing.ProcessWorker;

namespace Sluice.Server.Tests.Live;

/// <summary>
/// Prefect's process worker, re-enacted from recordings, on our server: shell commands, and a Python program that says what a Python flow's engine says.
/// Real processes, signals, sockets.
/// </summary>
public sealed class ProcessWorkerTests
{
    private static readonly string _python = Environment.GetEnvironmentVariable("SLUICE_PYTHON") ?? "python3";

    public static TheoryData<string, string, string> Recorded => new()
    {
        { "adhoc-run-ok", "ok", "Completed" },
        { "adhoc-run-exit3-early", "early", "Crashed" },
        { "adhoc-run-completed-exit1", "completed-exit1", "Completed" },
        { "cancel-exit143", "wait", "Cancelled" },
        { "cancel-ignore", "ignore", "Cancelled" },
    };

    /// <summary>The worker that the other tests rely on says what Prefect's said, in its order, and is answered as Prefect's was.</summary>
    [Theory]
    [MemberData(nameof(Recorded))]
    public async Task The_worker_says_what_the_recorded_one_said_and_is_answered_alike(string conversation, string mode, string ends)
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using ProcessWorker worker = await WorkAsync(server, options => options with { Grace = TimeSpan.FromSeconds(mode == "ignore" ? 1 : 30) });
        if (mode == "ignore")
        {
            // As in the recording, it is not the first run that this worker cancels: it knows flow and deployment.
            FlowRun before = await PythonAsync(server, "wait");
            await CancelAsync(server, worker, before, "waiting");
            await worker.WaitForRunAsync(before.Id);
        }
        int earlier = worker.Exchanges.Count;
        FlowRun run = await PythonAsync(server, mode);
        if (ends == "Cancelled")
            await CancelAsync(server, worker, run, "waiting");
        await worker.WaitForRunAsync(run.Id);

        (await server.Api.ReadFlowRunAsync(run.Id, default))!.StateName.ShouldBe(ends, worker.OutputOf(run.Id));
        List<WireExchange> recorded = Conversation.OfRun("3", conversation, "prefect/3.8.3"), said = Conversation.AboutRuns(worker.Exchanges.Skip(earlier));
        Ordered(said).ShouldBe(Ordered(recorded), worker.OutputOf(run.Id));
        foreach ((WireExchange mine, WireExchange theirs) in Bodies(said).Zip(Bodies(recorded)))
            Conversation.ShapeOf(mine.Body).ShouldBe(Conversation.ShapeOf(theirs.Body), mine.ToString());
        worker.Trouble.ShouldBeEmpty();
        server.Reports.ShouldBeEmpty();
    }

    [Fact]
    public async Task It_starts_as_the_recorded_one_did()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await server.RunAsync();
        await using ProcessWorker worker = await WorkAsync(server);
        await Until.TrueAsync(async () => worker.Exchanges.Count >= 8 && (await EventsAsync(server)).Contains("prefect.worker.started"));
        worker.Exchanges.Select(one => $"{one.Method} {one.Path} {one.Status}").Take(8).ShouldBe([
            "GET /work_pools/p 200", "GET /csrf-token 422", "POST /work_pools/p/queues/filter 200", "WS /work_pools/p/workers/connect 101", "GET /admin/version 200",
            "WS /events/in 101", "WS /events/out 101", "POST /work_pools/p/get_scheduled_flow_runs 200"]);
        worker.PoolSnapshot!["status"]!.GetValue<string>().ShouldBe("READY");
        (await server.Api.ListWorkersAsync("p", default)).ShouldHaveSingleItem().Status.ShouldBe("ONLINE");
    }

    [Fact]
    public async Task A_pool_that_is_missing_is_made_by_the_worker()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using ProcessWorker worker = await WorkAsync(server, options => options with { Pool = "brand new" });
        WorkPool pool = (await server.Api.FindWorkPoolAsync("brand new", default)).ShouldNotBeNull();
        pool.Type.ShouldBe("process");
        worker.Trouble.ShouldBeEmpty();
    }

    /// <summary>Prefect's recorded cases of commands (worker-case-*.json): split as a shell does, without one. A command that reports nothing and exits 0 stays in its last state.</summary>
    [Theory]
    [InlineData("bash -c 'echo from-bash'", "Submitting", "from-bash")]
    [InlineData("echo && $HOME", "Submitting", "&& $HOME")]
    [InlineData("printf %s 'a \"b\"' c\\ d", "Submitting", "a \"b\"c d")]
    [InlineData("env", "Submitting", "MINE=yes")]
    [InlineData("env", "Submitting", "PREFECT__FLOW_NAME=dotnet-flow")]
    [InlineData("bash -c 'exit 3'", "Crashed", "")]
    [InlineData("/no/such/program x", "Crashed", "")]
    [InlineData("no-such-name", "Crashed", "")]
    public async Task A_command_runs_as_under_Prefect(string command, string ends, string output)
    {
        await using LiveServer server = await LiveServer.StartAsync();
        FlowRun run = await CommandAsync(server, command);
        await using ProcessWorker worker = await WorkAsync(server);
        await worker.WaitForRunAsync(run.Id);
        FlowRun ended = (await server.Api.ReadFlowRunAsync(run.Id, default))!;
        ended.StateName.ShouldBe(ends);
        worker.OutputOf(run.Id).ShouldContain(output);
        ended.Labels["prefect.worker.name"].GetString().ShouldBe("w1");
        ended.InfrastructurePid.ShouldBe(command.Contains("no", StringComparison.Ordinal) ? null : ended.InfrastructurePid);
        if (ends == "Crashed")
            ended.State!.Message!.ShouldStartWith(command.StartsWith("bash", StringComparison.Ordinal) ? "Flow run process exited with non-zero status code 3." : "Flow run process could not be started: FileNotFoundError");
        worker.Trouble.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("ok", "Running Completed")]
    [InlineData("fail", "Running Failed")]
    [InlineData("retry", "Running AwaitingRetry Retrying Completed")]
    [InlineData("early", "Crashed")]
    [InlineData("vanish", "Running Crashed")]
    [InlineData("wait", "Running Cancelling Cancelled")]
    public async Task A_Python_flow_started_by_it_works_unchanged(string mode, string states)
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using ProcessWorker worker = await WorkAsync(server);
        FlowRun run = await PythonAsync(server, mode);
        if (mode == "wait")
            await CancelAsync(server, worker, run, "waiting");
        await worker.WaitForRunAsync(run.Id);

        string.Join(' ', (await server.Api.ListFlowRunStatesAsync(run.Id, default)).Select(state => state.Name))
            .ShouldBe("Scheduled Pending Submitting " + states, worker.OutputOf(run.Id));
        FlowRun ended = (await server.Api.ReadFlowRunAsync(run.Id, default))!;
        IReadOnlyList<Log> logs = await server.Api.ListLogsAsync(new() { Logs = new() { FlowRunId = new() { Any = [run.Id] } } }, default);
        logs.ShouldContain(log => log.Name == "prefect.flow_runs.worker" && log.Message.StartsWith("Worker 'w1' submitting", StringComparison.Ordinal));
        List<string> events = await EventsAsync(server);
        events.ShouldContain("prefect.worker.submitted-flow-run");
        events.ShouldContain("prefect.worker.executed-flow-run");
        events.Where(name => name.StartsWith("prefect.flow-run.", StringComparison.Ordinal) && name != "prefect.flow-run.heartbeat").Select(name => name["prefect.flow-run.".Length..])
            .ShouldBe(["Scheduled", "Pending", "Submitting", .. states.Split(' ')]);
        if (mode != "early")
        {
            events.ShouldContain("prefect.flow-run.heartbeat");
            logs.ShouldContain(log => log.Message == "Beginning flow run");
            ended.FlowVersion.ShouldBe("f00");
            ended.RunCount.ShouldBe(mode == "retry" ? 2 : 1);
        }
        worker.CancellingEvents.ShouldBe(mode == "wait" ? 1 : 0);
        worker.Trouble.ShouldBeEmpty();
        server.Reports.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_Python_flow_runs_another_deployment_and_waits_for_it()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using ProcessWorker worker = await WorkAsync(server);
        await DeployAsync(server, "child of mine", Script());
        FlowRun run = await PythonAsync(server, "parent", ("child", "dotnet-flow/child of mine"));
        await worker.WaitForRunAsync(run.Id);
        (await server.Api.ReadFlowRunAsync(run.Id, default))!.StateName.ShouldBe("Completed", worker.OutputOf(run.Id));
        FlowRun child = (await server.Api.ListFlowRunsAsync(new() { FlowRuns = new() { Tags = new() { All = ["from-parent"] } } }, default)).ShouldHaveSingleItem();
        child.StateName.ShouldBe("Completed");
        child.IdempotencyKey.ShouldBe($"{run.Id}-0");
        (await server.Api.ListLogsAsync(new() { Logs = new() { FlowRunId = new() { Any = [run.Id] } } }, default)).ShouldContain(log => log.Message == "child ended Completed");
    }

    [Fact]
    public async Task A_Python_flow_reports_its_task_runs_as_events()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        await using ProcessWorker worker = await WorkAsync(server);
        FlowRun run = await PythonAsync(server, "task");
        await worker.WaitForRunAsync(run.Id);
        (await server.Api.ReadFlowRunAsync(run.Id, default))!.StateName.ShouldBe("Completed", worker.OutputOf(run.Id));
        string task = worker.OutputOf(run.Id).Split("task run ")[1].Split('\n')[0].Trim();
        (int status, JsonElement known) = await server.GetAsync("/task_runs/" + task);
        status.ShouldBe(200);
        (known.GetProperty("state_name").GetString(), known.GetProperty("flow_run_id").GetGuid(), known.GetProperty("name").GetString()).ShouldBe(("Completed", run.Id, "add-0"));
        server.Reports.ShouldBeEmpty();
    }

    [Fact]
    public async Task Everything_works_with_a_key_too()
    {
        await using LiveServer server = await LiveServer.StartAsync(options => options with { AuthString = "me:secret-canary" });
        await using ProcessWorker worker = await WorkAsync(server, options => options with { AuthString = "me:secret-canary" });
        FlowRun run = await PythonAsync(server, "wait");
        await CancelAsync(server, worker, run, "waiting");
        await worker.WaitForRunAsync(run.Id);
        (await server.Api.ReadFlowRunAsync(run.Id, default))!.StateName.ShouldBe("Cancelled", worker.OutputOf(run.Id));
        worker.Trouble.ShouldBeEmpty();
        server.Reports.ShouldBeEmpty();
        File.ReadAllText(server.Where.Database).ShouldNotContain("secret-canary");
    }

    private static Task<ProcessWorker> WorkAsync(LiveServer server, Func<ProcessWorkerOptions, ProcessWorkerOptions>? change = null)
    {
        var options = new ProcessWorkerOptions { Api = server.Url };
        return ProcessWorker.StartAsync(change?.Invoke(options) ?? options);
    }

    private static string Script() => $"{_python} '{Path.Combine(AppContext.BaseDirectory, "Live", "engine.py")}'";

    private static Task<FlowRun> PythonAsync(LiveServer server, string mode, params (string Name, string Value)[] more)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The signals are POSIX's.");
        return CommandAsync(server, Script(), new Dictionary<string, string>([new("mode", mode), .. more.Select(one => new KeyValuePair<string, string>(one.Name, one.Value))]));
    }

    private static async Task<FlowRun> CommandAsync(LiveServer server, string command, Dictionary<string, string>? parameters = null)
    {
        Deployment deployment = await DeployAsync(server, "prod", command);
        return await server.Api.CreateDeploymentRunAsync(deployment.Id, new()
        {
            Name = "by-hand",
            Parameters = (parameters ?? []).ToDictionary(one => one.Key, one => JsonSerializer.SerializeToElement(one.Value)),
            JobVariables = new Dictionary<string, JsonElement> { ["env"] = JsonElement.Parse("""{"MINE":"yes"}""") },
        }, default);
    }

    private static async Task<Deployment> DeployAsync(LiveServer server, string name, string command)
    {
        if (await server.Api.FindWorkPoolAsync("p", default) is null)
            await server.Api.CreateWorkPoolAsync(new() { Name = "p", Type = "process" }, default);
        Flow flow = await server.Api.EnsureFlowAsync(new() { Name = "dotnet-flow" }, default);
        return await server.Api.UpsertDeploymentAsync(new()
        {
            Name = name,
            FlowId = flow.Id,
            WorkPoolName = "p",
            JobVariables = new Dictionary<string, JsonElement> { ["command"] = JsonSerializer.SerializeToElement(command) },
        }, default);
    }

    /// <summary>Cancels a run once its flow has said so much.</summary>
    private static async Task CancelAsync(LiveServer server, ProcessWorker worker, FlowRun run, string message)
    {
        await Until.TrueAsync(async () => worker.Trouble.Count > 0 || (await server.Api.ListLogsAsync(new() { Logs = new() { FlowRunId = new() { Any = [run.Id] } } }, default)).Any(log => log.Message == message));
        worker.Trouble.ShouldBeEmpty();
        (await server.SetAsync(run.Id, StateType.Cancelling)).Status.ShouldBe(SetStateStatus.Accept);
    }

    private static async Task<List<string>> EventsAsync(LiveServer server) => [.. (await server.Api.EventsAfterAsync(0, 10_000, default)).Select(one => one.Body.Event)];

    /// <summary>
    /// Requests without the answers' order in time: two parts of the worker act on a cancelled run side by side, so what each says is compared by itself.
    /// </summary>
    private static List<string> Ordered(List<WireExchange> exchanges) => [.. exchanges.Select(one => one.ToString()).Take(8), .. exchanges.Select(one => one.ToString()).Skip(8).Order(StringComparer.Ordinal)];

    private static IEnumerable<WireExchange> Bodies(List<WireExchange> exchanges) =>
        exchanges.Where(one => one.Body is not null).OrderBy(one => one.Path, StringComparer.Ordinal).ThenBy(one => Conversation.ShapeOf(one.Body), StringComparer.Ordinal);
}

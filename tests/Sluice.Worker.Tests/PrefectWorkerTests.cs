using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Worker.Tests;

/// <summary>
/// Our worker on servers that answer as Prefect 2.10.21 and 3.8.3. They hold each request against the OpenAPI document of their generation, and fail the test for one
/// that does not fit.
/// </summary>
public sealed class PrefectWorkerTests : IAsyncDisposable
{
    private const string Pool = "default-agent-pool";
    private static readonly TimeSpan s_bound = WorkerBench.Bound;
    private readonly TempFolder _folder = new();
    private readonly List<Stoppable> _workers = [];
    private PrefectServer _server = null!;
    private HttpOrchestrationApi _api = null!;

    public async ValueTask DisposeAsync()
    {
        foreach (Stoppable worker in _workers)
            await worker.AbortAsync();
        if (_api is not null)
            await _api.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_run_is_claimed_started_and_reported_in_the_words_of_the_generation(int generation)
    {
        await StartAsync(generation);
        Guid id = await RunAsync(await DeployAsync("ok", queue: "etl"));
        Work("worker-1", queues: ["etl"]);
        FlowRun run = await WaitAsync(id, run => run.StateType == StateType.Completed);

        run.InfrastructurePid.ShouldStartWith($"{Environment.MachineName}:");
        string?[] states = [.. (await _server.Store.ListFlowRunStatesAsync(id, default)).Select(state => state.Name)];
        states.ShouldBe(generation == 2 ? ["Scheduled", "Pending", "Running", "Completed"] : ["Scheduled", "Pending", "Submitting", "Running", "Completed"]);
        SentRequest heartbeat = _server.Requests.First(request => request.Path == $"/work_pools/{Pool}/workers/heartbeat");
        JsonElement.Parse(heartbeat.Body).EnumerateObject().Select(member => member.Name).ShouldBe(generation == 2 ? ["name"] : ["name", "heartbeat_interval_seconds"], ignoreOrder: true);
        JsonElement poll = JsonElement.Parse(_server.Requests.First(request => request.Path == $"/work_pools/{Pool}/get_scheduled_flow_runs").Body);
        poll.GetProperty("work_queue_names").EnumerateArray().Single().GetString().ShouldBe("etl");
        (poll.GetProperty("scheduled_before").GetDateTimeOffset() - DateTimeOffset.UtcNow).ShouldBeLessThan(TimeSpan.FromSeconds(11));

        // As Prefect's own worker says it, in this order.
        string path = $"/flow_runs/{id}";
        string[] writes = [.. _server.Writes.Where(request => request.Path.StartsWith(path, StringComparison.Ordinal)).Select(request => $"{request.Method} {request.Path[path.Length..]}")];
        writes.Take(generation == 2 ? 2 : 4).ShouldBe(generation == 2 ? ["POST /set_state", "PATCH "] : ["POST /set_state", "PATCH /labels", "POST /set_state", "PATCH "], ignoreOrder: false);
        if (generation == 3)
        {
            run.Labels["prefect.worker.name"].GetString().ShouldBe("worker-1");
            run.Labels["prefect.work-pool.name"].GetString().ShouldBe(Pool);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Two_workers_on_one_server_execute_every_run_once(int generation)
    {
        await StartAsync(generation);
        Guid deployment = await DeployAsync("ok");
        var ids = new List<Guid>();
        for (int i = 0; i < 8; i++)
            ids.Add(await RunAsync(deployment));
        Work("one");
        Work("two");

        foreach (Guid id in ids)
        {
            await WaitAsync(id, run => run.StateType == StateType.Completed);
            (await _server.Store.ListFlowRunStatesAsync(id, default)).Count(state => state.Type == StateType.Running).ShouldBe(1);
        }
        _workers.SelectMany(worker => worker.Lines).Count(line => line.Contains(": started as ", StringComparison.Ordinal)).ShouldBe(ids.Count);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_cancelled_run_ends_and_becomes_cancelled(int generation)
    {
        await StartAsync(generation);
        Guid deployment = await DeployAsync($"until '{_folder["never"]}'");
        Guid other = await RunAsync(deployment), id = await RunAsync(deployment);
        Work("worker-1");
        await WaitAsync(other, run => run.StateType == StateType.Running);
        await WaitAsync(id, run => run.StateType == StateType.Running);

        await _api.SetFlowRunStateAsync(id, new() { Type = StateType.Cancelling }, default, default);
        (await WaitAsync(id, run => run.StateType == StateType.Cancelled)).State!.Message.ShouldBe("Flow run was cancelled.");
        // Prefect 3 tells by its events, in one stream for all runs of a worker; on Prefect 2 the poll finds it.
        _server.Requests.Count(request => request.Path == "/events/out").ShouldBe(generation == 3 ? 1 : 0);
        (await _api.ReadFlowRunAsync(other, default))!.StateType.ShouldBe(StateType.Running);
    }

    [Theory]
    [InlineData(2, 7)]
    [InlineData(3, 7)]
    public async Task A_program_that_ends_without_an_outcome_is_crashed_with_its_exit_code(int generation, int code)
    {
        await StartAsync(generation);
        Guid id = await RunAsync(await DeployAsync($"die {code}"));
        Work("worker-1");

        FlowRun run = await WaitAsync(id, run => run.StateType?.IsFinal() == true);
        (run.StateType, run.State!.Message).ShouldBe((StateType.Crashed, $"Flow run process exited with non-zero status code {code}."));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_pool_of_type_dotnet_gives_its_template_and_a_servers_variable(int generation)
    {
        await StartAsync(generation);
        await _api.CreateVariableAsync(new() { Name = "region", Value = JsonElement.Parse("\"north\"") }, default);
        await _api.CreateWorkPoolAsync(DotnetPool.Create("typed"), default);
        Guid id = await RunAsync(await DeployAsync("environment REGION OTHER", pool: "typed", env: new() { ["REGION"] = "{{ prefect.variables.region }}", ["OTHER"] = "as it is" }));
        Work("worker-1", pool: "typed");
        await WaitAsync(id, run => run.StateType == StateType.Completed);

        string[] logs = [];
        using var bound = new CancellationTokenSource(s_bound);
        while (logs.Length < 3 && !bound.IsCancellationRequested)
        {
            await Task.Delay(50, CancellationToken.None);
            logs = [.. (await _api.ListLogsAsync(new() { Logs = new() { FlowRunId = new() { Any = [id] } } }, default)).Select(log => log.Message)];
        }
        logs[..2].ShouldBe(["REGION=north", "OTHER=as it is"]);
    }

    [Fact]
    public async Task The_slot_of_a_run_that_is_being_started_is_kept()
    {
        await StartAsync(3);
        Guid deployment = await DeployAsync("stubborn child", concurrencyLimit: 1);
        Guid id = await RunAsync(deployment);
        Work("worker-1", with: options => options with { SlotRenewal = TimeSpan.FromMilliseconds(100), TerminationGrace = TimeSpan.FromMilliseconds(100) });

        using var bound = new CancellationTokenSource(s_bound);
        while (_server.Writes.Count(request => request.Path.StartsWith("/v2/concurrency_limits/leases/", StringComparison.Ordinal)) < 3)
            await Task.Delay(50, bound.Token);
        (await _server.Store.ReadFlowRunAsync(id, default))!.StateName.ShouldBe("Submitting");
        Guid lease = (await _server.Store.ReadFlowRunAsync(id, default))!.State!.StateDetails.DeploymentConcurrencyLeaseId.ShouldNotBeNull();
        _server.Writes.Where(request => request.Path.EndsWith("/renew", StringComparison.Ordinal)).ShouldAllBe(request => request.Path == $"/v2/concurrency_limits/leases/{lease}/renew");
    }

    /// <summary>A Prefect server gives a claim no lease: a run that nobody knows to be his would be PENDING for ever.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_claim_that_was_taken_while_the_worker_gave_it_up_is_given_back(int generation)
    {
        await StartAsync(generation);
        Guid id = await RunAsync(await DeployAsync("ok"));
        (IOrchestrationApi api, RecordedApi record) = RecordedApi.Over(_api);
        record.Instead = (name, arguments) => name == nameof(IOrchestrationApi.SetFlowRunStateAsync) && arguments[1] is StateCreate { Type: StateType.Pending } ? LoseAsync(arguments) : null;
        Work("worker-1", api: api);
        await WaitAsync(id, run => run.StateType == StateType.Pending);
        await _workers[0].AbortAsync();

        (await _server.Store.ReadFlowRunAsync(id, default))!.StateType.ShouldBe(StateType.Scheduled);

        async Task<OrchestrationResult> LoseAsync(object?[] arguments)
        {
            var token = (CancellationToken)arguments[3]!;
            OrchestrationResult taken = await _api.SetFlowRunStateAsync((Guid)arguments[0]!, (StateCreate)arguments[1]!, (SetStateOptions)arguments[2]!, CancellationToken.None);
            await Task.Delay(Timeout.Infinite, token);
            return taken;
        }
    }

    private async Task StartAsync(int generation)
    {
        PrefectServerOptions options = new() { ApiKey = "key" };
        _server = generation == 2 ? await Prefect2Server.StartAsync(options) : await Prefect3Server.StartAsync(options);
        _api = new(_server.Endpoint);
        await _server.Store.FindWorkPoolAsync(Pool, default);
    }

    private async Task<Guid> DeployAsync(string words, string? queue = null, string pool = Pool, int? concurrencyLimit = null, Dictionary<string, string>? env = null)
    {
        Flow flow = await _api.EnsureFlowAsync(new() { Name = "Test flow" }, default);
        Dictionary<string, string> environment = new(env ?? []) { ["SLUICE_LEASE_SECONDS"] = "30" };
        Deployment deployment = await _api.UpsertDeploymentAsync(
            new()
            {
                Name = Guid.NewGuid().ToString("N"),
                FlowId = flow.Id,
                WorkPoolName = queue is null ? pool : null,
                WorkQueueName = queue,
                ConcurrencyLimit = concurrencyLimit,
                JobVariables = new Dictionary<string, JsonElement>
                {
                    ["command"] = JsonSerializer.SerializeToElement($"'{WorkerBench.Program}' {words}"),
                    ["env"] = JsonSerializer.SerializeToElement(environment),
                },
            },
            default);
        return deployment.Id;
    }

    private async Task<Guid> RunAsync(Guid deployment) => (await _api.CreateDeploymentRunAsync(deployment, new(), default)).Id;

    private void Work(string name, IReadOnlyList<string>? queues = null, string pool = Pool, Func<FlowWorkerOptions, FlowWorkerOptions>? with = null, IOrchestrationApi? api = null)
    {
        var lines = new System.Collections.Concurrent.ConcurrentQueue<string>();
        FlowWorkerOptions options = new()
        {
            Name = name,
            Pool = pool,
            Queues = queues ?? [],
            ApiUrl = _server.Url,
            Home = new(_folder["home"]),
            ChildEnvironment = new Dictionary<string, string> { ["PREFECT_API_KEY"] = "key" },
            Log = lines.Enqueue,
            TerminationGrace = TimeSpan.FromSeconds(20),
        };
        _workers.Add(new Stoppable(new(api ?? _api, with?.Invoke(options) ?? options, TimeProvider.System), lines).Start());
    }

    private async Task<FlowRun> WaitAsync(Guid id, Func<FlowRun, bool> condition)
    {
        using var bound = new CancellationTokenSource(s_bound);
        for (long change = 0; ; change = await _server.Store.WaitForChangeAsync(change, TimeSpan.FromSeconds(5), bound.Token))
        {
            FlowRun run = (await _server.Store.ReadFlowRunAsync(id, default)).ShouldNotBeNull();
            if (condition(run))
                return run;
            bound.IsCancellationRequested.ShouldBeFalse();
            run.StateType.ShouldNotBe(StateType.Crashed, $"{run.State?.Message}\n{string.Join('\n', _workers.SelectMany(worker => worker.Lines))}");
        }
    }

    /// <summary>A worker of the test's own process.</summary>
    private sealed class Stoppable(FlowWorker worker, IReadOnlyCollection<string> lines)
    {
        private readonly CancellationTokenSource _abort = new();
        private Task? _working;

        public IReadOnlyCollection<string> Lines { get; } = lines;

        public Stoppable Start()
        {
            _working = worker.RunAsync(CancellationToken.None, _abort.Token);
            return this;
        }

        public async Task AbortAsync()
        {
            await _abort.CancelAsync();
            await _working!.WaitAsync(s_bound);
        }
    }
}

using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Runtime;
using Sluice.Runtime.Orchestrated;
using Sluice.Testing;
using Sluice.Testing.Prefect;
using Sluice.Tests.Program;

namespace Sluice.Tests;

/// <summary>
/// Flow programs on servers of both of Prefect's generations, which hold each request against that generation's OpenAPI document: what is asked, in
/// which order, and how a cancellation is seen without a signal.
/// </summary>
public sealed class PrefectRunTests
{
    /// <summary>The requests of the flow's own process in a conversation recorded with 3.8.3 and its process worker (<c>adhoc-run-ok</c>).</summary>
    private static readonly string[] s_recorded = ["GET /flow_runs/ID", "POST /flow_runs/ID/set_state RUNNING", "POST /logs/", "POST /flow_runs/ID/set_state COMPLETED"];

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_short_run_asks_what_was_recorded_and_nothing_more(int generation)
    {
        await using PrefectServer server = await StartAsync(generation);
        FlowRun run = await CreateAsync(server, "Greet people", """{"name":"Ada"}""");
        server.Forget();

        (await ExecuteAsync(server, run)).ShouldBe(new RunEnd(0));

        Asked(server, run).ShouldBe(s_recorded);
        (await StatesAsync(server, run)).ShouldBe("Pending Running Completed");
        server.Requests.ShouldAllBe(request => request.Headers["X-PREFECT-API-VERSION"] == "0.8.4");
    }

    [Fact]
    public async Task A_flow_with_retries_declares_them_before_it_asks_for_RUNNING()
    {
        await using Prefect3Server server = await Prefect3Server.StartAsync();
        FlowRun run = await CreateAsync(server, "Fail twice");
        server.Forget();

        (await ExecuteAsync(server, run)).ShouldBe(new RunEnd(0));

        string[] asked = Asked(server, run);
        asked[..3].ShouldBe(["GET /flow_runs/ID", "PATCH /flow_runs/ID", "POST /flow_runs/ID/set_state RUNNING"]);
        using JsonDocument declared = JsonDocument.Parse(server.Requests.Single(request => request.Method == "PATCH").Body);
        declared.RootElement.GetProperty("empirical_policy").GetProperty("retries").GetInt32().ShouldBe(2);
        (await StatesAsync(server, run)).ShouldBe("Pending Running AwaitingRetry Retrying AwaitingRetry Retrying Completed");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_lost_answer_to_FAILED_costs_no_retry(int generation)
    {
        await using PrefectServer server = await StartAsync(generation);
        await using HttpOrchestrationApi client = new(server.Endpoint);
        FlowRun run = await CreateAsync(server, "Fail twice");
        int failed = 0;

        (await ExecuteAsync(server, run, (name, arguments) =>
            name == nameof(IOrchestrationApi.SetFlowRunStateAsync) && arguments[1] is StateCreate { Type: StateType.Failed } && ++failed == 1 ? LoseAsync(arguments) : null)).ShouldBe(new RunEnd(0));

        (await StatesAsync(server, run)).ShouldBe("Pending Running AwaitingRetry Retrying AwaitingRetry Retrying Completed");

        async Task<OrchestrationResult> LoseAsync(object?[] arguments)
        {
            await client.SetFlowRunStateAsync((Guid)arguments[0]!, (StateCreate)arguments[1]!, (SetStateOptions)arguments[2]!, CancellationToken.None);
            throw new OrchestrationException(OrchestrationErrorKind.Unavailable, "The connection broke.");
        }
    }

    /// <summary>Nothing but the event can tell of it here: the questions wait for a change that never comes.</summary>
    [Theory]
    [InlineData(null, null)]
    [InlineData("a-key", null)]
    [InlineData(null, "ada:love:lace")]
    public async Task On_Prefect_3_the_event_of_a_cancellation_stops_the_run(string? key, string? basic)
    {
        await using Prefect3Server server = await Prefect3Server.StartAsync(new() { ApiKey = key, AuthString = basic });
        FlowRun run = await CreateAsync(server, "Wait and clean up");
        Task<RunEnd> execution = ExecuteAsync(server, run, (name, arguments) => name == nameof(IOrchestrationApi.WaitForChangeAsync) ? NeverAsync((CancellationToken)arguments[2]!) : null);
        await UntilAsync(server, run, read => read.StateType == StateType.Running);

        await server.Store.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Cancelling }, default, CancellationToken.None);

        (await execution).ShouldBe(new RunEnd(0));
        (await StatesAsync(server, run)).ShouldBe("Pending Running Cancelling Cancelled");
        server.Requests.ShouldContain(request => request.Path == "/events/out");
    }

    [Fact]
    public async Task Prefect_2_has_no_events_and_is_asked_every_ten_seconds()
    {
        await using Prefect2Server server = await Prefect2Server.StartAsync();
        FlowRun run = await CreateAsync(server, "Wait and clean up");
        List<TimeSpan> waits = [];
        Task<RunEnd> execution = ExecuteAsync(server, run, (name, arguments) =>
        {
            if (name == nameof(IOrchestrationApi.WaitForChangeAsync))
            {
                lock (waits)
                    waits.Add((TimeSpan)arguments[1]!);
            }

            return null;
        });
        await UntilAsync(server, run, read => read.StateType == StateType.Running);

        await server.Store.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Cancelling }, default, CancellationToken.None);

        (await execution).ShouldBe(new RunEnd(0));
        (await StatesAsync(server, run)).ShouldBe("Pending Running Cancelling Cancelled");
        waits.ShouldNotBeEmpty();
        server.Requests.ShouldNotContain(request => request.Path.StartsWith("/events", StringComparison.Ordinal), "2.10 knows no events");
    }

    [Fact]
    public async Task A_run_in_a_slot_says_that_it_renews_it_does_so_and_ends_when_it_is_lost()
    {
        await using Prefect3Server server = await Prefect3Server.StartAsync();
        FlowRun run = await CreateAsync(server, "Wait", limit: 1);
        RunStop stop = new();
        Task<RunEnd> execution = ExecuteAsync(server, run, stop: stop);
        await UntilAsync(server, run, read => read.StateType == StateType.Running);

        server.Requests.Single(request => request.Path.EndsWith("/set_state", StringComparison.Ordinal)).Headers["User-Agent"].ShouldMatch(@"^prefect/3\.\d+\.\d+ \(API \S+\)$");
        server.Requests.First(request => request.Path == $"/flow_runs/{run.Id}").Headers["User-Agent"].ShouldBe("sluice");
        Guid lease = (await server.Store.ReadFlowRunAsync(run.Id, CancellationToken.None))!.State!.StateDetails.DeploymentConcurrencyLeaseId.ShouldNotBeNull();

        // At once: the grace period of its deployment may be shorter than the pause between two renewals.
        await UntilRenewedAsync(server, lease, 1);
        FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
        await using HttpOrchestrationApi api = new(server.Endpoint);
        using CancellationTokenSource over = new();
        Task keeping = SlotKeeper.RunAsync(api, lease, stop, clock, over.Token);
        await UntilRenewedAsync(server, lease, 2);
        stop.Reason.ShouldBe(StopReason.None);

        // As a server answers that gave the slot up: 410.
        await server.Store.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Paused }, new() { Force = true }, CancellationToken.None);
        await server.Store.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Running }, new() { Force = true }, CancellationToken.None);
        while (clock.WaitingTimers == 0)
            await Task.Delay(20);
        clock.Advance(SlotKeeper.Lease / 3);
        await UntilRenewedAsync(server, lease, 3);

        (await execution).ShouldBe(new RunEnd(0));
        await over.CancelAsync();
        await keeping;
        State state = (await server.Store.ReadFlowRunAsync(run.Id, CancellationToken.None))!.State!;
        state.Type.ShouldBe(StateType.Crashed);
        state.Message.ShouldBe("The flow run was stopped: its slot under the deployment's concurrency limit could not be kept, and another run may have it.");
    }

    private static async Task<PrefectServer> StartAsync(int generation) => generation == 2 ? await Prefect2Server.StartAsync() : await Prefect3Server.StartAsync();

    /// <summary>A run of a deployment, claimed as a worker does.</summary>
    private static async Task<FlowRun> CreateAsync(PrefectServer server, string flow, string parameters = "{}", int? limit = null)
    {
        Flow ensured = await server.Store.EnsureFlowAsync(new() { Name = flow }, CancellationToken.None);
        Deployment deployment = await server.Store.UpsertDeploymentAsync(new() { Name = "d", FlowId = ensured.Id, EnforceParameterSchema = false, ConcurrencyLimit = limit }, CancellationToken.None);
        FlowRun run = await server.Store.CreateDeploymentRunAsync(deployment.Id, new() { Parameters = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(parameters) }, CancellationToken.None);
        (await server.Store.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Pending }, default, CancellationToken.None)).Status.ShouldBe(SetStateStatus.Accept);
        return run;
    }

    /// <summary>Executes the run in this process, through HTTP, as <see cref="FlowProgram"/> does for what a worker of Prefect starts.</summary>
    private static async Task<RunEnd> ExecuteAsync(PrefectServer server, FlowRun run, Func<string, object?[], object?>? before = null, RunStop? stop = null)
    {
        await using HttpOrchestrationApi client = new(server.Endpoint);
        Flow flow = (await server.Store.ReadFlowAsync(run.FlowId, CancellationToken.None))!;
        RunEnvironment environment = RunEnvironment.Read(name => name switch
        {
            "PREFECT__FLOW_RUN_ID" => run.Id.ToString("N"),
            "PREFECT__FLOW_NAME" => flow.Name,
            _ => null,
        })!;
        OrchestratedRun execution = new(before is null ? client : InterceptedApi.Over(client, before), environment, TestFlows.All, stop ?? new RunStop(), TimeProvider.System)
        {
            Results = new(null, server.Endpoint, null, null),
            WaitForEventAsync = client.WaitForEventAsync,
            Grace = TimeSpan.FromSeconds(10),
        };
        return await execution.ExecuteAsync().WaitAsync(TestServer.Bound);
    }

    /// <summary>What it was asked about the run, without the questions what kind of server it is.</summary>
    private static string[] Asked(PrefectServer server, FlowRun run) =>
    [
        .. server.Requests
            .Where(request => request.Path is not ("/sluice/info" or "/admin/version" or "/csrf-token"))
            .Select(request => $"{request.Method} {request.Path.Replace(run.Id.ToString(), "ID", StringComparison.Ordinal)}{StateIn(request)}"),
    ];

    private static string StateIn(SentRequest request)
    {
        if (!request.Path.EndsWith("/set_state", StringComparison.Ordinal))
            return "";
        using JsonDocument body = JsonDocument.Parse(request.Body);
        return " " + body.RootElement.GetProperty("state").GetProperty("type").GetString();
    }

    private static async Task<string> StatesAsync(PrefectServer server, FlowRun run) =>
        string.Join(' ', (await server.Store.ListFlowRunStatesAsync(run.Id, CancellationToken.None)).Select(state => state.Name).SkipWhile(name => name is "Scheduled" or "Late"));

    private static async Task UntilAsync(PrefectServer server, FlowRun run, Func<FlowRun, bool> condition)
    {
        using CancellationTokenSource bound = new(TestServer.Bound);
        for (long change = 0; !condition((await server.Store.ReadFlowRunAsync(run.Id, bound.Token))!);)
            change = await server.Store.WaitForChangeAsync(change, TimeSpan.FromSeconds(5), bound.Token);
    }

    private static async Task UntilRenewedAsync(PrefectServer server, Guid lease, int times)
    {
        using CancellationTokenSource bound = new(TestServer.Bound);
        while (server.Requests.Count(request => request.Path == $"/v2/concurrency_limits/leases/{lease}/renew") < times)
            await Task.Delay(20, bound.Token);
    }

    private static async Task<long> NeverAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return 0;
    }
}

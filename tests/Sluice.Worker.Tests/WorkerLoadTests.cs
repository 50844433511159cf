using System.Collections.Concurrent;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server;
using Sluice.Testing;

namespace Sluice.Worker.Tests;

/// <summary>Two workers on two servers over one database.</summary>
public sealed class WorkerLoadTests
{
    [Fact]
    public async Task Two_workers_on_two_servers_execute_five_thousand_runs_once_within_limits_and_by_priority()
    {
        const int Runs = 5_000, Urgent = 500, Narrow = 100, NarrowLimit = 3;
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        await using IOrchestrationApi second = await EmbeddedApi.OpenAsync(bench.Home, TimeProvider.System, default);
        await using ApiHost secondHost = await ApiHost.StartAsync(second, new() { Token = WorkerBench.Token }, default);
        await bench.Api.CreateWorkQueueAsync(WorkerBench.Pool, new() { Name = "urgent", Priority = 1 }, default);
        await bench.Api.CreateWorkQueueAsync(WorkerBench.Pool, new() { Name = "narrow", Priority = 2, ConcurrencyLimit = NarrowLimit }, default);
        Dictionary<string, HashSet<Guid>> runs = [];
        foreach ((string queue, int count) in new[] { ("urgent", Urgent), ("narrow", Narrow), ("default", Runs - Urgent - Narrow) })
        {
            Guid deployment = await bench.DeployAsync("nothing", queue);
            HashSet<Guid> made = runs[queue] = [];
            while (made.Count < count)
                made.Add(await bench.RunAsync(deployment));
        }

        using var stop = new CancellationTokenSource();
        Task serving = Task.WhenAll(
            new ServerServices(bench.Api, TimeProvider.System).RunAsync(stop.Token), new ServerServices(second, TimeProvider.System).RunAsync(stop.Token));
        ConcurrentDictionary<Guid, int> executed = new();
        await using var oneApi = new HttpOrchestrationApi(new(bench.Host.Url.AbsoluteUri, WorkerBench.Token));
        await using var otherApi = new HttpOrchestrationApi(new(secondHost.Url.AbsoluteUri, WorkerBench.Token));
        await using BenchWorker one = bench.Work(options => options with { Limit = 40 }, oneApi, new InProcessLauncher(oneApi, executed));
        await using BenchWorker other = bench.Work(options => options with { Limit = 40 }, otherApi, new InProcessLauncher(otherApi, executed));
        await UntilDoneAsync(bench, Runs);

        executed.Count.ShouldBe(Runs);
        executed.Values.Max().ShouldBe(1);
        Dictionary<Guid, IReadOnlyList<State>> states = [];
        foreach (Guid id in runs.Values.SelectMany(ids => ids))
            states[id] = await bench.Api.ListFlowRunStatesAsync(id, default);
        // SCHEDULED may be followed by Late, and everything else is there once.
        foreach (IReadOnlyList<State> of in states.Values)
            of.Where(state => state.Type != StateType.Scheduled).Select(state => state.Type).ShouldBe([StateType.Pending, StateType.Running, StateType.Completed]);
        DateTimeOffset Claimed(Guid id) => states[id].Single(state => state.Type == StateType.Pending).Timestamp;
        runs["urgent"].Max(Claimed).ShouldBeLessThan(runs["default"].Min(Claimed));
        MostAtOnce(runs["narrow"].Select(id => (Claimed(id), states[id][^1].Timestamp))).ShouldBeInRange(1, NarrowLimit);
        one.Lines.Concat(other.Lines).ShouldNotContain(line => line.Contains("defect"));
        await stop.CancelAsync();
        await serving.WaitAsync(WorkerBench.Bound);
    }

    [Theory]
    [InlineData(200, false)]
    [InlineData(100, true)]
    public async Task Runs_with_processes_of_their_own_are_executed_once_also_when_a_worker_and_a_server_are_killed(int count, bool kill)
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        string marks = bench["marks"];
        Directory.CreateDirectory(marks);
        Guid deployment = await bench.DeployAsync($"count '{marks}'");
        for (int i = 0; i < count; i++)
            await bench.RunAsync(deployment);

        int[] ports = FreePort.Take(2);
        ProgramRun[] servers = [await ServeAsync(bench, ports[0]), await ServeAsync(bench, ports[1])];
        ProgramRun[] workers = [Work(bench, ports[0], "one"), Work(bench, ports[1], "two")];
        try
        {
            if (kill)
            {
                await UntilDoneAsync(bench, count / 4);
                workers[0].Process.Kill();
                servers[0].Process.Kill();
                await servers[0].Process.WaitForExitAsync();
                await servers[0].DisposeAsync();
                servers[0] = await ServeAsync(bench, ports[0]); // as whoever supervises it does
            }
            await UntilDoneAsync(bench, count);
            Directory.GetFiles(marks).Length.ShouldBe(count);
            foreach (string mark in Directory.GetFiles(marks))
                (await File.ReadAllLinesAsync(mark)).ShouldBe(["ran"]);
        }
        finally
        {
            foreach (ProgramRun program in workers.Concat(servers))
                await program.DisposeAsync();
        }
    }

    /// <summary>Waits until so many runs are COMPLETED. One that ends otherwise ends the waiting.</summary>
    private static async Task UntilDoneAsync(WorkerBench bench, int count)
    {
        using var bound = new CancellationTokenSource(WorkerBench.Bound);
        for (long change = 0; ; change = await bench.Api.WaitForChangeAsync(change, TimeSpan.FromSeconds(30), bound.Token))
        {
            if (await CountAsync(bench, StateType.Completed) >= count)
                return;
            IReadOnlyList<FlowRun> lost = await bench.Api.ListFlowRunsAsync(Of(StateType.Crashed, StateType.Failed, StateType.Cancelled), default);
            lost.Select(run => $"{run.Name}: {run.StateName}, {run.State?.Message}").ShouldBeEmpty();
            await Task.Delay(100, bound.Token); // each run makes some changes
        }
    }

    private static Task<int> CountAsync(WorkerBench bench, params StateType[] types) =>
        bench.Api.CountFlowRunsAsync(Of(types), default);

    private static FlowRunsQuery Of(params StateType[] types) => new() { FlowRuns = new() { State = new() { Type = new() { Any = types } } } };

    private static int MostAtOnce(IEnumerable<(DateTimeOffset From, DateTimeOffset To)> intervals)
    {
        int now = 0, most = 0;
        foreach ((_, int step) in intervals.SelectMany(each => new[] { (Time: each.From, Step: 1), (Time: each.To, Step: -1) }).OrderBy(each => each.Time).ThenBy(each => each.Step))
            most = Math.Max(most, now += step);
        return most;
    }

    private static async Task<ProgramRun> ServeAsync(WorkerBench bench, int port)
    {
        var server = ProgramRun.Start(WorkerBench.Program, ["server", bench.Home.Root, $"{port}", WorkerBench.Token], Variables(bench, port));
        await server.WaitForLineAsync(line => line == "serving", WorkerBench.Bound);
        return server;
    }

    private static ProgramRun Work(WorkerBench bench, int port, string name) =>
        ProgramRun.Start(WorkerBench.Program, ["worker", WorkerBench.Pool, name, "6"], Variables(bench, port));

    private static Dictionary<string, string?> Variables(WorkerBench bench, int port) => new()
    {
        ["PREFECT_API_URL"] = $"http://127.0.0.1:{port}/api",
        ["PREFECT_API_KEY"] = WorkerBench.Token,
        [SluiceHome.Variable] = bench.Home.Root,
    };
}

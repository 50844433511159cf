using System.Diagnostics;
using System.Globalization;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server;
using Sluice.Testing;

namespace Sluice.Worker.Tests;

/// <summary>Cancelled runs, stopped workers, killed workers, servers that go away.</summary>
public sealed class StopTests
{
    [Fact]
    public async Task A_cancelled_run_that_obeys_SIGTERM_is_Cancelled()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid id = await bench.RunAsync($"until '{bench["never"]}'");
        await using BenchWorker worker = bench.Work();
        await bench.WaitForAsync(id, StateType.Running);

        await bench.CancelAsync(id);

        FlowRun run = await bench.WaitForEndAsync(id);
        run.StateType.ShouldBe(StateType.Cancelled);
        run.State!.Message.ShouldBe("Flow run was cancelled.");
        (await bench.StatesAsync(id)).ShouldBe([StateType.Scheduled, StateType.Pending, StateType.Running, StateType.Cancelling, StateType.Cancelled]);
        ShouldHaveEnded(ProcessOf(run));
    }

    [Fact]
    public async Task A_cancelled_run_that_ignores_SIGTERM_is_killed_with_its_children()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid id = await bench.RunAsync("stubborn");
        await using BenchWorker worker = bench.Work(options => options with { TerminationGrace = TimeSpan.FromSeconds(1) });
        string line = await bench.WaitForLogAsync(id, message => message.StartsWith("child ", StringComparison.Ordinal));
        using Process child = Process.GetProcessById(int.Parse(line["child ".Length..], CultureInfo.InvariantCulture));

        await bench.CancelAsync(id);

        FlowRun run = await bench.WaitForEndAsync(id);
        run.StateType.ShouldBe(StateType.Cancelled);
        run.State!.Message.ShouldBe("Flow run was cancelled. It did not end within 1 seconds and was killed.");
        ShouldHaveEnded(ProcessOf(run));
        await child.WaitForExitAsync().WaitAsync(WorkerBench.Bound);
    }

    [Fact]
    public async Task A_graceful_stop_waits_for_what_runs_and_claims_nothing_more()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid deployment = await bench.DeployAsync($"until '{bench["go"]}'");
        Guid running = await bench.RunAsync(deployment);
        await using BenchWorker worker = bench.Work();
        await bench.WaitForAsync(running, StateType.Running);

        worker.Stop();
        Guid later = await bench.RunAsync(deployment);
        worker.Ended.IsCompleted.ShouldBeFalse();
        File.WriteAllText(bench["go"], "");
        await worker.Ended.WaitAsync(WorkerBench.Bound);

        (await bench.WaitForEndAsync(running)).StateType.ShouldBe(StateType.Completed);
        (await bench.StatesAsync(later)).ShouldBe([StateType.Scheduled]);
    }

    [Fact]
    public async Task A_run_can_be_cancelled_while_its_worker_stops()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid id = await bench.RunAsync($"until '{bench["never"]}'");
        await using BenchWorker worker = bench.Work();
        await bench.WaitForAsync(id, StateType.Running);

        worker.Stop();
        await bench.CancelAsync(id);
        await worker.Ended.WaitAsync(WorkerBench.Bound);

        (await bench.WaitForEndAsync(id)).StateType.ShouldBe(StateType.Cancelled);
    }

    [Fact]
    public async Task An_abort_ends_what_runs_as_Crashed()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid id = await bench.RunAsync($"until '{bench["never"]}'");
        await using BenchWorker worker = bench.Work();
        FlowRun run = await bench.WaitAsync(id, now => now is { StateType: StateType.Running, InfrastructurePid: not null });

        worker.Abort();
        await worker.Ended.WaitAsync(WorkerBench.Bound);

        ShouldHaveEnded(ProcessOf(run));
        run = await bench.WaitForEndAsync(id);
        run.StateType.ShouldBe(StateType.Crashed);
        run.State!.Message.ShouldBe($"Worker '{worker.Name}' was stopped, and the flow run with it.");
    }

    [Fact]
    public async Task A_run_outlives_its_killed_worker()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        using var services = new CancellationTokenSource();
        Task serving = new ServerServices(bench.Api, TimeProvider.System).RunAsync(services.Token);
        Guid id = await bench.RunAsync($"until '{bench["go"]}'");
        await using ProgramRun worker = StartWorker(bench);
        await bench.WaitAsync(id, run => run is { StateType: StateType.Running, InfrastructurePid: not null });

        worker.Process.Kill();
        await worker.Process.WaitForExitAsync();

        // Longer than the worker's lease: only the run's own renewals keep it.
        await Task.Delay(TimeSpan.FromSeconds(5));
        (await bench.Api.ReadFlowRunAsync(id, default))!.StateType.ShouldBe(StateType.Running);
        File.WriteAllText(bench["go"], "");
        (await bench.WaitForEndAsync(id)).StateType.ShouldBe(StateType.Completed);
        await services.CancelAsync();
        await serving.ContinueWith(_ => { });
    }

    [Fact]
    public async Task A_run_whose_worker_and_process_were_killed_is_Crashed_by_the_server()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        using var services = new CancellationTokenSource();
        Task serving = new ServerServices(bench.Api, TimeProvider.System).RunAsync(services.Token);
        Guid id = await bench.RunAsync($"until '{bench["never"]}'");
        await using ProgramRun worker = StartWorker(bench);
        FlowRun run = await bench.WaitAsync(id, now => now is { StateType: StateType.Running, InfrastructurePid: not null });

        worker.Process.Kill();
        using Process process = Process.GetProcessById(ProcessOf(run));
        process.Kill();

        (await bench.WaitForEndAsync(id)).StateType.ShouldBe(StateType.Crashed);
        await services.CancelAsync();
        await serving.ContinueWith(_ => { });
    }

    [Fact]
    public async Task An_outage_of_the_API_is_waited_for_and_said_once()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        await using var api = new HttpOrchestrationApi(new(bench.Host.Url.AbsoluteUri, WorkerBench.Token));
        Guid deployment = await bench.DeployAsync("ok");
        await using BenchWorker worker = bench.Work(api: api);
        await bench.WaitForEndAsync(await bench.RunAsync(deployment));

        int port = bench.Host.Url.Port;
        await bench.Host.DisposeAsync();
        Guid id = await bench.RunAsync(deployment);
        await WaitForLineAsync(worker, line => line.StartsWith("The API cannot be used now", StringComparison.Ordinal));
        bench.Host = await ApiHost.StartAsync(bench.Api, new() { Token = WorkerBench.Token, Port = port }, default);

        (await bench.WaitForEndAsync(id)).StateType.ShouldBe(StateType.Completed);
        worker.Lines.Count(line => line.StartsWith("The API cannot be used now", StringComparison.Ordinal)).ShouldBe(1);
        worker.Lines.Count(line => line.StartsWith("The API answers again after ", StringComparison.Ordinal)).ShouldBe(1);
    }

    private static ProgramRun StartWorker(WorkerBench bench) => ProgramRun.Start(
        WorkerBench.Program,
        ["worker", WorkerBench.Pool, "doomed"],
        new Dictionary<string, string?>
        {
            ["PREFECT_API_URL"] = bench.Host.Url.AbsoluteUri,
            ["PREFECT_API_KEY"] = WorkerBench.Token,
            [SluiceHome.Variable] = bench.Home.Root,
        });

    private static int ProcessOf(FlowRun run) => int.Parse(run.InfrastructurePid!.Split(':')[1], CultureInfo.InvariantCulture);

    private static void ShouldHaveEnded(int processId) => Should.Throw<ArgumentException>(() => Process.GetProcessById(processId));

    private static async Task WaitForLineAsync(BenchWorker worker, Func<string, bool> condition)
    {
        using var bound = new CancellationTokenSource(WorkerBench.Bound);
        while (!worker.Lines.Any(condition))
            await Task.Delay(20, bound.Token);
    }
}

using System.Diagnostics;
using System.Globalization;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server;
using Sluice.Testing;

namespace Sluice.Worker.Tests;

/// <summary>Killed workers, killed runs, servers that go away.</summary>
public sealed class DeathTests
{
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
        await Task.Delay(TimeSpan.FromSeconds(8));
        (await bench.Api.ReadFlowRunAsync(id, default))!.StateType.ShouldBe(StateType.Running);
        File.WriteAllText(bench["go"], "");
        (await bench.WaitForEndAsync(id)).StateType.ShouldBe(StateType.Completed);
        await services.CancelAsync();
        await serving.WaitAsync(WorkerBench.Bound);
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
        using Process process = Process.GetProcessById(int.Parse(run.InfrastructurePid!.Split(':')[1], CultureInfo.InvariantCulture));
        process.Kill();

        (await bench.WaitForEndAsync(id)).StateType.ShouldBe(StateType.Crashed);
        await services.CancelAsync();
        await serving.WaitAsync(WorkerBench.Bound);
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

    private static async Task WaitForLineAsync(BenchWorker worker, Func<string, bool> condition)
    {
        using var bound = new CancellationTokenSource(WorkerBench.Bound);
        while (!worker.Lines.Any(condition))
            await Task.Delay(20, bound.Token);
    }
}

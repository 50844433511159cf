using System.Diagnostics;
using System.Globalization;
using Sluice.Orchestration;
using Sluice.Server;
using Sluice.Testing;

namespace Sluice.Worker.Tests;

/// <summary>Workers and runs that are killed or frozen for real, and what their attempts may still write.</summary>
public sealed class LostAttemptTests
{
    [Fact]
    public async Task A_run_whose_worker_was_killed_before_it_started_is_run_by_the_next_one_once()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        await using var services = new BenchServices(bench);
        Guid id = await bench.RunAsync($"begin-late '{bench["go"]}'");
        await using ProgramRun doomed = StartWorker(bench);
        FlowRun claimed = await bench.WaitAsync(id, run => run is { StateType: StateType.Pending, InfrastructurePid: not null });
        doomed.Process.Kill();

        // Its process waits still, and is not yet the run's: the next worker gets it.
        FlowRun again = await bench.WaitForAsync(id, StateType.Scheduled);
        (await bench.Api.ListFlowRunStatesAsync(id, default)).ShouldContain(state =>
            state.Type == StateType.Scheduled && state.Message != null && state.Message.StartsWith("The worker vanished before the flow run started: no sign of life for ", StringComparison.Ordinal));
        again.ExpectedStartTime.ShouldBe(claimed.ExpectedStartTime);
        await using BenchWorker next = bench.Work();
        FlowRun second = await bench.WaitAsync(id, run => run.StateType == StateType.Pending && run.InfrastructurePid != claimed.InfrastructurePid);
        File.WriteAllText(bench["go"], "");

        (await bench.WaitForEndAsync(id)).StateType.ShouldBe(StateType.Completed);
        (await bench.StatesAsync(id)).Count(type => type == StateType.Running).ShouldBe(1);
        (await AnswerAsync(bench, claimed)).ShouldBe("Abort");
        (await AnswerAsync(bench, second)).ShouldBe("Accept");
        (await bench.Api.ReadFlowRunAsync(id, default))!.RunCount.ShouldBe(1);
    }

    [Fact]
    public async Task A_flow_that_asks_for_it_is_scheduled_again_after_a_crash()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        await using var services = new BenchServices(bench);
        Guid id = await bench.RunAsync($"until-again '{bench["go"]}'");
        await using ProgramRun doomed = StartWorker(bench);
        FlowRun run = await bench.WaitAsync(id, now => now is { StateType: StateType.Running, InfrastructurePid: not null });
        doomed.Process.Kill();
        using (Process process = ProcessOf(run))
            process.Kill();

        FlowRun waiting = await bench.WaitForAsync(id, StateType.Scheduled);
        waiting.StateName.ShouldBe("AwaitingRetry");
        waiting.State!.Message!.ShouldEndWith("It is scheduled again (1 of 1).");
        await using BenchWorker next = bench.Work();
        File.WriteAllText(bench["go"], "");
        (await bench.WaitForEndAsync(id)).StateType.ShouldBe(StateType.Completed);
        (await bench.StatesAsync(id)).ShouldBe([StateType.Scheduled, StateType.Pending, StateType.Running, StateType.Scheduled, StateType.Pending, StateType.Running, StateType.Completed]);
    }

    [Fact]
    public async Task What_a_frozen_attempt_writes_after_it_thawed_is_refused()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        await using var services = new BenchServices(bench);
        Guid id = await bench.RunAsync($"until-again '{bench["go"]}'");
        await using ProgramRun frozen = StartWorker(bench);
        FlowRun first = await bench.WaitAsync(id, now => now is { StateType: StateType.Running, InfrastructurePid: not null });
        Signal(frozen.Process.Id, "STOP");
        using Process process = ProcessOf(first);
        Signal(process.Id, "STOP");
        try
        {
            await bench.WaitAsync(id, run => run.StateName == "AwaitingRetry");
            await using BenchWorker next = bench.Work();
            FlowRun second = await bench.WaitAsync(id, run => run.StateType == StateType.Running && run.InfrastructurePid != first.InfrastructurePid);

            // It finds the file at once, and reports COMPLETED: of a run that is another's by now.
            File.WriteAllText(bench["go"], "");
            await bench.WaitForEndAsync(id);
            Guid ended = (await bench.Api.ReadFlowRunAsync(id, default))!.StateId!.Value;
            Signal(process.Id, "CONT");
            Signal(frozen.Process.Id, "CONT");
            using var bound = new CancellationTokenSource(WorkerBench.Bound);
            await process.WaitForExitAsync(bound.Token);

            FlowRun now = (await bench.Api.ReadFlowRunAsync(id, default))!;
            (now.StateType, now.StateId, now.InfrastructurePid).ShouldBe((StateType.Completed, ended, second.InfrastructurePid));
            (await bench.StatesAsync(id)).Count(type => type.IsFinal()).ShouldBe(1);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    /// <summary>What the process of a <c>begin-late</c> run was answered.</summary>
    private static async Task<string> AnswerAsync(WorkerBench bench, FlowRun run)
    {
        string path = $"{bench["go"]}.{run.InfrastructurePid!.Split(':')[1]}";
        using var bound = new CancellationTokenSource(WorkerBench.Bound);
        while (true)
        {
            string text = await File.ReadAllTextAsync(path, bound.Token);
            if (text is not ("waits" or ""))
                return text;
            await Task.Delay(20, bound.Token);
        }
    }

    private static Process ProcessOf(FlowRun run) => Process.GetProcessById(int.Parse(run.InfrastructurePid!.Split(':')[1], CultureInfo.InvariantCulture));

    private static void Signal(int processId, string signal)
    {
        using Process kill = Process.Start("kill", ["-s", signal, processId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        kill.ExitCode.ShouldBe(0);
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

    /// <summary>The services of the bench's server.</summary>
    private sealed class BenchServices : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public BenchServices(WorkerBench bench) => _running = new ServerServices(bench.Api, TimeProvider.System).RunAsync(_stop.Token);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running.WaitAsync(WorkerBench.Bound);
            _stop.Dispose();
        }
    }
}

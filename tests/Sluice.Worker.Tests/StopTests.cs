using System.Diagnostics;
using System.Globalization;
using Sluice.Orchestration;
using Sluice.Worker.Launch;

namespace Sluice.Worker.Tests;

/// <summary>Cancelled runs and stopped workers.</summary>
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
    public async Task A_stop_in_the_middle_of_claiming_loses_no_run()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid deployment = await bench.DeployAsync("ok");
        var ids = new List<Guid>();
        for (int i = 0; i < 20; i++)
            ids.Add(await bench.RunAsync(deployment));
        await using BenchWorker worker = bench.Work();
        await bench.WaitAsync(ids[^1], _ => worker.Lines.Any(line => line.Contains(": started as ", StringComparison.Ordinal)));

        worker.Stop();
        await worker.Ended.WaitAsync(WorkerBench.Bound);

        foreach (Guid id in ids)
        {
            FlowRun run = (await bench.Api.ReadFlowRunAsync(id, default))!;
            (run.StateType is StateType.Completed or StateType.Scheduled).ShouldBeTrue($"{run.StateName}: {run.State?.Message}");
        }
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
    public async Task A_run_whose_process_has_not_started_is_given_back_with_its_due_time()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid id = await bench.RunAsync("ok");
        DateTimeOffset? due = (await bench.Api.ReadFlowRunAsync(id, default))!.NextScheduledStartTime;
        await using BenchWorker worker = bench.Work(launcher: new EndlessPreparation());
        await bench.WaitForAsync(id, StateType.Pending);

        worker.Stop();
        await worker.Ended.WaitAsync(WorkerBench.Bound);

        FlowRun run = (await bench.Api.ReadFlowRunAsync(id, default))!;
        (run.StateType, run.NextScheduledStartTime).ShouldBe((StateType.Scheduled, due));
        await using BenchWorker next = bench.Work();
        (await bench.WaitForEndAsync(id)).StateType.ShouldBe(StateType.Completed);
    }

    [Fact]
    public async Task A_run_can_be_cancelled_before_its_process_starts()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid id = await bench.RunAsync("ok");
        await using BenchWorker worker = bench.Work(launcher: new EndlessPreparation());
        await bench.WaitForAsync(id, StateType.Pending);

        await bench.CancelAsync(id);

        FlowRun run = await bench.WaitForEndAsync(id);
        run.StateType.ShouldBe(StateType.Cancelled);
        run.State!.Message.ShouldBe("Flow run was cancelled before it started.");
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

    private static int ProcessOf(FlowRun run) => int.Parse(run.InfrastructurePid!.Split(':')[1], CultureInfo.InvariantCulture);

    private static void ShouldHaveEnded(int processId) => Should.Throw<ArgumentException>(() => Process.GetProcessById(processId));

    /// <summary>Pulls, as it were, a package from a store that never answers.</summary>
    private sealed class EndlessPreparation : IRunLauncher
    {
        public async Task<ILaunchedRun> LaunchAsync(RunRequest request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("Only a cancellation ends it.");
        }
    }
}

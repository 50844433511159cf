using Sluice.Orchestration;
using Sluice.Server;
using Sluice.Testing;

namespace Sluice.Worker.Tests;

/// <summary>Who takes which run, and when.</summary>
public sealed class ClaimTests
{
    [Fact]
    public async Task Two_workers_execute_every_run_once()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid deployment = await bench.DeployAsync("ok");
        await using BenchWorker one = bench.Work(), two = bench.Work();
        var ids = new List<Guid>();
        for (int i = 0; i < 12; i++)
            ids.Add(await bench.RunAsync(deployment));

        foreach (Guid id in ids)
        {
            (await bench.WaitForEndAsync(id)).StateType.ShouldBe(StateType.Completed);
            (await bench.StatesAsync(id)).ShouldBe([StateType.Scheduled, StateType.Pending, StateType.Running, StateType.Completed]);
        }

        one.Stop();
        two.Stop();
        await Task.WhenAll(one.Ended, two.Ended).WaitAsync(WorkerBench.Bound);
        one.Lines.Concat(two.Lines).Count(line => line.Contains(": started as ", StringComparison.Ordinal)).ShouldBe(ids.Count);
        one.Lines.Concat(two.Lines).Count(line => line.EndsWith(": Completed.", StringComparison.Ordinal)).ShouldBe(ids.Count);
    }

    [Fact]
    public async Task No_more_runs_than_the_limit_are_active_at_once()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid deployment = await bench.DeployAsync("ok");
        var ids = new List<Guid>();
        for (int i = 0; i < 6; i++)
            ids.Add(await bench.RunAsync(deployment));
        await using BenchWorker worker = bench.Work(options => options with { Limit = 2 });

        var changes = new List<(DateTimeOffset When, int By)>();
        foreach (Guid id in ids)
        {
            await bench.WaitForEndAsync(id);
            IReadOnlyList<State> states = await bench.Api.ListFlowRunStatesAsync(id, default);
            changes.Add((states.Single(state => state.Type == StateType.Pending).Timestamp, 1));
            changes.Add((states.Single(state => state.Type == StateType.Completed).Timestamp, -1));
        }

        int active = 0;
        changes.OrderBy(change => change.When).Max(change => active += change.By).ShouldBe(2);
    }

    [Fact]
    public async Task The_queue_with_the_better_priority_is_served_first()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        await bench.Api.CreateWorkQueueAsync(WorkerBench.Pool, new() { Name = "late", Priority = 20 }, default);
        await bench.Api.CreateWorkQueueAsync(WorkerBench.Pool, new() { Name = "early", Priority = 10 }, default);
        Guid late = await bench.RunAsync(await bench.DeployAsync("ok", "late"));
        Guid early = await bench.RunAsync(await bench.DeployAsync("ok", "early"));
        await using BenchWorker worker = bench.Work(options => options with { Limit = 1 });

        await bench.WaitForEndAsync(late);
        (await PendingAsync(early)).ShouldBeLessThan(await PendingAsync(late));

        async Task<DateTimeOffset> PendingAsync(Guid id) =>
            (await bench.Api.ListFlowRunStatesAsync(id, default)).Single(state => state.Type == StateType.Pending).Timestamp;
    }

    [Fact]
    public async Task A_worker_of_a_queue_leaves_the_others_alone_and_makes_its_queue_when_it_is_missing()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid other = await bench.RunAsync("ok");
        await using BenchWorker worker = bench.Work(options => options with { Queues = ["etl"] });
        Guid mine = await bench.RunAsync(await bench.DeployAsync("ok", "etl"));

        (await bench.WaitForEndAsync(mine)).StateType.ShouldBe(StateType.Completed);
        worker.Stop();
        await worker.Ended.WaitAsync(WorkerBench.Bound);
        (await bench.StatesAsync(other)).ShouldBe([StateType.Scheduled]);
    }

    [Fact]
    public async Task A_worker_of_one_run_executes_just_that_and_ends()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid deployment = await bench.DeployAsync("ok");
        Guid other = await bench.RunAsync(deployment), mine = await bench.RunAsync(deployment);
        await using BenchWorker worker = bench.Work(options => options with { OnlyFlowRun = mine });

        await worker.Ended.WaitAsync(WorkerBench.Bound);

        (await bench.StatesAsync(mine)).ShouldBe([StateType.Scheduled, StateType.Pending, StateType.Running, StateType.Completed]);
        (await bench.StatesAsync(other)).ShouldBe([StateType.Scheduled]);
        (await bench.Api.ListWorkersAsync(WorkerBench.Pool, default)).ShouldBeEmpty();
        (await bench.LogsAsync(mine)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_worker_of_one_run_ends_when_the_run_is_over_already()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid id = await bench.RunAsync("ok");
        await bench.CancelAsync(id);
        await using BenchWorker worker = bench.Work(options => options with { OnlyFlowRun = id });

        await worker.Ended.WaitAsync(WorkerBench.Bound);
        (await bench.StatesAsync(id)).ShouldNotContain(StateType.Pending);
    }

    [Fact]
    public async Task A_run_beyond_the_deployments_limit_waits_for_its_slot()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        Guid deployment = await bench.DeployAsync($"until '{bench["go"]}'", concurrencyLimit: 1);
        Guid first = await bench.RunAsync(deployment);
        await using BenchWorker worker = bench.Work();
        await bench.WaitForAsync(first, StateType.Running);

        Guid second = await bench.RunAsync(deployment);
        FlowRun waiting = await bench.WaitAsync(second, run => run.StateName == "AwaitingConcurrencySlot");
        File.WriteAllText(bench["go"], "");

        await bench.WaitForEndAsync(first);
        waiting.StateType.ShouldBe(StateType.Scheduled);
        worker.Lines.ShouldNotContain(line => line.Contains(waiting.Name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pool_that_does_not_exist_is_said_at_once()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        await using BenchWorker worker = bench.Work(options => options with { Pool = "nowhere" });

        (await Should.ThrowAsync<OrchestrationException>(() => worker.Ended.WaitAsync(WorkerBench.Bound))).Message
            .ShouldBe($"There is no work pool 'nowhere' on {bench.Host.Url}: create it with `sluice work-pool create nowhere`, or name another one.");
    }

    [Fact]
    public async Task An_idle_worker_asks_nothing_of_the_database()
    {
        using var folder = new TempFolder();
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using IOrchestrationApi store = await EmbeddedApi.OpenAsync(new(folder["home"]), clock, default);
        (IOrchestrationApi api, RecordedApi record) = RecordedApi.Over(store);
        using var stop = new CancellationTokenSource();
        var options = new FlowWorkerOptions { Name = "idle", Pool = WorkerBench.Pool, ApiUrl = new("http://127.0.0.1:1/api"), Home = new(folder["home"]), Log = _ => { } };
        Task working = new FlowWorker(api, options, clock).RunAsync(stop.Token, CancellationToken.None);

        // Its heartbeats say how far it is: twenty of them are ten minutes.
        await record.WaitAsync(nameof(IOrchestrationApi.WaitForChangeAsync), 1);
        int looks = record.Count(nameof(IOrchestrationApi.GetScheduledFlowRunsAsync)), lists = record.Count(nameof(IOrchestrationApi.ListFlowRunsAsync));
        for (int beats = 2; beats <= 20; beats++)
        {
            clock.Advance(TimeSpan.FromSeconds(30));
            await record.WaitAsync(nameof(IOrchestrationApi.HeartbeatWorkerAsync), beats);
        }

        // The first heartbeat made the pool ready, which is a change to look at.
        record.Count(nameof(IOrchestrationApi.GetScheduledFlowRunsAsync)).ShouldBeInRange(looks, looks + 1);
        record.Count(nameof(IOrchestrationApi.ListFlowRunsAsync)).ShouldBeInRange(lists, lists + 1);

        // It still wakes for a change.
        int asleep = record.Count(nameof(IOrchestrationApi.GetScheduledFlowRunsAsync));
        await store.CreateWorkQueueAsync(WorkerBench.Pool, new() { Name = "a change" }, default);
        await AdvanceUntilAsync(() => record.Count(nameof(IOrchestrationApi.GetScheduledFlowRunsAsync)) > asleep);
        await stop.CancelAsync();
        await AdvanceUntilAsync(() => working.IsCompleted);
        await working;

        // The pause between two looks is the clock's too.
        async Task AdvanceUntilAsync(Func<bool> condition)
        {
            using var bound = new CancellationTokenSource(WorkerBench.Bound);
            while (!condition())
            {
                clock.Advance(TimeSpan.FromMilliseconds(100));
                await Task.Delay(20, bound.Token);
            }
        }
    }

    [Fact]
    public async Task A_worker_that_says_that_it_serves_is_online()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        var seen = new TaskCompletionSource<Task<IReadOnlyList<WorkerInfo>>>();
        await using BenchWorker worker = bench.Work(options => options with { Serving = () => seen.SetResult(bench.Api.ListWorkersAsync(WorkerBench.Pool, default)) });

        WorkerInfo info = (await (await seen.Task.WaitAsync(WorkerBench.Bound))).ShouldHaveSingleItem();
        (info.Name, info.Status).ShouldBe((worker.Name, "ONLINE"));
    }

    [Fact]
    public async Task A_worker_shows_itself_in_its_pool()
    {
        await using WorkerBench bench = await WorkerBench.CreateAsync();
        await using BenchWorker worker = bench.Work();
        Guid id = await bench.RunAsync("ok");
        await bench.WaitForEndAsync(id);

        WorkerInfo info = (await bench.Api.ListWorkersAsync(WorkerBench.Pool, default)).ShouldHaveSingleItem();
        (info.Name, info.Status, info.HeartbeatIntervalSeconds).ShouldBe((worker.Name, "ONLINE", 30));
    }
}

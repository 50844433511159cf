using Sluice.Orchestration;
using Sluice.Testing;

namespace Sluice.Server.Tests;

public sealed class RunWatchTests
{
    private static readonly SetStateOptions _lease = new() { Lease = TimeSpan.FromSeconds(30) };

    [Fact]
    public async Task A_run_is_late_after_15_seconds_and_still_starts()
    {
        await using Home home = await Home.OpenAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        home.Clock.Advance(TimeSpan.FromSeconds(14.9));
        await home.CatchUpAsync();
        (await home.ReadAsync(run.Id)).StateName.ShouldBe("Scheduled");
        home.Clock.Advance(TimeSpan.FromSeconds(0.1));
        await home.CatchUpAsync();
        FlowRun late = await home.ReadAsync(run.Id);
        late.StateName.ShouldBe("Late");
        late.NextScheduledStartTime.ShouldBe(run.NextScheduledStartTime);
        (await home.Api.GetScheduledFlowRunsAsync("default-agent-pool", new(), default)).Single().FlowRun.Id.ShouldBe(run.Id);
        (await home.SetAsync(run.Id, StateType.Pending)).Status.ShouldBe(SetStateStatus.Accept);
    }

    [Theory]
    [InlineData(StateType.Pending, StateType.Crashed)]
    [InlineData(StateType.Running, StateType.Crashed)]
    [InlineData(StateType.Cancelling, StateType.Cancelled)]
    public async Task A_run_whose_lease_ran_out_is_ended(StateType from, StateType to)
    {
        await using Home home = await Home.OpenAsync();
        await home.CatchUpAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        await home.SetAsync(run.Id, StateType.Pending, options: _lease);
        if (from != StateType.Pending)
            await home.SetAsync(run.Id, StateType.Running);
        if (from == StateType.Cancelling)
            await home.SetAsync(run.Id, StateType.Cancelling);
        home.Clock.Advance(TimeSpan.FromSeconds(20));
        await home.Api.RenewLeasesAsync([run.Id], TimeSpan.FromSeconds(30), default);
        home.Clock.Advance(TimeSpan.FromSeconds(29));
        await home.CatchUpAsync();
        (await home.ReadAsync(run.Id)).StateType.ShouldBe(from);
        home.Clock.Advance(TimeSpan.FromSeconds(4));
        await home.CatchUpAsync();
        FlowRun ended = await home.ReadAsync(run.Id);
        ended.StateType.ShouldBe(to);
        ended.EndTime.ShouldBe(home.Clock.GetUtcNow());
        if (to == StateType.Crashed)
            ended.State!.Message.ShouldBe("The worker and the flow process both vanished: no sign of life for 33 s.");
    }

    [Fact]
    public async Task While_no_server_ran_nobody_could_renew_so_leases_count_again_from_its_start()
    {
        await using Home home = await Home.OpenAsync();
        FlowRun alive = await home.RunAsync(await home.DeployAsync()), gone = await home.RunAsync(await home.DeployAsync());
        foreach (FlowRun run in new[] { alive, gone })
            await home.SetAsync(run.Id, StateType.Pending, options: _lease);
        home.Clock.Advance(TimeSpan.FromMinutes(10));
        home.RestartServices();
        await home.CatchUpAsync();
        home.Clock.Advance(TimeSpan.FromSeconds(29));
        await home.CatchUpAsync();
        await home.Api.RenewLeasesAsync([alive.Id], TimeSpan.FromSeconds(30), default);
        home.Clock.Advance(TimeSpan.FromSeconds(1));
        await home.CatchUpAsync();
        (await home.ReadAsync(alive.Id)).StateType.ShouldBe(StateType.Pending);
        (await home.ReadAsync(gone.Id)).StateType.ShouldBe(StateType.Crashed);
    }

    [Fact]
    public async Task A_run_that_ended_or_was_handed_back_has_no_lease()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await home.DeployAsync();
        foreach (StateType to in new[] { StateType.Completed, StateType.Failed, StateType.Scheduled })
        {
            FlowRun run = await home.RunAsync(deployment);
            await home.SetAsync(run.Id, StateType.Pending, options: _lease);
            await home.SetAsync(run.Id, StateType.Running);
            await home.SetAsync(run.Id, to);
            await home.Api.RenewLeasesAsync([run.Id, Guid.NewGuid()], TimeSpan.FromSeconds(1), default);
        }
        home.Sql("SELECT COUNT(*) FROM flow_run WHERE lease_expires IS NOT NULL OR lease_from IS NOT NULL").ShouldBe(0L);
    }

    [Fact]
    public async Task A_process_that_vanishes_between_its_retries_crashes_the_run()
    {
        await using Home home = await Home.OpenAsync();
        await home.CatchUpAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        await home.Api.UpdateFlowRunAsync(run.Id, new() { EmpiricalPolicy = new() { Retries = 1, RetryDelay = 600 } }, default);
        await home.SetAsync(run.Id, StateType.Pending, options: _lease);
        await home.SetAsync(run.Id, StateType.Running);
        (await home.SetAsync(run.Id, StateType.Failed)).State!.Name.ShouldBe("AwaitingRetry");
        home.Clock.Advance(TimeSpan.FromSeconds(31));
        await home.CatchUpAsync();
        (await home.ReadAsync(run.Id)).StateType.ShouldBe(StateType.Crashed);
    }

    [Fact]
    public async Task Cancelling_that_nobody_confirms_ends_after_300_seconds()
    {
        await using Home home = await Home.OpenAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        await home.SetAsync(run.Id, StateType.Pending);
        await home.SetAsync(run.Id, StateType.Running);
        await home.SetAsync(run.Id, StateType.Cancelling);
        home.Clock.Advance(TimeSpan.FromSeconds(299));
        await home.CatchUpAsync();
        (await home.ReadAsync(run.Id)).StateType.ShouldBe(StateType.Cancelling);
        home.Clock.Advance(TimeSpan.FromSeconds(1));
        await home.CatchUpAsync();
        (await home.ReadAsync(run.Id)).StateType.ShouldBe(StateType.Cancelled);
    }

    [Fact]
    public async Task The_services_sleep_until_something_is_due_and_wake_at_a_change()
    {
        await using Home home = await Home.OpenAsync();
        using var stop = new CancellationTokenSource();
        Task running = new ServerServices(home.Api, home.Clock).RunAsync(stop.Token);
        await home.DeployAsync(cron: "0 * * * *");
        await Until.TrueAsync(async () => (await home.DueAsync()).Count == 3);
        FlowRun first = (await home.RunsAsync())[0];
        // The next thing due is that the first run is late.
        await Until.TrueAsync(() =>
        {
            home.Clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(home.Clock.GetUtcNow() > Home.Start + TimeSpan.FromSeconds(20));
        });
        await Until.TrueAsync(async () => (await home.ReadAsync(first.Id)).StateName == "Late");
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task While_nothing_is_due_no_query_runs()
    {
        await using Home home = await Home.OpenAsync();
        await home.DeployAsync(cron: "0 0 1 * *");
        using var stop = new CancellationTokenSource();
        Task running = new ServerServices(home.Api, home.Clock).RunAsync(stop.Token);
        // Settled: the runs are there, and the services' timer stands at least a day ahead.
        await Until.TrueAsync(async () => (await home.DueAsync()).Count == 3);
        await Until.QuietAsync(() => home.Api.Statements);
        long before = home.Api.Statements;
        for (int hour = 0; hour < 20; hour++)
        {
            home.Clock.Advance(TimeSpan.FromHours(1));
            await Task.Delay(250); // a real stretch as well: two glances at the files happen in it
        }
        home.Api.Statements.ShouldBe(before);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_full_disk_or_a_locked_database_does_not_end_the_services()
    {
        await using Home home = await Home.OpenAsync();
        await home.DeployAsync(cron: "0 * * * *");
        home.Sql("CREATE TRIGGER full BEFORE INSERT ON flow_run BEGIN SELECT RAISE(ABORT, 'no room'); END");
        var log = new List<string>();
        using var stop = new CancellationTokenSource();
        Task running = new ServerServices(home.Api, home.Clock, line =>
        {
            lock (log)
                log.Add(line);
        }).RunAsync(stop.Token);
        await Until.TrueAsync(() =>
        {
            lock (log)
                return Task.FromResult(log.Exists(line => line.Contains("no room")));
        });
        home.Sql("DROP TRIGGER full");
        await Until.TrueAsync(async () =>
        {
            home.Clock.Advance(TimeSpan.FromSeconds(5));
            return (await home.DueAsync()).Count >= 3;
        });
        await stop.CancelAsync();
        await running;
        log.Count.ShouldBe(1, string.Join("\n", log));
    }
}

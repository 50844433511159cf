using Sluice.Orchestration;

namespace Sluice.Server.Tests;

/// <summary>Attempts: who holds a run, what the server does with one that is lost, and that nothing is taken from it afterwards.</summary>
public sealed class AttemptTests
{
    private static readonly TimeSpan _lease = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Only_the_attempt_that_holds_the_run_writes_for_it()
    {
        await using Home home = await Home.OpenAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        Guid attempt = await ClaimAsync(home, run.Id);
        foreach (SetStateOptions stranger in new SetStateOptions[] { new() { Attempt = Guid.NewGuid() }, new() { Attempt = Guid.NewGuid(), Force = true } })
            (await home.SetAsync(run.Id, StateType.Running, options: stranger)).Status.ShouldBe(SetStateStatus.Abort);
        (await home.SetAsync(run.Id, StateType.Pending, state => state with { Name = "Submitting" }, new() { Attempt = attempt })).Status.ShouldBe(SetStateStatus.Accept);
        (await home.SetAsync(run.Id, StateType.Running, options: new() { Attempt = attempt })).Status.ShouldBe(SetStateStatus.Accept);
        (await home.SetAsync(run.Id, StateType.Completed, options: new() { Attempt = attempt })).Status.ShouldBe(SetStateStatus.Accept);
        (await home.Api.HoldsAsync(run.Id, attempt, default)).ShouldBeTrue(); // for its last lines of log
    }

    [Fact]
    public async Task A_worker_that_lost_a_run_does_not_keep_the_next_ones_claim_alive()
    {
        await using Home home = await Home.OpenAsync();
        await home.CatchUpAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        Guid lost = await StartAsync(home, run.Id, crashRetries: 1);
        home.Clock.Advance(_lease);
        await home.CatchUpAsync();
        Guid held = await StartAsync(home, run.Id, crashRetries: 1);

        // The holder beats once; then it is gone, and only who lost the run goes on.
        home.Clock.Advance(_lease / 2);
        await home.Api.RenewLeasesAsync([new(run.Id, held)], _lease, default);
        home.Clock.Advance(_lease / 2);
        await home.Api.RenewLeasesAsync([new(run.Id, lost)], _lease, default);
        await home.CatchUpAsync();
        (await home.ReadAsync(run.Id)).StateType.ShouldBe(StateType.Running, "its holder was heard of half a lease ago");
        home.Clock.Advance(_lease / 2);
        await home.Api.RenewLeasesAsync([new(run.Id, lost)], _lease, default);
        await home.CatchUpAsync();
        (await home.ReadAsync(run.Id)).StateType.ShouldBe(StateType.Crashed);
    }

    [Fact]
    public async Task Who_names_no_attempt_is_judged_by_Prefects_rules_alone()
    {
        await using Home home = await Home.OpenAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        await ClaimAsync(home, run.Id);
        (await home.SetAsync(run.Id, StateType.Cancelling)).Status.ShouldBe(SetStateStatus.Accept);
    }

    [Fact]
    public async Task A_claim_of_a_vanished_worker_goes_back_with_its_due_time_and_three_times_at_most()
    {
        await using Home home = await Home.OpenAsync();
        await home.CatchUpAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        Guid attempt = default;
        for (int lost = 1; lost <= 3; lost++)
        {
            attempt = await ClaimAsync(home, run.Id);
            home.Clock.Advance(_lease);
            await home.CatchUpAsync();
            FlowRun again = await home.ReadAsync(run.Id);
            again.StateName.ShouldBe("Late"); // at once, since it was due 30 s ago
            (await home.Api.ListFlowRunStatesAsync(run.Id, default))[^2].Message.ShouldBe("The worker vanished before the flow run started: no sign of life for 30 s. It is scheduled again.");
            again.NextScheduledStartTime.ShouldBe(run.ExpectedStartTime);
            (await home.Api.GetScheduledFlowRunsAsync("default-agent-pool", new(), default)).Single().FlowRun.Id.ShouldBe(run.Id);
            (await home.SetAsync(run.Id, StateType.Running, options: new() { Attempt = attempt })).Status.ShouldBe(SetStateStatus.Abort);
        }
        await ClaimAsync(home, run.Id);
        home.Clock.Advance(_lease);
        await home.CatchUpAsync();
        (await home.ReadAsync(run.Id)).StateType.ShouldBe(StateType.Crashed);
    }

    [Fact]
    public async Task A_run_that_is_scheduled_again_has_no_infrastructure_left_to_cancel()
    {
        await using Home home = await Home.OpenAsync();
        await home.CatchUpAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        await StartAsync(home, run.Id, crashRetries: 1);
        await home.Api.UpdateFlowRunAsync(run.Id, new() { InfrastructurePid = "host:4711" }, default);
        home.Clock.Advance(_lease);
        await home.CatchUpAsync();
        FlowRun waiting = await home.ReadAsync(run.Id);
        (waiting.StateName, waiting.InfrastructurePid).ShouldBe(("AwaitingRetry", null));
        (await home.SetAsync(run.Id, StateType.Cancelling)).State!.Type.ShouldBe(StateType.Cancelled);
    }

    [Fact]
    public async Task A_flow_is_scheduled_again_as_often_as_it_asked_for()
    {
        await using Home home = await Home.OpenAsync();
        await home.CatchUpAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        for (int crash = 1; crash <= 2; crash++)
        {
            Guid dead = await StartAsync(home, run.Id, crashRetries: 2);
            home.Clock.Advance(_lease);
            await home.CatchUpAsync();
            FlowRun waiting = await home.ReadAsync(run.Id);
            (waiting.StateType, waiting.StateName, waiting.EmpiricalPolicy.RetryType).ShouldBe((StateType.Scheduled, "AwaitingRetry", "reschedule"));
            waiting.State!.Message.ShouldBe($"The worker and the flow process both vanished: no sign of life for 30 s. It is scheduled again ({crash} of 2).");
            waiting.NextScheduledStartTime.ShouldBe(home.Clock.GetUtcNow());
            (await home.SetAsync(run.Id, StateType.Completed, options: new() { Attempt = dead })).Status.ShouldBe(SetStateStatus.Abort);
        }
        await StartAsync(home, run.Id, crashRetries: 2);
        home.Clock.Advance(_lease);
        await home.CatchUpAsync();
        FlowRun crashed = await home.ReadAsync(run.Id);
        (crashed.StateType, crashed.RunCount).ShouldBe((StateType.Crashed, 3));
    }

    [Fact]
    public async Task A_crashed_attempt_revives_nothing()
    {
        await using Home home = await Home.OpenAsync();
        await home.CatchUpAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        Guid dead = await StartAsync(home, run.Id, crashRetries: 0);
        home.Clock.Advance(_lease);
        await home.CatchUpAsync();
        foreach (StateType late in new[] { StateType.Running, StateType.Completed, StateType.Failed, StateType.Scheduled, StateType.Cancelled })
            (await home.SetAsync(run.Id, late, options: new() { Attempt = dead })).Status.ShouldBe(SetStateStatus.Abort);
        (await home.ReadAsync(run.Id)).StateType.ShouldBe(StateType.Crashed);
        (await home.Api.HoldsAsync(run.Id, dead, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_run_that_is_being_cancelled_or_has_nobody_to_run_it_again_is_not_scheduled_again()
    {
        await using Home home = await Home.OpenAsync();
        await home.CatchUpAsync();
        FlowRun cancelled = await home.RunAsync(await home.DeployAsync());
        FlowRun alone = await home.Api.CreateFlowRunAsync(new() { FlowId = (await home.FlowAsync()).Id, State = new() { Type = StateType.Scheduled } }, default);
        foreach (FlowRun run in new[] { cancelled, alone })
            await StartAsync(home, run.Id, crashRetries: 5);
        await home.SetAsync(cancelled.Id, StateType.Cancelling);
        home.Clock.Advance(_lease);
        await home.CatchUpAsync();
        (await home.ReadAsync(cancelled.Id)).StateType.ShouldBe(StateType.Cancelled);
        (await home.ReadAsync(alone.Id)).StateType.ShouldBe(StateType.Crashed);
    }

    [Fact]
    public async Task An_attempt_holds_its_run_through_the_retries_of_its_own_process_and_loses_it_when_it_gives_it_back()
    {
        await using Home home = await Home.OpenAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        await home.Api.UpdateFlowRunAsync(run.Id, new() { EmpiricalPolicy = new() { Retries = 1 } }, default);
        Guid attempt = await StartAsync(home, run.Id, crashRetries: 0);
        (await home.SetAsync(run.Id, StateType.Failed, options: new() { Attempt = attempt })).State!.Name.ShouldBe("AwaitingRetry");
        (await home.SetAsync(run.Id, StateType.Running, options: new() { Attempt = attempt })).Status.ShouldBe(SetStateStatus.Accept);
        (await home.SetAsync(run.Id, StateType.Scheduled, options: new() { Attempt = attempt })).Status.ShouldBe(SetStateStatus.Accept);
        (await home.SetAsync(run.Id, StateType.Running, options: new() { Attempt = attempt })).Status.ShouldBe(SetStateStatus.Abort);
    }

    [Fact]
    public async Task A_pause_that_nobody_ends_fails_at_its_time()
    {
        await using Home home = await Home.OpenAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        await StartAsync(home, run.Id, crashRetries: 0, lease: TimeSpan.FromHours(2));
        await home.SetAsync(run.Id, StateType.Paused, state => state with { StateDetails = new() { PauseTimeout = Home.Start.AddMinutes(5) } });
        home.Clock.Advance(TimeSpan.FromSeconds(299));
        (await home.Api.Read(scope => ServerServices.NextDue(scope, Home.Start), default)).Watch.ShouldBe(Home.Start.AddMinutes(5));
        await home.CatchUpAsync();
        (await home.ReadAsync(run.Id)).StateType.ShouldBe(StateType.Paused);
        home.Clock.Advance(TimeSpan.FromSeconds(1));
        await home.CatchUpAsync();
        FlowRun failed = await home.ReadAsync(run.Id);
        (failed.StateType, failed.State!.Message).ShouldBe((StateType.Failed, "The flow was paused and never resumed."));
    }

    private static async Task<Guid> ClaimAsync(Home home, Guid run, TimeSpan? lease = null)
    {
        var attempt = Guid.NewGuid();
        OrchestrationResult answer = await home.SetAsync(run, StateType.Pending, state => state with { StateDetails = new() { TransitionId = attempt } }, new() { Lease = lease ?? _lease });
        answer.Status.ShouldBe(SetStateStatus.Accept);
        return attempt;
    }

    private static async Task<Guid> StartAsync(Home home, Guid run, int crashRetries, TimeSpan? lease = null)
    {
        Guid attempt = await ClaimAsync(home, run, lease);
        (await home.SetAsync(run, StateType.Running, options: new() { Attempt = attempt, CrashRetries = crashRetries })).Status.ShouldBe(SetStateStatus.Accept);
        return attempt;
    }
}

using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Tests;

/// <summary>What Prefect 3.8.3 was recorded to do beyond the matrix: retries, limits, repeated transitions, force; and the books of a run.</summary>
public sealed class StateTests
{
    [Fact]
    public async Task A_failed_run_with_retries_left_awaits_its_retry_in_process()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await home.DeployAsync();
        FlowRun run = await home.Api.CreateDeploymentRunAsync(deployment.Id,
            new() { State = new() { Type = StateType.Pending }, EmpiricalPolicy = new() { Retries = 2, RetryDelay = 7 } }, default);
        await home.SetAsync(run.Id, StateType.Running);
        home.Clock.Advance(TimeSpan.FromMilliseconds(17));

        OrchestrationResult answer = await home.SetAsync(run.Id, StateType.Failed, state => state with { Message = "no weather" });

        answer.Status.ShouldBe(SetStateStatus.Reject);
        answer.Details.Reason.ShouldBe("Retrying");
        answer.State!.Name.ShouldBe("AwaitingRetry");
        answer.State.Message.ShouldBe("no weather");
        FlowRun waiting = await home.ReadAsync(run.Id);
        waiting.StateType.ShouldBe(StateType.Scheduled);
        waiting.EmpiricalPolicy.RetryType.ShouldBe("in_process");
        waiting.RunCount.ShouldBe(1);
        waiting.NextScheduledStartTime.ShouldBe(home.Clock.GetUtcNow().AddSeconds(7));
        waiting.TotalRunTime.ShouldBe(0.017, tolerance: 1e-9);
        waiting.EndTime.ShouldBeNull();

        OrchestrationResult early = await home.SetAsync(run.Id, StateType.Running);
        early.Status.ShouldBe(SetStateStatus.Wait);
        early.Details.DelaySeconds!.Value.ShouldBe(7);
        early.Details.Reason.ShouldBe("Scheduled time is in the future");
        home.Clock.Advance(TimeSpan.FromSeconds(7));
        for (int attempt = 2; attempt <= 3; attempt++)
        {
            (await home.SetAsync(run.Id, StateType.Running, state => state with { Name = "Retrying" })).Status.ShouldBe(SetStateStatus.Accept);
            (await home.SetAsync(run.Id, StateType.Failed)).Status.ShouldBe(attempt == 3 ? SetStateStatus.Accept : SetStateStatus.Reject);
            home.Clock.Advance(TimeSpan.FromSeconds(7));
        }
        FlowRun failed = await home.ReadAsync(run.Id);
        failed.StateType.ShouldBe(StateType.Failed);
        failed.RunCount.ShouldBe(3);
        failed.EmpiricalPolicy.RetryType.ShouldBeNull();
        failed.EmpiricalPolicy.Retries.ShouldBe(2);
    }

    [Fact]
    public async Task The_books_of_a_run_are_kept()
    {
        await using Home home = await Home.OpenAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        run.ExpectedStartTime.ShouldBe(Home.Start);
        run.NextScheduledStartTime.ShouldBe(Home.Start);
        home.Clock.Advance(TimeSpan.FromSeconds(3));
        (await home.ReadAsync(run.Id)).EstimatedStartTimeDelta.ShouldBe(3);
        await home.SetAsync(run.Id, StateType.Pending);
        (await home.ReadAsync(run.Id)).NextScheduledStartTime.ShouldBeNull();
        home.Clock.Advance(TimeSpan.FromSeconds(1));
        await home.SetAsync(run.Id, StateType.Running);
        home.Clock.Advance(TimeSpan.FromSeconds(10));
        FlowRun running = await home.ReadAsync(run.Id);
        running.StartTime.ShouldBe(Home.Start.AddSeconds(4));
        running.EstimatedStartTimeDelta.ShouldBe(4);
        running.TotalRunTime.ShouldBe(0);
        running.EstimatedRunTime.ShouldBe(10);
        await home.SetAsync(run.Id, StateType.Completed);
        FlowRun done = await home.ReadAsync(run.Id);
        done.EndTime.ShouldBe(Home.Start.AddSeconds(14));
        done.TotalRunTime.ShouldBe(10);
        await home.SetAsync(run.Id, StateType.Running);
        home.Clock.Advance(TimeSpan.FromSeconds(5));
        FlowRun again = await home.ReadAsync(run.Id);
        again.EndTime.ShouldBeNull();
        again.RunCount.ShouldBe(2);
        again.StartTime.ShouldBe(Home.Start.AddSeconds(4));
        again.EstimatedRunTime.ShouldBe(15);
        (await home.Api.ListFlowRunStatesAsync(run.Id, default)).Select(state => state.Type)
            .ShouldBe([StateType.Scheduled, StateType.Pending, StateType.Running, StateType.Completed, StateType.Running]);
    }

    [Fact]
    public async Task A_repeated_transition_is_rejected_with_the_state_it_made()
    {
        await using Home home = await Home.OpenAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        Guid transition = Guid.NewGuid();
        OrchestrationResult first = await home.SetAsync(run.Id, StateType.Running, state => state with { StateDetails = new() { TransitionId = transition } });
        OrchestrationResult second = await home.SetAsync(run.Id, StateType.Running, state => state with { StateDetails = new() { TransitionId = transition } });
        first.Status.ShouldBe(SetStateStatus.Accept);
        second.Status.ShouldBe(SetStateStatus.Reject);
        second.Details.Reason.ShouldBe("This run has already made this state transition.");
        second.State!.Id.ShouldBe(first.State!.Id);
        (await home.ReadAsync(run.Id)).RunCount.ShouldBe(1);
    }

    [Fact]
    public async Task Force_skips_the_rules()
    {
        await using Home home = await Home.OpenAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        await home.SetAsync(run.Id, StateType.Cancelled);
        (await home.SetAsync(run.Id, StateType.Pending)).Status.ShouldBe(SetStateStatus.Abort);
        (await home.SetAsync(run.Id, StateType.Pending, options: new() { Force = true })).Status.ShouldBe(SetStateStatus.Accept);
        (await home.SetAsync(run.Id, StateType.Completed)).Status.ShouldBe(SetStateStatus.Accept);
        (await home.SetAsync(run.Id, StateType.Crashed, options: new() { Force = true })).State!.Type.ShouldBe(StateType.Crashed);
    }

    [Fact]
    public async Task An_unknown_run_is_not_found()
    {
        await using Home home = await Home.OpenAsync();
        Guid id = Guid.NewGuid();
        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => home.SetAsync(id, StateType.Running));
        error.Kind.ShouldBe(OrchestrationErrorKind.NotFound);
        error.Message.ShouldBe($"Flow run with id {id} not found");
    }

    [Fact]
    public async Task Beyond_the_limit_of_its_deployment_a_run_is_enqueued()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await LimitedAsync(home, "ENQUEUE");
        FlowRun first = await home.RunAsync(deployment), second = await home.RunAsync(deployment);
        OrchestrationResult claimed = await home.SetAsync(first.Id, StateType.Pending);
        claimed.Status.ShouldBe(SetStateStatus.Accept);
        claimed.State!.StateDetails.DeploymentConcurrencyLeaseId.ShouldNotBeNull();
        claimed.State.StateDetails.ScheduledTime.ShouldBe(Home.Start);

        OrchestrationResult refused = await home.SetAsync(second.Id, StateType.Pending, options: new() { Lease = TimeSpan.FromSeconds(30) });
        refused.Status.ShouldBe(SetStateStatus.Reject);
        refused.Details.Reason.ShouldBe("Deployment concurrency limit reached.");
        refused.State!.Name.ShouldBe("AwaitingConcurrencySlot");
        FlowRun waiting = await home.ReadAsync(second.Id);
        waiting.NextScheduledStartTime.ShouldBe(Home.Start.AddSeconds(30));
        waiting.ExpectedStartTime.ShouldBe(Home.Start);
        home.Sql("SELECT COUNT(*) FROM flow_run WHERE lease_expires IS NOT NULL").ShouldBe(0L);

        OrchestrationResult running = await home.SetAsync(first.Id, StateType.Running);
        running.State!.StateDetails.DeploymentConcurrencyLeaseId.ShouldBe(claimed.State.StateDetails.DeploymentConcurrencyLeaseId);
        running.State.StateDetails.ScheduledTime.ShouldBeNull();
        await home.SetAsync(first.Id, StateType.Completed);
        (await home.SetAsync(second.Id, StateType.Pending)).Status.ShouldBe(SetStateStatus.Accept);
    }

    [Fact]
    public async Task Beyond_the_limit_a_new_run_is_cancelled_where_the_deployment_says_so()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await LimitedAsync(home, "CANCEL_NEW");
        FlowRun first = await home.RunAsync(deployment), second = await home.RunAsync(deployment);
        await home.SetAsync(first.Id, StateType.Pending);
        OrchestrationResult refused = await home.SetAsync(second.Id, StateType.Pending);
        refused.Status.ShouldBe(SetStateStatus.Reject);
        refused.State!.Type.ShouldBe(StateType.Cancelled);
    }

    [Fact]
    public async Task A_claimed_run_that_does_not_start_gives_its_slot_back_after_the_grace()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await LimitedAsync(home, "ENQUEUE");
        FlowRun first = await home.RunAsync(deployment), second = await home.RunAsync(deployment);
        await home.SetAsync(first.Id, StateType.Pending);
        home.Clock.Advance(TimeSpan.FromSeconds(300));
        (await home.SetAsync(second.Id, StateType.Pending)).Status.ShouldBe(SetStateStatus.Accept);
        OrchestrationResult tooLate = await home.SetAsync(first.Id, StateType.Running);
        tooLate.Status.ShouldBe(SetStateStatus.Reject);
        tooLate.State!.Type.ShouldBe(StateType.Cancelled);
    }

    [Fact]
    public async Task With_a_deployment_an_ended_run_can_be_scheduled_again()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await home.DeployAsync();
        foreach (StateType end in new[] { StateType.Completed, StateType.Failed, StateType.Crashed, StateType.Cancelled })
        {
            FlowRun run = await home.RunAsync(deployment);
            await home.SetAsync(run.Id, StateType.Running);
            await home.SetAsync(run.Id, end);
            (await home.SetAsync(run.Id, StateType.Scheduled)).Status.ShouldBe(SetStateStatus.Accept);
            FlowRun again = await home.ReadAsync(run.Id);
            again.EmpiricalPolicy.RetryType.ShouldBe("reschedule");
            again.EndTime.ShouldBeNull();
            (await home.SetAsync(run.Id, StateType.Pending)).Status.ShouldBe(SetStateStatus.Accept);
        }
    }

    [Fact]
    public async Task A_kept_result_is_not_lost_by_running_again()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await home.DeployAsync();
        foreach ((string data, SetStateStatus expected) in new[]
        {
            ("""{"type":"reference","storage_key":"k"}""", SetStateStatus.Reject),
            ("""{"type":"inline","value":1}""", SetStateStatus.Reject),
            ("""{"type":"unpersisted"}""", SetStateStatus.Accept),
        })
        {
            FlowRun run = await home.RunAsync(deployment);
            await home.SetAsync(run.Id, StateType.Running);
            await home.SetAsync(run.Id, StateType.Completed, state => state with { Data = JsonElement.Parse(data) });
            (await home.ReadAsync(run.Id)).State!.Data!.Value.GetRawText().ShouldBe(data);
            (await home.SetAsync(run.Id, StateType.Running)).Status.ShouldBe(expected);
        }
    }

    [Fact]
    public async Task A_worker_reports_its_progress_by_names_of_pending()
    {
        await using Home home = await Home.OpenAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        await home.SetAsync(run.Id, StateType.Pending);
        (await home.SetAsync(run.Id, StateType.Pending)).Status.ShouldBe(SetStateStatus.Abort);
        (await home.SetAsync(run.Id, StateType.Pending, state => state with { Name = "Submitting" })).Status.ShouldBe(SetStateStatus.Accept);
        (await home.SetAsync(run.Id, StateType.Pending, state => state with { Name = "Submitting" })).Status.ShouldBe(SetStateStatus.Abort);
        (await home.ReadAsync(run.Id)).StateName.ShouldBe("Submitting");
    }

    [Fact]
    public async Task A_run_that_started_early_waits_exactly_until_it_is_due()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await home.DeployAsync();
        FlowRun run = await home.Api.CreateDeploymentRunAsync(deployment.Id, new()
        {
            State = new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = Home.Start.AddSeconds(1.75) } },
        }, default);
        await home.SetAsync(run.Id, StateType.Pending);
        await home.SetAsync(run.Id, StateType.Pending, state => state with { Name = "Submitting" });
        OrchestrationResult early = await home.SetAsync(run.Id, StateType.Running);
        early.Status.ShouldBe(SetStateStatus.Wait);
        early.Details.DelaySeconds.ShouldBe(2); // whole seconds, as its type says
        home.Clock.Advance(TimeSpan.FromSeconds(1.75));
        (await home.SetAsync(run.Id, StateType.Running)).Status.ShouldBe(SetStateStatus.Accept);
    }

    [Fact]
    public async Task A_scheduled_run_that_has_infrastructure_is_cancelled_by_its_worker()
    {
        await using Home home = await Home.OpenAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        await home.Api.UpdateFlowRunAsync(run.Id, new() { InfrastructurePid = "host:1" }, default);
        (await home.SetAsync(run.Id, StateType.Cancelling)).Status.ShouldBe(SetStateStatus.Accept);
        (await home.SetAsync(run.Id, StateType.Completed)).Details.Reason.ShouldBe("Cannot transition flows that are cancelling to a state other than Cancelled.");
    }

    private static Task<Deployment> LimitedAsync(Home home, string strategy) => home.DeployAsync("limited", change: create => create with
    {
        ConcurrencyLimit = 1,
        ConcurrencyOptions = new() { CollisionStrategy = strategy },
    });
}

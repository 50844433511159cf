namespace Sluice.Orchestration.Tests.Contract;

public sealed class StateContract(ApiDoors doors) : ContractTest(doors)
{
    [Theory, AllDoors]
    public async Task A_run_goes_its_way_and_its_states_are_kept_in_order(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        FlowRun run = await NewRunAsync(api, (await NewDeploymentAsync(api)).Id);

        await AcceptAsync(api, run.Id, StateType.Pending);
        State running = (await AcceptAsync(api, run.Id, StateType.Running)).State.ShouldNotBeNull();
        running.Name.ShouldBe("Running");
        running.StateDetails.FlowRunId.ShouldBe(run.Id);
        State completed = (await AcceptAsync(api, run.Id, StateType.Completed, state => state with { Name = "Done", Message = "all fine", Data = Json("""{"type":"inline","value":{"città":[1,2.50]}}""") })).State.ShouldNotBeNull();

        FlowRun read = (await api.ReadFlowRunAsync(run.Id, Cancel)).ShouldNotBeNull();
        read.StateType.ShouldBe(StateType.Completed);
        read.StateName.ShouldBe("Done");
        read.StateId.ShouldBe(completed.Id);
        read.State.ShouldNotBeNull().Message.ShouldBe("all fine");
        read.State.Data.ShouldNotBeNull().GetProperty("value").GetProperty("città")[1].GetDouble().ShouldBe(2.5);
        read.RunCount.ShouldBe(1);
        read.StartTime.ShouldNotBeNull().ShouldBe(running.Timestamp, TimeSpan.FromSeconds(1));
        read.EndTime.ShouldNotBeNull().ShouldBe(completed.Timestamp, TimeSpan.FromSeconds(1));
        read.TotalRunTime.ShouldBeGreaterThanOrEqualTo(0);

        var states = await api.ListFlowRunStatesAsync(run.Id, Cancel);
        states.Select(state => state.Type).ShouldBe([StateType.Scheduled, StateType.Pending, StateType.Running, StateType.Completed]);
        states.Select(state => state.Timestamp).ShouldBeInOrder();
    }

    [Theory, AllDoors]
    public async Task A_run_that_is_not_due_waits(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment deployment = await NewDeploymentAsync(api);
        StateCreate later = new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = DateTimeOffset.UtcNow.AddMinutes(10) } };
        FlowRun run = await api.CreateDeploymentRunAsync(deployment.Id, new() { State = later }, Cancel);
        await AcceptAsync(api, run.Id, StateType.Pending);

        OrchestrationResult result = await ProposeAsync(api, run.Id, StateType.Running);

        result.Status.ShouldBe(SetStateStatus.Wait);
        result.Details.Type.ShouldBe("wait_details");
        result.Details.DelaySeconds.ShouldNotBeNull().ShouldBeInRange(300, 600);
        (await api.ReadFlowRunAsync(run.Id, Cancel)).ShouldNotBeNull().StateType.ShouldBe(StateType.Pending);
    }

    [Theory, AllDoors]
    public async Task A_run_is_claimed_once(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        FlowRun run = await NewRunAsync(api, (await NewDeploymentAsync(api)).Id);

        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ProposeAsync(api, run.Id, StateType.Pending)));

        claims.Count(claim => claim.Status == SetStateStatus.Accept).ShouldBe(1);
        claims.Count(claim => claim.Status == SetStateStatus.Abort).ShouldBe(7);
        claims.First(claim => claim.Status == SetStateStatus.Abort).Details.Reason.ShouldBe("This run is in a PENDING state and cannot transition to a PENDING state.");
    }

    [Theory, AllDoors]
    public async Task Cancelling_a_run_that_has_not_started_cancels_it(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        FlowRun run = await NewRunAsync(api, (await NewDeploymentAsync(api)).Id);

        OrchestrationResult result = await ProposeAsync(api, run.Id, StateType.Cancelling);

        result.Status.ShouldBe(SetStateStatus.Reject);
        result.State.ShouldNotBeNull().Type.ShouldBe(StateType.Cancelled);
        (await api.ReadFlowRunAsync(run.Id, Cancel)).ShouldNotBeNull().StateType.ShouldBe(StateType.Cancelled);
    }

    [Theory, AllDoors]
    public async Task A_run_that_is_being_cancelled_can_only_become_cancelled(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        FlowRun run = await NewRunAsync(api, (await NewDeploymentAsync(api)).Id);
        await AcceptAsync(api, run.Id, StateType.Pending);
        await AcceptAsync(api, run.Id, StateType.Running);
        await AcceptAsync(api, run.Id, StateType.Cancelling);

        OrchestrationResult completed = await ProposeAsync(api, run.Id, StateType.Completed);
        completed.Status.ShouldBe(SetStateStatus.Reject);
        completed.State.ShouldNotBeNull().Type.ShouldBe(StateType.Cancelling);
        await AcceptAsync(api, run.Id, StateType.Cancelled);
    }

    [Theory, AllDoors]
    public async Task A_repeated_transition_is_rejected(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        FlowRun run = await NewRunAsync(api, (await NewDeploymentAsync(api)).Id);
        await AcceptAsync(api, run.Id, StateType.Pending);
        StateDetails transition = new() { TransitionId = Guid.NewGuid() };
        OrchestrationResult first = await AcceptAsync(api, run.Id, StateType.Running, state => state with { StateDetails = transition });

        OrchestrationResult second = await ProposeAsync(api, run.Id, StateType.Running, state => state with { StateDetails = transition });

        second.Status.ShouldBe(SetStateStatus.Reject);
        second.State.ShouldNotBeNull().Id.ShouldBe(first.State!.Id);
        (await api.ReadFlowRunAsync(run.Id, Cancel)).ShouldNotBeNull().RunCount.ShouldBe(1);
    }

    [Theory, AllDoors]
    public async Task A_failed_run_with_retries_left_awaits_its_retry(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        FlowRun run = await NewRunAsync(api, (await NewDeploymentAsync(api)).Id);
        await api.UpdateFlowRunAsync(run.Id, new() { EmpiricalPolicy = new() { Retries = 1, RetryDelay = 0 } }, Cancel);
        await AcceptAsync(api, run.Id, StateType.Pending);
        await AcceptAsync(api, run.Id, StateType.Running);

        OrchestrationResult failed = await ProposeAsync(api, run.Id, StateType.Failed);
        failed.Status.ShouldBe(SetStateStatus.Reject);
        failed.State.ShouldNotBeNull().Type.ShouldBe(StateType.Scheduled);
        failed.State.Name.ShouldBe("AwaitingRetry");

        await AcceptAsync(api, run.Id, StateType.Running, state => state with { Name = "Retrying" });
        await AcceptAsync(api, run.Id, StateType.Failed);
        FlowRun read = (await api.ReadFlowRunAsync(run.Id, Cancel)).ShouldNotBeNull();
        read.RunCount.ShouldBe(2);
        read.StateType.ShouldBe(StateType.Failed);
    }

    [Theory, AllDoors]
    public async Task Force_skips_the_rules(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        FlowRun run = await NewRunAsync(api, (await NewDeploymentAsync(api)).Id);
        await AcceptAsync(api, run.Id, StateType.Pending);
        await AcceptAsync(api, run.Id, StateType.Completed);

        (await ProposeAsync(api, run.Id, StateType.Crashed)).Status.ShouldBe(SetStateStatus.Abort);
        (await api.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Crashed }, new() { Force = true }, Cancel)).Status.ShouldBe(SetStateStatus.Accept);
        (await api.ReadFlowRunAsync(run.Id, Cancel)).ShouldNotBeNull().StateType.ShouldBe(StateType.Crashed);
    }

    [Theory, AllDoors]
    public async Task A_run_beyond_the_deployments_limit_awaits_a_slot(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment deployment = await NewDeploymentAsync(api, create => create with { ConcurrencyLimit = 1 });
        FlowRun first = await NewRunAsync(api, deployment.Id);
        FlowRun second = await NewRunAsync(api, deployment.Id);
        await AcceptAsync(api, first.Id, StateType.Pending);

        OrchestrationResult full = await ProposeAsync(api, second.Id, StateType.Pending);
        full.Status.ShouldBe(SetStateStatus.Reject);
        full.State.ShouldNotBeNull().Name.ShouldBe("AwaitingConcurrencySlot");
        full.State.StateDetails.ScheduledTime.ShouldNotBeNull().ShouldBeGreaterThan(DateTimeOffset.UtcNow);

        await AcceptAsync(api, first.Id, StateType.Running);
        await AcceptAsync(api, first.Id, StateType.Completed);
        await AcceptAsync(api, second.Id, StateType.Pending);
    }

    [Theory, AllDoors]
    public async Task A_state_of_an_unknown_run_is_not_found(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        await FailsAsync(OrchestrationErrorKind.NotFound, () => ProposeAsync(api, Guid.NewGuid(), StateType.Running));
    }
}

using Sluice.Orchestration;
using Sluice.Server.Store;

namespace Sluice.Server.Tests;

/// <summary>The slots of a deployment's concurrency limit and their leases.</summary>
public sealed class SlotTests
{
    private static readonly SetStateOptions _renewing = new() { RenewsConcurrencyLease = true };

    [Fact]
    public async Task A_client_that_renews_its_lease_keeps_the_slot_and_loses_it_when_it_stops()
    {
        await using Home home = await Home.OpenAsync();
        (FlowRun first, FlowRun second, Guid lease) = await StartFirstAsync(home, _renewing);
        home.Clock.Advance(TimeSpan.FromSeconds(299));
        (await home.Api.RenewSlotsAsync(lease, TimeSpan.FromSeconds(60), default)).ShouldBeTrue();
        home.Clock.Advance(TimeSpan.FromSeconds(59));
        (await home.SetAsync(second.Id, StateType.Pending)).State!.Name.ShouldBe("AwaitingConcurrencySlot");
        home.Clock.Advance(TimeSpan.FromSeconds(1));
        (await home.Api.RenewSlotsAsync(lease, TimeSpan.FromSeconds(60), default)).ShouldBeFalse();
        (await home.SetAsync(second.Id, StateType.Pending)).Status.ShouldBe(SetStateStatus.Accept);
        (await home.SetAsync(first.Id, StateType.Completed)).Status.ShouldBe(SetStateStatus.Accept);
    }

    [Fact]
    public async Task For_a_client_that_does_not_renew_the_slot_is_held_until_its_run_leaves_running()
    {
        await using Home home = await Home.OpenAsync();
        (FlowRun first, FlowRun second, Guid lease) = await StartFirstAsync(home, default);
        (await home.Api.RenewSlotsAsync(lease, TimeSpan.FromSeconds(60), default)).ShouldBeFalse(); // revoked
        home.Clock.Advance(TimeSpan.FromDays(1));
        (await home.SetAsync(second.Id, StateType.Pending)).State!.Name.ShouldBe("AwaitingConcurrencySlot");
        await home.SetAsync(first.Id, StateType.Completed);
        (await home.SetAsync(second.Id, StateType.Pending)).Status.ShouldBe(SetStateStatus.Accept);
    }

    [Fact]
    public async Task A_slot_that_ran_out_before_the_start_is_taken_again_where_it_is_free()
    {
        await using Home home = await Home.OpenAsync();
        FlowRun run = await home.RunAsync(await LimitedAsync(home));
        OrchestrationResult claimed = await home.SetAsync(run.Id, StateType.Pending);
        home.Clock.Advance(TimeSpan.FromSeconds(61));
        OrchestrationResult running = await home.SetAsync(run.Id, StateType.Running, options: _renewing);
        running.Status.ShouldBe(SetStateStatus.Accept);
        Guid lease = running.State!.StateDetails.DeploymentConcurrencyLeaseId!.Value;
        lease.ShouldNotBe(claimed.State!.StateDetails.DeploymentConcurrencyLeaseId!.Value);
        (await home.Api.RenewSlotsAsync(lease, TimeSpan.FromSeconds(60), default)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_grace_of_the_deployment_is_how_long_a_claim_holds_its_slot()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await LimitedAsync(home);
        FlowRun first = await home.RunAsync(deployment), second = await home.RunAsync(deployment);
        await home.SetAsync(first.Id, StateType.Pending);
        home.Clock.Advance(TimeSpan.FromSeconds(59));
        (await home.SetAsync(second.Id, StateType.Pending)).Status.ShouldBe(SetStateStatus.Reject);
        home.Clock.Advance(TimeSpan.FromSeconds(1));
        (await home.SetAsync(second.Id, StateType.Pending)).Status.ShouldBe(SetStateStatus.Accept);
        OrchestrationResult tooLate = await home.SetAsync(first.Id, StateType.Running);
        (tooLate.Status, tooLate.State!.Type, tooLate.Details.Reason).ShouldBe((SetStateStatus.Reject, StateType.Cancelled, "Deployment concurrency limit reached after lease expiry."));
    }

    [Fact]
    public async Task A_run_that_ends_in_any_way_gives_its_slot_back()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await LimitedAsync(home);
        foreach (StateType end in new[] { StateType.Completed, StateType.Failed, StateType.Crashed, StateType.Cancelled, StateType.Scheduled, StateType.Paused })
        {
            FlowRun run = await home.RunAsync(deployment);
            (await home.SetAsync(run.Id, StateType.Pending)).Status.ShouldBe(SetStateStatus.Accept, $"before {end}");
            await home.SetAsync(run.Id, StateType.Running, options: _renewing);
            (await home.Api.Read(scope => Slots.Taken(scope, deployment.Id), default)).ShouldBe(1);
            (await home.SetAsync(run.Id, end)).Status.ShouldBe(SetStateStatus.Accept);
            (await home.Api.Read(scope => Slots.Taken(scope, deployment.Id), default)).ShouldBe(0);
        }
        home.Sql("SELECT COUNT(*) FROM flow_run WHERE slot_lease IS NOT NULL OR slot_expires IS NOT NULL").ShouldBe(0L);
    }

    [Fact]
    public async Task A_limit_that_comes_while_a_run_is_pending_gives_it_a_slot_that_holds()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await home.DeployAsync();
        FlowRun first = await home.RunAsync(deployment), second = await home.RunAsync(deployment);
        await home.SetAsync(first.Id, StateType.Pending);
        await home.Api.UpdateDeploymentAsync(deployment.Id, new() { ConcurrencyLimit = 1 }, default);
        (await home.SetAsync(first.Id, StateType.Running, options: _renewing)).State!.StateDetails.DeploymentConcurrencyLeaseId.ShouldBeNull();
        home.Clock.Advance(TimeSpan.FromDays(1));
        (await home.SetAsync(second.Id, StateType.Pending)).State!.Name.ShouldBe("AwaitingConcurrencySlot"); // there was nothing that it could renew
        await home.SetAsync(first.Id, StateType.Completed);
        home.Clock.Advance(TimeSpan.FromMinutes(1));
        (await home.SetAsync(second.Id, StateType.Pending)).Status.ShouldBe(SetStateStatus.Accept);
    }

    private static async Task<(FlowRun First, FlowRun Second, Guid Lease)> StartFirstAsync(Home home, SetStateOptions options)
    {
        Deployment deployment = await home.DeployAsync("limited", change: create => create with { ConcurrencyLimit = 1 });
        FlowRun first = await home.RunAsync(deployment), second = await home.RunAsync(deployment);
        await home.SetAsync(first.Id, StateType.Pending);
        OrchestrationResult running = await home.SetAsync(first.Id, StateType.Running, options: options);
        return (first, second, running.State!.StateDetails.DeploymentConcurrencyLeaseId!.Value);
    }

    private static Task<Deployment> LimitedAsync(Home home) => home.DeployAsync("limited", change: create => create with
    {
        ConcurrencyLimit = 1,
        ConcurrencyOptions = new() { CollisionStrategy = "ENQUEUE", GracePeriodSeconds = 60 },
    });
}

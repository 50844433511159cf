using System.Diagnostics;

namespace Sluice.Orchestration.Tests.Contract;

public sealed class ExtensionContract(ApiDoors doors) : ContractTest(doors)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Theory, MemberData(nameof(ApiDoors.Sluice), MemberType = typeof(ApiDoors))]
    public async Task Our_API_says_what_it_is(string door)
    {
        ApiInfo info = await (await OpenAsync(door)).GetInfoAsync(Cancel);
        info.Product.ShouldBe("sluice");
        info.IsSluice.ShouldBeTrue();
        info.Version.ShouldMatch(@"^\d+\.\d+\.\d+");
        info.Location.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData(ApiDoors.Prefect3, "3.8.3")]
    [InlineData(ApiDoors.Prefect2, "2.10.21")]
    public async Task A_server_without_our_routes_is_a_Prefect_server(string door, string version)
    {
        ApiInfo info = await (await OpenAsync(door)).GetInfoAsync(Cancel);
        info.Product.ShouldBe("prefect");
        info.Version.ShouldBe(version);
        info.IsPrefect2.ShouldBe(door == ApiDoors.Prefect2);
        info.Change.ShouldBe(0);
    }

    [Theory, MemberData(nameof(ApiDoors.Sluice), MemberType = typeof(ApiDoors))]
    public async Task A_change_wakes_who_waits(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        await NewFlowAsync(api);
        long now = (await api.GetInfoAsync(Cancel)).Change;
        now.ShouldBeGreaterThan(0);
        (await api.WaitForChangeAsync(now - 1, Bound, Cancel)).ShouldBeGreaterThanOrEqualTo(now, "what was missed is told at once");

        Task<long> waiting = api.WaitForChangeAsync((await api.GetInfoAsync(Cancel)).Change, TimeSpan.FromMinutes(5), Cancel);
        await NewFlowAsync(api);
        (await waiting.WaitAsync(Bound, Cancel)).ShouldBeGreaterThan(now);
    }

    [Theory, AllDoors]
    public async Task Waiting_for_a_change_ends_with_its_time_or_its_token(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Stopwatch watch = Stopwatch.StartNew();
        await api.WaitForChangeAsync(long.MaxValue - 1, TimeSpan.FromMilliseconds(50), Cancel).WaitAsync(Bound, Cancel);

        using CancellationTokenSource stop = new();
        Task<long> waiting = api.WaitForChangeAsync(long.MaxValue - 1, TimeSpan.FromMinutes(5), stop.Token);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting.WaitAsync(Bound, Cancel));
        watch.Elapsed.ShouldBeLessThan(Bound);
    }

    [Theory, AllDoors]
    public async Task Leases_of_unknown_and_ended_runs_are_passed_over(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        FlowRun run = await NewRunAsync(api, (await NewDeploymentAsync(api)).Id);
        OrchestrationResult claim = await api.SetFlowRunStateAsync(run.Id, new() { Type = StateType.Pending }, new() { Lease = TimeSpan.FromSeconds(30) }, Cancel);
        claim.Status.ShouldBe(SetStateStatus.Accept);
        await api.RenewLeasesAsync([run.Id, new(run.Id, Guid.NewGuid()), Guid.NewGuid(), new(Guid.NewGuid(), Guid.NewGuid())], TimeSpan.FromSeconds(30), Cancel);
        await AcceptAsync(api, run.Id, StateType.Completed);

        await api.RenewLeasesAsync([run.Id], TimeSpan.FromSeconds(30), Cancel);
        await api.RenewLeasesAsync([], TimeSpan.FromSeconds(30), Cancel);

        (await api.ReadFlowRunAsync(run.Id, Cancel)).ShouldNotBeNull().StateType.ShouldBe(StateType.Completed);
    }

    [Theory, AllDoors]
    public async Task Events_are_taken(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        FlowRun run = await NewRunAsync(api, (await NewDeploymentAsync(api)).Id);
        await api.CreateEventsAsync([new()
        {
            Id = Guid.NewGuid(), Event = "prefect.flow-run.heartbeat", Occurred = DateTimeOffset.UtcNow,
            Resource = new Dictionary<string, string> { ["prefect.resource.id"] = $"prefect.flow-run.{run.Id}" },
        }], Cancel);
        (await api.ReadFlowRunAsync(run.Id, Cancel)).ShouldNotBeNull().StateType.ShouldBe(StateType.Scheduled);
    }
}

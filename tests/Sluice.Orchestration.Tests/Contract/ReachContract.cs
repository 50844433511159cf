using Sluice.Orchestration.Http;
using Sluice.Orchestration.Tests.Http;

namespace Sluice.Orchestration.Tests.Contract;

/// <summary>What workers can reach: our own servers know it, a Prefect server is never told.</summary>
public sealed class ReachContract(ApiDoors doors) : ContractTest(doors)
{
    [Theory, MemberData(nameof(ApiDoors.Sluice), MemberType = typeof(ApiDoors))]
    public async Task A_worker_says_what_it_can_reach(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string pool = (await NewPoolAsync(api)).Name;
        await api.HeartbeatWorkerAsync(pool, new() { Name = "w", Labels = ["laptop", "s3-flow-storage"] }, Cancel);
        await api.HeartbeatWorkerAsync(pool, new() { Name = "old" }, Cancel);
        IReadOnlyList<WorkerInfo> workers = await api.ListWorkersAsync(pool, Cancel);
        workers.Single(worker => worker.Name == "w").Labels.ShouldBe(["laptop", "s3-flow-storage"]);
        workers.Single(worker => worker.Name == "old").Labels.ShouldBeNull();

        await api.HeartbeatWorkerAsync(pool, new() { Name = "w", Labels = ["server"] }, Cancel);
        (await api.ListWorkersAsync(pool, Cancel)).Single(worker => worker.Name == "w").Labels.ShouldBe(["server"]);
    }

    [Theory, MemberData(nameof(ApiDoors.Sluice), MemberType = typeof(ApiDoors))]
    public async Task Runs_that_a_worker_cannot_reach_do_not_take_the_place_of_others(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment far = await NewDeploymentAsync(api);
        Deployment near = await NewDeploymentAsync(api, deployment => deployment with { WorkPoolName = far.WorkPoolName });
        await api.UpdateWorkPoolAsync(far.WorkPoolName!, new() { ConcurrencyLimit = 1 }, Cancel);
        FlowRun first = await NewRunAsync(api, far.Id), second = await NewRunAsync(api, near.Id);
        async Task<Guid> DueAsync(IReadOnlyList<Guid>? without) => (await api.GetScheduledFlowRunsAsync(
            far.WorkPoolName!, new() { ScheduledBefore = DateTimeOffset.UtcNow.AddSeconds(10), WithoutDeployments = without }, Cancel)).ShouldHaveSingleItem().FlowRun.Id;

        (await DueAsync(null)).ShouldBe(first.Id);
        (await DueAsync([])).ShouldBe(first.Id);
        (await DueAsync([far.Id])).ShouldBe(second.Id);
    }

    [Fact]
    public async Task A_Prefect_server_is_not_told()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync((http, _) => http.Request.Path.Value switch
        {
            "/api/sluice/info" => ScriptedServer.JsonAsync(http, 404, "{}"),
            "/api/admin/version" => ScriptedServer.JsonAsync(http, 200, "\"3.8.3\""),
            "/api/work_pools/p/workers/heartbeat" => ScriptedServer.JsonAsync(http, 204, ""),
            _ => ScriptedServer.JsonAsync(http, 200, "[]"),
        }, version: null);
        await using var api = new HttpOrchestrationApi(server.Endpoint);
        await api.HeartbeatWorkerAsync("p", new() { Name = "w", HeartbeatIntervalSeconds = 30, Labels = ["laptop"] }, Cancel);
        await api.GetScheduledFlowRunsAsync("p", new() { WithoutDeployments = [Guid.NewGuid()] }, Cancel);
        server.Requests.Where(request => request.Method == "POST").Select(request => request.Body).ShouldBe(["""{"name":"w","heartbeat_interval_seconds":30}""", "{}"]);
    }
}

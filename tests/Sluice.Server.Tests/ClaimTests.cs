using Sluice.Orchestration;
using Sluice.Server.Store;
using Sluice.Server.Tasks;
using Sluice.Testing;

namespace Sluice.Server.Tests;

public sealed class ClaimTests
{
    private const string Pool = "default-agent-pool";

    [Fact]
    public async Task Eight_processes_claim_each_run_once()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await home.DeployAsync();
        var runs = new List<Guid>();
        for (int i = 0; i < 200; i++)
            runs.Add((await home.RunAsync(deployment)).Id);
        ProgramRun[] workers = [.. Enumerable.Range(0, 8).Select(_ => ProgramRun.Start(Child.Program, ["child", "claim", home.Where.Root]))];
        var claimed = new List<Guid>();
        foreach (ProgramRun worker in workers)
        {
            (await worker.WaitForExitAsync(TimeSpan.FromMinutes(2))).ShouldBe(0, worker.Error);
            claimed.AddRange(worker.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Guid.Parse));
            await worker.DisposeAsync();
        }
        claimed.Order().ShouldBe(runs.Order());
    }

    [Fact]
    public async Task Runs_come_by_queue_priority_then_by_due_time()
    {
        await using Home home = await Home.OpenAsync();
        await home.Api.CreateWorkPoolAsync(new() { Name = "p" }, default);
        await home.Api.CreateWorkQueueAsync("p", new() { Name = "second" }, default);
        await home.Api.CreateWorkQueueAsync("p", new() { Name = "first", Priority = 1 }, default);
        Deployment one = await home.DeployAsync("one", change: create => create with { WorkPoolName = "p", WorkQueueName = "first" });
        Deployment two = await home.DeployAsync("two", change: create => create with { WorkPoolName = "p", WorkQueueName = "second" });
        foreach ((Deployment deployment, int minute) in new[] { (two, 7), (one, 9), (two, 30), (two, 1), (one, 5) })
            await RunAtAsync(home, deployment, minute);
        IReadOnlyList<WorkerFlowRun> due = await home.Api.GetScheduledFlowRunsAsync("p", new() { ScheduledBefore = Home.Start.AddMinutes(10) }, default);
        due.Select(run => run.FlowRun.ExpectedStartTime!.Value.Minute).ShouldBe([5, 9, 1, 7]);
        due = await home.Api.GetScheduledFlowRunsAsync("p", new() { WorkQueueNames = ["second"], Limit = 1 }, default);
        due.Single().FlowRun.ExpectedStartTime!.Value.Minute.ShouldBe(1);
    }

    [Fact]
    public async Task Limits_and_pauses_hold_runs_back()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await home.DeployAsync();
        FlowRun[] runs = [await home.RunAsync(deployment), await home.RunAsync(deployment), await home.RunAsync(deployment)];
        await home.Api.UpdateWorkQueueAsync(Pool, "default", new() { ConcurrencyLimit = 2 }, default);
        (await DueAsync(home)).ShouldBe(2);
        await home.SetAsync(runs[0].Id, StateType.Pending);
        (await DueAsync(home)).ShouldBe(1);
        await home.Api.UpdateWorkPoolAsync(Pool, new() { ConcurrencyLimit = 1 }, default);
        (await DueAsync(home)).ShouldBe(0);
        await home.SetAsync(runs[0].Id, StateType.Completed);
        (await DueAsync(home)).ShouldBe(1);
        await home.Api.UpdateWorkQueueAsync(Pool, "default", new() { IsPaused = true }, default);
        (await DueAsync(home)).ShouldBe(0);
        await home.Api.UpdateWorkQueueAsync(Pool, "default", new() { IsPaused = false }, default);
        await home.Api.UpdateWorkPoolAsync(Pool, new() { IsPaused = true }, default);
        (await DueAsync(home)).ShouldBe(0);
    }

    [Fact]
    public async Task A_run_that_its_own_process_retries_is_hidden_from_workers()
    {
        await using Home home = await Home.OpenAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        await home.Api.UpdateFlowRunAsync(run.Id, new() { EmpiricalPolicy = new() { Retries = 1 } }, default);
        await home.SetAsync(run.Id, StateType.Pending);
        await home.SetAsync(run.Id, StateType.Running);
        await home.SetAsync(run.Id, StateType.Failed);
        (await DueAsync(home)).ShouldBe(0);
        await home.SetAsync(run.Id, StateType.Running);
        await home.SetAsync(run.Id, StateType.Failed);
        (await home.SetAsync(run.Id, StateType.Scheduled)).Status.ShouldBe(SetStateStatus.Accept); // a person runs it again
        (await DueAsync(home)).ShouldBe(1);
    }

    [Fact]
    public async Task Looking_marks_queue_and_deployment_ready_for_a_minute_with_one_write()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await home.DeployAsync();
        deployment.Status.ShouldBe("NOT_READY");
        long change = (await home.Api.GetInfoAsync(default)).Change;
        await DueAsync(home);
        home.Clock.Advance(TimeSpan.FromSeconds(60));
        (await home.Api.ReadDeploymentAsync(deployment.Id, default))!.Status.ShouldBe("READY");
        (await home.Api.FindWorkQueueAsync(Pool, "default", default))!.Status.ShouldBe("READY");
        home.Clock.Advance(TimeSpan.FromSeconds(1));
        (await home.Api.ReadDeploymentAsync(deployment.Id, default))!.Status.ShouldBe("NOT_READY");
        (await home.Api.GetInfoAsync(default)).Change.ShouldBe(change); // nobody is woken by it
    }

    [Fact]
    public async Task A_worker_is_online_for_three_of_its_intervals()
    {
        await using Home home = await Home.OpenAsync();
        await home.Api.CreateWorkPoolAsync(new() { Name = "p" }, default);
        await home.Api.HeartbeatWorkerAsync("p", new() { Name = "w", HeartbeatIntervalSeconds = 10 }, default);
        (await home.Api.FindWorkPoolAsync("p", default))!.Status.ShouldBe("READY");
        home.Clock.Advance(TimeSpan.FromSeconds(30));
        (await home.Api.ListWorkersAsync("p", default)).Single().Status.ShouldBe("ONLINE");
        home.Clock.Advance(TimeSpan.FromSeconds(1));
        (await home.Api.ListWorkersAsync("p", default)).Single().Status.ShouldBe("OFFLINE");
        (await home.Api.FindWorkPoolAsync("p", default))!.Status.ShouldBe("NOT_READY");
    }

    public static TheoryData<string, string> Plans => new()
    {
        { "claim", "flow_run_claim" },
        { "slots of a deployment", "flow_run_deployment_active" },
        { "active in a queue", "flow_run_queue_active" },
        { "run by key", "sqlite_autoindex_flow_run_2" },
        { "flow by name", "sqlite_autoindex_flow_2" },
        { "deployment by name", "sqlite_autoindex_deployment_2" },
        { "refill", "deployment_refill" },
        { "late", "flow_run_due" },
        { "leases", "flow_run_lease" },
        { "cancelling", "flow_run_cancelling" },
        { "runs ahead", "flow_run_deployment_scheduled" },
        { "logs of a run", "log_run" },
        { "states of a run", "flow_run_state_run" },
        { "task runs that are subflows", "flow_run_parent" },
        { "cached results", "task_run_state_cache" },
    };

    [Theory]
    [MemberData(nameof(Plans))]
    public async Task Hot_queries_walk_one_index(string name, string index)
    {
        await using Home home = await Home.OpenAsync();
        Guid id = Guid.NewGuid();
        Sql query = name switch
        {
            "claim" => $"SELECT r.id FROM flow_run r {Claims.DueIn(id, new() { ScheduledBefore = Home.Start }, 10)}",
            "slots of a deployment" => $"SELECT COUNT(*) FROM flow_run INDEXED BY flow_run_deployment_active WHERE deployment_id = {id} AND state_type IN ('PENDING', 'RUNNING', 'CANCELLING') AND id <> {id}",
            "active in a queue" => $"SELECT COUNT(*) FROM flow_run WHERE work_queue_id = {id} AND state_type IN ('PENDING', 'RUNNING')",
            "run by key" => $"SELECT id FROM flow_run WHERE flow_id = {id} AND idempotency_key = {"k"}",
            "flow by name" => $"SELECT id FROM flow WHERE name = {"n"}",
            "deployment by name" => $"SELECT d.id FROM deployment d JOIN flow f ON f.id = d.flow_id WHERE f.name = {"n"} AND d.name = {"n"}",
            "runs ahead" => $"SELECT id FROM flow_run WHERE deployment_id = {id} AND state_type = 'SCHEDULED' AND next_scheduled_start_time >= {1}",
            "logs of a run" => $"SELECT l.id FROM log l WHERE l.flow_run_id IN ({id}) ORDER BY l.timestamp, l.seq LIMIT 200",
            "states of a run" => $"SELECT id FROM flow_run_state WHERE flow_run_id = {id} ORDER BY seq",
            "task runs that are subflows" => $"SELECT t.id FROM task_run t WHERE t.flow_run_id = {id} AND {Filters.OfTaskRuns(new() { TaskRuns = new() { SubflowRuns = new() { Exists = true } } })}",
            "cached results" => TaskRunStates.CachedQuery("key", Home.Start),
            _ => ServerServices.NextDueQuery(Home.Start),
        };
        List<string> plan = await home.Api.Read(scope => scope.Db.Query($"EXPLAIN QUERY PLAN {query}", row =>
        {
            row.Number();
            row.Number();
            row.Number();
            return row.Text();
        }), default);
        plan.ShouldContain(step => step.Contains(index), string.Join("; ", plan));
        plan.ShouldAllBe(step => !step.StartsWith("SCAN", StringComparison.Ordinal) || step.Contains("INDEX") || step.Contains("CONSTANT"));
        plan.ShouldAllBe(step => !step.Contains("TEMP B-TREE"));
    }

    private static async Task<int> DueAsync(Home home) => (await home.Api.GetScheduledFlowRunsAsync(Pool, new(), default)).Count;

    private static async Task<FlowRun> RunAtAsync(Home home, Deployment deployment, int minute) => await home.Api.CreateDeploymentRunAsync(deployment.Id, new()
    {
        State = new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = Home.Start.AddMinutes(minute) } },
    }, default);
}

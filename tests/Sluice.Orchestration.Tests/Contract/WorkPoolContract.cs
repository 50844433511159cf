namespace Sluice.Orchestration.Tests.Contract;

public sealed class WorkPoolContract(ApiDoors doors) : ContractTest(doors)
{
    [Theory, AllDoors]
    public async Task A_pool_is_created_with_its_default_queue_changed_and_deleted(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string name = Unique("Zürich? + 1");
        WorkPool made = await api.CreateWorkPoolAsync(new() { Name = name, Type = "process", Description = "d", BaseJobTemplate = Json("""{"job_configuration":{},"variables":{}}""") }, Cancel);

        made.Type.ShouldBe("process");
        made.Description.ShouldBe("d");
        made.IsPaused.ShouldBeFalse();
        made.Status.ShouldBe(await IsPrefect2Async(door, api) ? null : "NOT_READY");
        WorkQueue queue = (await api.ListWorkQueuesAsync(name, Cancel)).ShouldHaveSingleItem();
        queue.Name.ShouldBe("default");
        queue.Id.ShouldBe(made.DefaultQueueId.ShouldNotBeNull());

        await api.UpdateWorkPoolAsync(name, new() { IsPaused = true, ConcurrencyLimit = 5 }, Cancel);
        WorkPool read = (await api.FindWorkPoolAsync(name, Cancel)).ShouldNotBeNull();
        read.IsPaused.ShouldBeTrue();
        read.ConcurrencyLimit.ShouldBe(5);
        read.Description.ShouldBe("d");
        read.Status.ShouldBe(await IsPrefect2Async(door, api) ? null : "PAUSED");
        await api.UpdateWorkPoolAsync(name, new() { Description = "e" }, Cancel);
        (await api.FindWorkPoolAsync(name, Cancel)).ShouldNotBeNull().ConcurrencyLimit.ShouldBe(5, "what is not named stays");
        await api.UpdateWorkPoolAsync(name, new() { ClearConcurrencyLimit = true }, Cancel);
        WorkPool free = (await api.FindWorkPoolAsync(name, Cancel)).ShouldNotBeNull();
        (free.ConcurrencyLimit, free.IsPaused, free.Description).ShouldBe((null, true, "e"));
        read.BaseJobTemplate.GetProperty("variables").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Object);

        (await api.ListWorkPoolsAsync(new() { WorkPools = new() { Name = new() { Any = [name] } } }, Cancel)).ShouldHaveSingleItem().Id.ShouldBe(made.Id);
        (await api.DeleteWorkPoolAsync(name, Cancel)).ShouldBeTrue();
        (await api.FindWorkPoolAsync(name, Cancel)).ShouldBeNull();
    }

    [Theory, AllDoors]
    public async Task What_a_pool_cannot_be_is_refused(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        WorkPool pool = await NewPoolAsync(api);

        await FailsAsync(OrchestrationErrorKind.Conflict, () => api.CreateWorkPoolAsync(new() { Name = pool.Name, Type = "process" }, Cancel));
        await FailsAsync(OrchestrationErrorKind.Invalid, () => api.CreateWorkPoolAsync(new() { Name = "bad/name", Type = "process" }, Cancel));
        await FailsAsync(OrchestrationErrorKind.Forbidden, () => api.CreateWorkPoolAsync(new() { Name = Unique("prefect-x"), Type = "process" }, Cancel));
        (await FailsAsync(OrchestrationErrorKind.Invalid, () => api.UpdateWorkPoolAsync(pool.Name, new() { ConcurrencyLimit = -1 }, Cancel))).Field.ShouldBe("body.concurrency_limit");
        (await FailsAsync(OrchestrationErrorKind.NotFound, () => api.UpdateWorkPoolAsync("no such pool", new() { IsPaused = true }, Cancel))).Message.ShouldContain("no such pool");
        await FailsAsync(OrchestrationErrorKind.NotFound, () => api.ListWorkQueuesAsync("no such pool", Cancel));
        await FailsAsync(OrchestrationErrorKind.NotFound, () => api.CreateWorkQueueAsync("no such pool", new() { Name = "q" }, Cancel));
        await FailsAsync(OrchestrationErrorKind.NotFound, () => api.HeartbeatWorkerAsync("no such pool", new() { Name = "w" }, Cancel));
        await FailsAsync(OrchestrationErrorKind.NotFound, () => api.GetScheduledFlowRunsAsync("no such pool", new(), Cancel));
    }

    [Theory, AllDoors]
    public async Task Queues_take_the_first_free_priority_and_a_taken_one_moves_the_others_up(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string pool = (await NewPoolAsync(api)).Name;
        async Task<string[]> OrderAsync() => [.. (await api.ListWorkQueuesAsync(pool, Cancel)).Select(queue => $"{queue.Name}={queue.Priority}")];

        WorkQueue low = await api.CreateWorkQueueAsync(pool, new() { Name = "low" }, Cancel);
        low.Priority.ShouldBe(2);
        low.WorkPoolName.ShouldBe(pool);
        await api.CreateWorkQueueAsync(pool, new() { Name = "high", Priority = 1, ConcurrencyLimit = 2 }, Cancel);
        (await OrderAsync()).ShouldBe(["high=1", "default=2", "low=3"]);
        await FailsAsync(OrchestrationErrorKind.Conflict, () => api.CreateWorkQueueAsync(pool, new() { Name = "high" }, Cancel));
    }

    [Theory, AllDoors]
    public async Task A_queue_is_changed_renamed_and_deleted(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string pool = (await NewPoolAsync(api)).Name;
        WorkQueue made = await api.CreateWorkQueueAsync(pool, new() { Name = "für + etl?", Description = "d" }, Cancel);

        await api.UpdateWorkQueueAsync(pool, made.Name, new() { IsPaused = true, ConcurrencyLimit = 3 }, Cancel);
        WorkQueue read = (await api.FindWorkQueueAsync(pool, made.Name, Cancel)).ShouldNotBeNull();
        read.IsPaused.ShouldBeTrue();
        read.ConcurrencyLimit.ShouldBe(3);
        read.Description.ShouldBe("d");
        await api.UpdateWorkQueueAsync(pool, made.Name, new() { Priority = 4, ClearConcurrencyLimit = true }, Cancel);
        read = (await api.FindWorkQueueAsync(pool, made.Name, Cancel)).ShouldNotBeNull();
        (read.ConcurrencyLimit, read.Priority, read.IsPaused, read.Description).ShouldBe((null, 4, true, "d"));
        await api.UpdateWorkQueueAsync(pool, made.Name, new() { Name = "renamed" }, Cancel);
        (await api.FindWorkQueueAsync(pool, "renamed", Cancel)).ShouldNotBeNull().Id.ShouldBe(made.Id);
        (await api.DeleteWorkQueueAsync(pool, "renamed", Cancel)).ShouldBeTrue();
        (await api.FindWorkQueueAsync(pool, "renamed", Cancel)).ShouldBeNull();
        await FailsAsync(OrchestrationErrorKind.NotFound, () => api.UpdateWorkQueueAsync(pool, "renamed", new() { IsPaused = true }, Cancel));
    }

    [Theory, AllDoors]
    public async Task A_worker_that_says_so_is_online(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string pool = (await NewPoolAsync(api)).Name;

        await api.HeartbeatWorkerAsync(pool, new() { Name = "w 1", HeartbeatIntervalSeconds = 30 }, Cancel);
        await api.HeartbeatWorkerAsync(pool, new() { Name = "w 1", HeartbeatIntervalSeconds = 30 }, Cancel);
        WorkerInfo worker = (await api.ListWorkersAsync(pool, Cancel)).ShouldHaveSingleItem();

        worker.Name.ShouldBe("w 1");
        worker.Status.ShouldBe("ONLINE");
        worker.HeartbeatIntervalSeconds.ShouldBe(await IsPrefect2Async(door, api) ? null : 30);
        worker.LastHeartbeatTime.ShouldNotBeNull().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5));
        (await api.FindWorkPoolAsync(pool, Cancel)).ShouldNotBeNull().Status.ShouldBe(await IsPrefect2Async(door, api) ? null : "READY");
    }

    [Theory, AllDoors]
    public async Task Due_runs_come_by_priority_then_time_and_within_limits(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string pool = (await NewPoolAsync(api)).Name;
        await api.CreateWorkQueueAsync(pool, new() { Name = "high", Priority = 1 }, Cancel);
        Guid flow = (await NewFlowAsync(api)).Id;
        async Task<Guid> DeployAsync(string queue) => (await api.UpsertDeploymentAsync(new() { Name = queue, FlowId = flow, WorkPoolName = pool, WorkQueueName = queue }, Cancel)).Id;
        Guid normal = await DeployAsync("default");
        Guid high = await DeployAsync("high");
        DateTimeOffset now = DateTimeOffset.UtcNow;
        async Task<FlowRun> RunAsync(Guid deployment, string name, int seconds) => await api.CreateDeploymentRunAsync(
            deployment, new() { Name = name, State = new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = now.AddSeconds(seconds) } } }, Cancel);
        await RunAsync(normal, "b", -10);
        FlowRun a = await RunAsync(normal, "a", -20);
        await RunAsync(high, "h", -5);
        await RunAsync(normal, "z", 3600);
        async Task<string> DueAsync(ScheduledFlowRunsQuery query) => string.Concat((await api.GetScheduledFlowRunsAsync(pool, query, Cancel)).Select(due => due.FlowRun.Name));
        ScheduledFlowRunsQuery soon = new() { ScheduledBefore = now.AddSeconds(10) };

        (await DueAsync(soon)).ShouldBe("hab");
        (await DueAsync(soon)).ShouldBe("hab", "looking claims nothing");
        (await DueAsync(soon with { WorkQueueNames = [] })).ShouldBe("hab");
        (await DueAsync(soon with { WorkQueueNames = ["default"] })).ShouldBe("ab");
        (await DueAsync(soon with { Limit = 2 })).ShouldBe("ha");
        (await DueAsync(new() { ScheduledBefore = now.AddHours(2) })).ShouldBe("habz");
        WorkerFlowRun first = (await api.GetScheduledFlowRunsAsync(pool, soon with { Limit = 1 }, Cancel))[0];
        first.WorkPoolId.ShouldBe((await api.FindWorkPoolAsync(pool, Cancel))!.Id);
        first.WorkQueueId.ShouldBe((await api.FindWorkQueueAsync(pool, "high", Cancel))!.Id);

        await api.UpdateWorkQueueAsync(pool, "high", new() { IsPaused = true }, Cancel);
        (await DueAsync(soon)).ShouldBe("ab", "a paused queue gives nothing");
        await api.UpdateWorkQueueAsync(pool, "default", new() { ConcurrencyLimit = 1 }, Cancel);
        (await DueAsync(soon)).ShouldBe("a", "one slot is free");
        await AcceptAsync(api, a.Id, StateType.Pending);
        (await DueAsync(soon)).ShouldBe("", "the slot is taken");
        await api.UpdateWorkQueueAsync(pool, "high", new() { IsPaused = false }, Cancel);
        (await DueAsync(soon)).ShouldBe("h");
        await api.UpdateWorkPoolAsync(pool, new() { IsPaused = true }, Cancel);
        (await DueAsync(soon)).ShouldBe("");
        await api.UpdateWorkPoolAsync(pool, new() { IsPaused = false, ConcurrencyLimit = 1 }, Cancel);
        (await DueAsync(soon)).ShouldBe("", "the pool's slot is taken");
        await FailsAsync(OrchestrationErrorKind.NotFound, () => api.GetScheduledFlowRunsAsync(pool, new() { WorkQueueNames = ["zzz"] }, Cancel));
    }
}

namespace Sluice.Orchestration.Tests.Contract;

public sealed class FlowRunContract(ApiDoors doors) : ContractTest(doors)
{
    private const string Schema = """{"type":"object","properties":{"n":{"type":"integer"},"who":{"type":"string"}},"required":["n"]}""";

    [Theory, AllDoors]
    public async Task A_run_of_a_deployment_inherits_from_it(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment deployment = await NewDeploymentAsync(api, create => create with { Version = "7", Tags = ["d"], Parameters = Object("""{"n":1,"who":"x"}"""), WorkQueueName = "etl" });

        FlowRun run = await api.CreateDeploymentRunAsync(deployment.Id, new() { Parameters = Object("""{"n":2}"""), Tags = ["r"], Name = "by hand", JobVariables = Object("""{"env":{"A":"1"}}""") }, Cancel);
        FlowRun read = (await api.ReadFlowRunAsync(run.Id, Cancel)).ShouldNotBeNull();

        read.Name.ShouldBe("by hand");
        read.FlowId.ShouldBe(deployment.FlowId);
        read.DeploymentId.ShouldBe(deployment.Id);
        read.DeploymentVersion.ShouldBe("7");
        read.Parameters["n"].GetInt32().ShouldBe(2);
        read.Parameters["who"].GetString().ShouldBe("x");
        read.Tags.ShouldBe(["d", "r"], ignoreOrder: true);
        read.WorkPoolName.ShouldBe(deployment.WorkPoolName);
        read.WorkQueueName.ShouldBe("etl");
        read.WorkQueueId.ShouldBe(deployment.WorkQueueId);
        read.JobVariables.ShouldNotBeNull()["env"].GetProperty("A").GetString().ShouldBe("1");
        read.StateType.ShouldBe(StateType.Scheduled);
        read.StateName.ShouldBe("Scheduled");
        read.State.ShouldNotBeNull().StateDetails.ScheduledTime.ShouldNotBeNull().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5));
        read.StateId.ShouldBe(read.State.Id);
        read.RunCount.ShouldBe(0);
        read.StartTime.ShouldBeNull();
        read.AutoScheduled.ShouldBeFalse();
    }

    [Theory, AllDoors]
    public async Task A_run_without_a_name_gets_one(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment deployment = await NewDeploymentAsync(api);
        FlowRun first = await NewRunAsync(api, deployment.Id);
        FlowRun second = await NewRunAsync(api, deployment.Id);

        first.Name.ShouldNotBeNullOrWhiteSpace();
        second.Id.ShouldNotBe(first.Id);
    }

    [Theory, AllDoors]
    public async Task A_repeated_idempotency_key_gives_the_first_run(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment deployment = await NewDeploymentAsync(api);
        string key = Unique("key");
        FlowRun first = await api.CreateDeploymentRunAsync(deployment.Id, new() { IdempotencyKey = key, Parameters = Object("""{"n":1}""") }, Cancel);
        FlowRun second = await api.CreateDeploymentRunAsync(deployment.Id, new() { IdempotencyKey = key, Parameters = Object("""{"n":2}""") }, Cancel);

        second.Id.ShouldBe(first.Id);
        second.Parameters["n"].GetInt32().ShouldBe(1);
        second.IdempotencyKey.ShouldBe(key);
        (await api.CountFlowRunsAsync(new() { FlowRuns = new() { DeploymentId = new() { Any = [deployment.Id] } } }, Cancel)).ShouldBe(1);
    }

    [Theory, AllDoors]
    public async Task Parameters_that_do_not_fit_the_schema_are_a_conflict(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment deployment = await NewDeploymentAsync(api, create => create with { EnforceParameterSchema = true, ParameterOpenapiSchema = Json(Schema) });

        OrchestrationException wrong = await FailsAsync(OrchestrationErrorKind.Conflict, () => api.CreateDeploymentRunAsync(deployment.Id, new() { Parameters = Object("""{"n":"abc"}""") }, Cancel));
        wrong.Message.ShouldContain("n");
        await FailsAsync(OrchestrationErrorKind.Conflict, () => api.CreateDeploymentRunAsync(deployment.Id, new() { Parameters = Object("{}") }, Cancel));
        FlowRun fitting = await api.CreateDeploymentRunAsync(deployment.Id, new() { Parameters = Object("""{"n":3.0}""") }, Cancel);
        fitting.Parameters["n"].GetDouble().ShouldBe(3);
        FlowRun unchecked_ = await api.CreateDeploymentRunAsync(deployment.Id, new() { Parameters = Object("""{"n":"abc"}"""), EnforceParameterSchema = false }, Cancel);
        unchecked_.Parameters["n"].GetString().ShouldBe("abc");
        await FailsAsync(OrchestrationErrorKind.NotFound, () => api.CreateDeploymentRunAsync(Guid.NewGuid(), new(), Cancel));
    }

    [Theory, AllDoors]
    public async Task A_run_can_start_in_a_given_state_and_time(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment deployment = await NewDeploymentAsync(api);
        DateTimeOffset due = new(2099, 1, 2, 3, 4, 5, TimeSpan.Zero);

        FlowRun later = await api.CreateDeploymentRunAsync(deployment.Id, new() { State = new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = due } } }, Cancel);
        FlowRun pending = await api.CreateDeploymentRunAsync(deployment.Id, new() { State = new() { Type = StateType.Pending } }, Cancel);

        later.State.ShouldNotBeNull().StateDetails.ScheduledTime.ShouldBe(due);
        later.ExpectedStartTime.ShouldBe(due);
        later.NextScheduledStartTime.ShouldBe(due);
        pending.StateType.ShouldBe(StateType.Pending);
        pending.NextScheduledStartTime.ShouldBeNull();
    }

    [Theory, AllDoors]
    public async Task A_run_without_a_deployment_is_pending(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Flow flow = await NewFlowAsync(api);
        FlowRun run = await api.CreateFlowRunAsync(new() { FlowId = flow.Id, Parameters = Object("""{"a":[1]}"""), FlowVersion = "3", Tags = ["t"] }, Cancel);

        run.DeploymentId.ShouldBeNull();
        run.StateType.ShouldBe(StateType.Pending);
        run.FlowVersion.ShouldBe("3");
        run.Tags.ShouldBe(["t"]);
        run.Parameters["a"].GetRawText().ShouldBe("[1]");
    }

    [Theory, AllDoors]
    public async Task An_update_changes_what_it_names(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        FlowRun run = await NewRunAsync(api, (await NewDeploymentAsync(api, create => create with { Tags = ["kept"] })).Id);

        await api.UpdateFlowRunAsync(run.Id, new() { Name = "renamed", FlowVersion = "9", InfrastructurePid = "4711", EmpiricalPolicy = new() { Retries = 2, RetryDelay = 5 } }, Cancel);
        FlowRun read = (await api.ReadFlowRunAsync(run.Id, Cancel)).ShouldNotBeNull();

        read.Name.ShouldBe("renamed");
        read.FlowVersion.ShouldBe("9");
        read.InfrastructurePid.ShouldBe("4711");
        read.EmpiricalPolicy.Retries.ShouldBe(2);
        read.EmpiricalPolicy.RetryDelay.ShouldBe(5);
        read.Tags.ShouldBe(["kept"]);
        read.StateType.ShouldBe(StateType.Scheduled);
        await FailsAsync(OrchestrationErrorKind.NotFound, () => api.UpdateFlowRunAsync(Guid.NewGuid(), new() { Name = "x" }, Cancel));
    }

    [Theory, AllDoors]
    public async Task Runs_are_listed_filtered_sorted_counted_and_in_pages(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment deployment = await NewDeploymentAsync(api);
        Dictionary<string, FlowRun> runs = [];
        foreach ((string name, int year) in ((string, int)[])[("b", 2091), ("c", 2092), ("a", 2093)])
        {
            StateCreate state = new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = new(year, 1, 1, 0, 0, 0, TimeSpan.Zero) } };
            runs[name] = await api.CreateDeploymentRunAsync(deployment.Id, new() { Name = name, Tags = [name], State = state }, Cancel);
        }

        await AcceptAsync(api, runs["c"].Id, StateType.Pending);
        FlowRunFilter own = new() { DeploymentId = new() { Any = [deployment.Id] } };
        async Task<string> NamesAsync(FlowRunsQuery query)
        {
            var found = await api.ListFlowRunsAsync(query, Cancel);
            (await api.CountFlowRunsAsync(query with { Limit = null, Offset = null }, Cancel)).ShouldBeGreaterThanOrEqualTo(found.Count);
            return string.Concat(found.Select(run => run.Name));
        }

        FlowRunsQuery all = new() { Sort = "NAME_ASC", FlowRuns = own };
        (await NamesAsync(all)).ShouldBe("abc");
        (await api.CountFlowRunsAsync(all, Cancel)).ShouldBe(3);
        (await NamesAsync(all with { Sort = "NAME_DESC" })).ShouldBe("cba");
        (await NamesAsync(all with { Sort = "EXPECTED_START_TIME_ASC" })).ShouldBe("bca");
        (await NamesAsync(all with { Sort = "EXPECTED_START_TIME_DESC" })).ShouldBe("acb");
        (await NamesAsync(all with { Limit = 1, Offset = 1 })).ShouldBe("b");
        (await NamesAsync(all with { FlowRuns = own with { State = new() { Type = new() { Any = [StateType.Pending] } } } })).ShouldBe("c");
        (await NamesAsync(all with { FlowRuns = own with { State = new() { Type = new() { NotAny = [StateType.Pending] } } } })).ShouldBe("ab");
        (await NamesAsync(all with { FlowRuns = own with { State = new() { Name = new() { Any = ["Scheduled"] } } } })).ShouldBe("ab");
        (await NamesAsync(all with { FlowRuns = own with { Tags = new() { All = ["a"] } } })).ShouldBe("a");
        (await NamesAsync(all with { FlowRuns = own with { Id = new() { Any = [runs["b"].Id, runs["a"].Id] } } })).ShouldBe("ab");
        (await NamesAsync(all with { FlowRuns = own with { Id = new() { NotAny = [runs["b"].Id] } } })).ShouldBe("ac");
        (await NamesAsync(all with { FlowRuns = own with { ExpectedStartTime = new() { After = new(2091, 6, 1, 0, 0, 0, TimeSpan.Zero), Before = new(2092, 6, 1, 0, 0, 0, TimeSpan.Zero) } } })).ShouldBe("c");
        (await NamesAsync(new() { Sort = "NAME_ASC", Deployments = new() { Id = new() { Any = [deployment.Id] } } })).ShouldBe("abc");
        (await NamesAsync(new() { Sort = "NAME_ASC", Flows = new() { Id = new() { Any = [deployment.FlowId] } } })).ShouldBe("abc");
        (await NamesAsync(new() { Sort = "NAME_ASC", WorkPools = new() { Name = new() { Any = [deployment.WorkPoolName!] } } })).ShouldBe("abc");
        await FailsAsync(OrchestrationErrorKind.Invalid, () => api.ListFlowRunsAsync(new() { Sort = "BOGUS" }, Cancel));
    }

    [Theory, AllDoors]
    public async Task A_run_is_deleted(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        FlowRun run = await NewRunAsync(api, (await NewDeploymentAsync(api)).Id);

        (await api.DeleteFlowRunAsync(run.Id, Cancel)).ShouldBeTrue();
        (await api.ReadFlowRunAsync(run.Id, Cancel)).ShouldBeNull();
    }

    [Theory, AllDoors]
    public async Task A_program_that_serves_its_deployments_sees_their_due_runs(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Guid flow = (await NewFlowAsync(api)).Id;
        Deployment served = await api.UpsertDeploymentAsync(new() { Name = Unique("served"), FlowId = flow }, Cancel);
        Deployment other = await api.UpsertDeploymentAsync(new() { Name = Unique("other"), FlowId = flow }, Cancel);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        async Task<Guid> DueAsync(Deployment deployment, TimeSpan after) => (await api.CreateDeploymentRunAsync(
            deployment.Id, new() { State = new() { Type = StateType.Scheduled, StateDetails = new() { ScheduledTime = now + after } } }, Cancel)).Id;
        Guid later = await DueAsync(served, TimeSpan.FromSeconds(5));
        Guid first = await DueAsync(served, TimeSpan.FromSeconds(-5));
        await DueAsync(served, TimeSpan.FromHours(1));
        await DueAsync(other, TimeSpan.FromSeconds(-5));
        DeploymentRunsQuery due = new() { DeploymentIds = [served.Id], ScheduledBefore = now + TimeSpan.FromMinutes(1) };

        IReadOnlyList<FlowRun> runs = await api.GetScheduledRunsOfDeploymentsAsync(due, Cancel);

        runs.Select(run => run.Id).ShouldBe([first, later]);
        (await api.GetScheduledRunsOfDeploymentsAsync(due with { Limit = 1 }, Cancel)).Select(run => run.Id).ShouldBe([first]);
        await AcceptAsync(api, first, StateType.Pending);
        (await api.GetScheduledRunsOfDeploymentsAsync(due, Cancel)).Select(run => run.Id).ShouldBe([later]);
        (await api.GetScheduledRunsOfDeploymentsAsync(due with { DeploymentIds = [] }, Cancel)).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(ApiDoors.Ours), MemberType = typeof(ApiDoors))]
    public async Task A_deployment_that_a_program_serves_is_ready(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment served = await api.UpsertDeploymentAsync(new() { Name = Unique("served"), FlowId = (await NewFlowAsync(api)).Id }, Cancel);
        served.Status.ShouldBe("NOT_READY");

        await api.GetScheduledRunsOfDeploymentsAsync(new() { DeploymentIds = [served.Id] }, Cancel);

        Deployment polled = (await api.ReadDeploymentAsync(served.Id, Cancel))!;
        polled.Status.ShouldBe("READY");
        polled.LastPolled!.Value.ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5));
    }
}

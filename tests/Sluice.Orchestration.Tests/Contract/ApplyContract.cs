namespace Sluice.Orchestration.Tests.Contract;

public sealed class ApplyContract(ApiDoors doors) : ContractTest(doors)
{
    [Theory, AllDoors]
    public async Task Applying_creates_flow_queue_and_schedules_and_applying_again_updates(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        WorkPool pool = await NewPoolAsync(api);
        DeploymentApply apply = new()
        {
            FlowName = Unique("flow"),
            FlowTags = ["f"],
            Deployment = new()
            {
                Name = "daily", FlowId = default, WorkPoolName = pool.Name, WorkQueueName = "etl", Version = "1", Tags = ["a"], Labels = Object("""{"sluice.app":"Weather"}"""),
                Parameters = Object("""{"n":1}"""), JobVariables = Object("""{"a":1}"""), Schedules = [Every(Daily, "schedule-1"), Every("0 7 * * *", "gone")],
            },
        };

        (await api.ApplyAsync(new() { Deployments = [] }, Cancel)).ShouldBeEmpty();
        DeploymentApplied created = (await api.ApplyAsync(new() { Deployments = [apply] }, Cancel)).ShouldHaveSingleItem();
        created.Created.ShouldBeTrue();
        Deployment first = (await api.FindDeploymentAsync(apply.FlowName, "daily", Cancel)).ShouldNotBeNull();
        first.Id.ShouldBe(created.Id);
        first.FlowId.ShouldBe(created.FlowId);
        (await api.FindFlowAsync(apply.FlowName, Cancel)).ShouldNotBeNull().Tags.ShouldBe(["f"]);
        first.WorkQueueName.ShouldBe("etl");
        first.Labels["sluice.app"].GetString().ShouldBe("Weather");

        DeploymentApply changed = apply with { Deployment = apply.Deployment with { Version = "2", Tags = null, Parameters = null, JobVariables = Object("""{"b":2}"""), Schedules = [Every("1 1 * * *", "schedule-1"), Every(Daily, "new")] } };
        DeploymentApplied updated = (await api.ApplyAsync(new() { Deployments = [changed] }, Cancel)).ShouldHaveSingleItem();
        updated.Created.ShouldBeFalse();
        updated.Id.ShouldBe(created.Id);
        Deployment second = (await api.ReadDeploymentAsync(created.Id, Cancel)).ShouldNotBeNull();
        second.Version.ShouldBe("2");
        second.Tags.ShouldBe(["a"], "null keeps the live value");
        second.Parameters["n"].GetInt32().ShouldBe(1, "null keeps the live value");
        second.JobVariables.Keys.ShouldBe(["b"]);
        var schedules = second.Schedules.ToDictionary(schedule => schedule.Slug!);
        schedules.Keys.ShouldBe(["schedule-1", "new"], ignoreOrder: true);
        schedules["schedule-1"].Id.ShouldBe(first.Schedules.Single(schedule => schedule.Slug == "schedule-1").Id);
        schedules["schedule-1"].Schedule.Cron.ShouldBe("1 1 * * *");
    }

    [Theory, AllDoors]
    public async Task Applying_keeps_what_people_paused(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        DeploymentApply apply = new() { FlowName = Unique("flow"), Deployment = new() { Name = "d", FlowId = default, Schedules = [Every(Daily, "schedule-1")] } };
        Guid id = (await api.ApplyAsync(new() { Deployments = [apply] }, Cancel))[0].Id;
        Guid schedule = (await api.ReadDeploymentAsync(id, Cancel))!.Schedules[0].Id;
        await api.SetDeploymentPausedAsync(id, true, Cancel);
        await api.UpdateScheduleAsync(id, schedule, new() { Active = false }, Cancel);

        await api.ApplyAsync(new() { Deployments = [apply] }, Cancel);
        Deployment kept = (await api.ReadDeploymentAsync(id, Cancel)).ShouldNotBeNull();
        kept.Paused.ShouldBeTrue();
        kept.Schedules.ShouldHaveSingleItem().Active.ShouldBeFalse();

        await api.ApplyAsync(new() { Deployments = [apply with { Deployment = apply.Deployment with { Paused = false, Schedules = [Every(Daily, "schedule-1", active: true)] } }] }, Cancel);
        Deployment resumed = (await api.ReadDeploymentAsync(id, Cancel)).ShouldNotBeNull();
        resumed.Paused.ShouldBeFalse();
        resumed.Schedules.ShouldHaveSingleItem().Active.ShouldBeTrue();
    }

    [Theory, AllDoors]
    public async Task Schedules_that_are_not_listed_are_removed_and_null_leaves_them(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        DeploymentApply apply = new() { FlowName = Unique("flow"), Deployment = new() { Name = "d", FlowId = default, Schedules = [Every(Daily, "a"), Every(Daily, "b")] } };
        Guid id = (await api.ApplyAsync(new() { Deployments = [apply] }, Cancel))[0].Id;
        await api.CreateSchedulesAsync(id, [Every("5 5 * * *")], Cancel); // by hand, without a slug
        async Task<int> CountAfterAsync(IReadOnlyList<DeploymentScheduleCreate>? schedules)
        {
            await api.ApplyAsync(new() { Deployments = [apply with { Deployment = apply.Deployment with { Schedules = schedules } }] }, Cancel);
            return (await api.ReadDeploymentAsync(id, Cancel))!.Schedules.Count;
        }

        (await CountAfterAsync(null)).ShouldBe(3);
        (await CountAfterAsync([Every(Daily, "b")])).ShouldBe(1);
        (await CountAfterAsync([])).ShouldBe(0);
    }

    [Theory, MemberData(nameof(ApiDoors.Sluice), MemberType = typeof(ApiDoors))]
    public async Task An_error_leaves_everything_as_it_was(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        DeploymentApply good = new() { FlowName = Unique("flow"), Deployment = new() { Name = "good", FlowId = default } };
        DeploymentApply bad = new() { FlowName = Unique("flow"), Deployment = new() { Name = "bad", FlowId = default, WorkPoolName = "no such pool" } };

        (await FailsAsync(OrchestrationErrorKind.NotFound, () => api.ApplyAsync(new() { Deployments = [good, bad] }, Cancel))).Message.ShouldContain("no such pool");

        (await api.FindFlowAsync(good.FlowName, Cancel)).ShouldBeNull();
        (await api.FindDeploymentAsync(good.FlowName, "good", Cancel)).ShouldBeNull();
    }
}

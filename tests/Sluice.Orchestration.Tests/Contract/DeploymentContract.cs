using System.Text.Json;
namespace Sluice.Orchestration.Tests.Contract;

public sealed class DeploymentContract(ApiDoors doors) : ContractTest(doors)
{
    [Theory, AllDoors]
    public async Task A_deployment_keeps_everything_it_is_given(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        WorkPool pool = await NewPoolAsync(api);
        DeploymentCreate create = new()
        {
            Name = Unique("täglich"),
            FlowId = (await NewFlowAsync(api)).Id,
            Version = "1.2.3+abc",
            Description = "Markdown **here**",
            Tags = ["t1", "t2"],
            Labels = Object("""{"sluice.app":"Weather","n":1,"b":true}"""),
            Parameters = Object("""{"city":"Zürich","days":7,"deep":{"a":[1,2.5,null]}}"""),
            ParameterOpenapiSchema = Json("""{"title":"Parameters","type":"object","properties":{"city":{"type":"string","title":"city","position":0}}}"""),
            EnforceParameterSchema = true,
            WorkPoolName = pool.Name,
            WorkQueueName = "etl",
            Path = "file:///packages/weather",
            Entrypoint = "Weather.dll!Weather.Flows.BuildAsync",
            JobVariables = Object("""{"command":"sluice flow-run execute","env":{"SLUICE_PACKAGE":"file:///p#sha256=ab","GONE":null}}"""),
            ConcurrencyLimit = 3,
            ConcurrencyOptions = new() { CollisionStrategy = "CANCEL_NEW" },
            Schedules = [Every(Daily, "schedule-1")],
        };

        Deployment made = await api.UpsertDeploymentAsync(create, Cancel);
        Deployment read = (await api.ReadDeploymentAsync(made.Id, Cancel)).ShouldNotBeNull();

        read.Name.ShouldBe(create.Name);
        read.FlowId.ShouldBe(create.FlowId);
        read.Version.ShouldBe("1.2.3+abc");
        read.Description.ShouldBe("Markdown **here**");
        read.Tags.ShouldBe(["t1", "t2"], ignoreOrder: true);
        read.Labels["sluice.app"].GetString().ShouldBe("Weather");
        read.Labels["b"].GetBoolean().ShouldBeTrue();
        read.Parameters["deep"].GetRawText().ShouldBe("""{"a":[1,2.5,null]}""", StringCompareShould.IgnoreCase);
        read.ParameterOpenapiSchema.ShouldNotBeNull().GetProperty("properties").GetProperty("city").GetProperty("position").GetInt32().ShouldBe(0);
        read.EnforceParameterSchema.ShouldBeTrue();
        read.WorkPoolName.ShouldBe(pool.Name);
        read.WorkQueueName.ShouldBe("etl");
        read.WorkQueueId.ShouldBe((await api.FindWorkQueueAsync(pool.Name, "etl", Cancel)).ShouldNotBeNull().Id);
        read.Path.ShouldBe(create.Path);
        read.Entrypoint.ShouldBe(create.Entrypoint);
        read.JobVariables["env"].GetProperty("GONE").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        read.ConcurrencyLimit.ShouldBe(3);
        read.ConcurrencyOptions.ShouldNotBeNull().CollisionStrategy.ShouldBe("CANCEL_NEW");
        read.Paused.ShouldBeFalse();
        read.Schedules.ShouldHaveSingleItem().Slug.ShouldBe("schedule-1");
    }

    [Theory, AllDoors]
    public async Task Absent_members_get_Prefects_defaults(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment made = await api.UpsertDeploymentAsync(new() { Name = Unique("bare"), FlowId = (await NewFlowAsync(api)).Id }, Cancel);

        made.Paused.ShouldBeFalse();
        made.EnforceParameterSchema.ShouldBeTrue();
        made.Parameters.ShouldBeEmpty();
        made.JobVariables.ShouldBeEmpty();
        made.Tags.ShouldBeEmpty();
        made.Schedules.ShouldBeEmpty();
        made.WorkPoolName.ShouldBeNull();
        made.WorkQueueName.ShouldBeNull();
        made.ConcurrencyLimit.ShouldBeNull();
    }

    [Theory, AllDoors]
    public async Task A_queue_without_a_pool_lands_in_the_agent_pool(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        string queue = Unique("etl");
        Deployment made = await api.UpsertDeploymentAsync(new() { Name = Unique("d"), FlowId = (await NewFlowAsync(api)).Id, WorkQueueName = queue }, Cancel);

        made.WorkPoolName.ShouldBe("default-agent-pool");
        made.WorkQueueName.ShouldBe(queue);
        (await api.FindWorkQueueAsync("default-agent-pool", queue, Cancel)).ShouldNotBeNull();
        (await api.FindWorkPoolAsync("default-agent-pool", Cancel)).ShouldNotBeNull().Type.ShouldBe("prefect-agent");
    }

    [Theory, AllDoors]
    public async Task A_second_upsert_keeps_what_it_does_not_name_but_parameters_and_schedules(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment first = await NewDeploymentAsync(api, create => create with
        {
            Version = "1", Description = "kept", Tags = ["kept"], Path = "kept", Entrypoint = "kept", JobVariables = Object("""{"a":1}"""), Paused = true,
            Parameters = Object("""{"n":1}"""), Schedules = [Every(Daily, "s")],
        });

        Deployment second = await api.UpsertDeploymentAsync(new() { Name = first.Name, FlowId = first.FlowId, Version = "2" }, Cancel);

        second.Id.ShouldBe(first.Id);
        second.Version.ShouldBe("2");
        second.Description.ShouldBe("kept");
        second.Tags.ShouldBe(["kept"]);
        second.Path.ShouldBe("kept");
        second.Entrypoint.ShouldBe("kept");
        second.JobVariables.Keys.ShouldBe(["a"]);
        second.Paused.ShouldBeTrue();
        second.WorkPoolName.ShouldBe(first.WorkPoolName);
        second.Parameters.ShouldBeEmpty();
        second.Schedules.ShouldBeEmpty();
    }

    [Theory, AllDoors]
    public async Task An_update_changes_what_it_names(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment made = await NewDeploymentAsync(api, create => create with
        {
            Version = "1", Description = "old", Tags = ["old"], Parameters = Object("""{"n":1}"""), JobVariables = Object("""{"a":1,"b":2}"""), Schedules = [Every(Daily, "s")],
        });

        await api.UpdateDeploymentAsync(made.Id, new() { Version = "2", Tags = ["x", "y"], JobVariables = Object("""{"c":3}"""), WorkQueueName = Unique("queue"), ConcurrencyLimit = 2 }, Cancel);
        Deployment read = (await api.ReadDeploymentAsync(made.Id, Cancel)).ShouldNotBeNull();

        read.Version.ShouldBe("2");
        read.Tags.ShouldBe(["x", "y"], ignoreOrder: true);
        read.JobVariables.Keys.ShouldBe(["c"]);
        read.ConcurrencyLimit.ShouldBe(2);
        read.Description.ShouldBe("old");
        read.Parameters["n"].GetInt32().ShouldBe(1);
        read.Schedules.ShouldHaveSingleItem().Id.ShouldBe(made.Schedules[0].Id);
        read.Created.ShouldBe(made.Created);
        read.Updated.ShouldBeGreaterThanOrEqualTo(made.Updated);
    }

    [Theory, AllDoors]
    public async Task What_a_deployment_refers_to_must_exist(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Guid flow = (await NewFlowAsync(api)).Id;

        (await FailsAsync(OrchestrationErrorKind.NotFound, () => api.UpsertDeploymentAsync(new() { Name = "d", FlowId = flow, WorkPoolName = "no such pool" }, Cancel)))
            .Message.ShouldContain("no such pool");
        await FailsAsync(OrchestrationErrorKind.Conflict, () => api.UpsertDeploymentAsync(new() { Name = "d", FlowId = Guid.NewGuid() }, Cancel));
        await FailsAsync(OrchestrationErrorKind.NotFound, () => api.UpdateDeploymentAsync(Guid.NewGuid(), new() { Description = "x" }, Cancel));
        await FailsAsync(OrchestrationErrorKind.NotFound, () => api.SetDeploymentPausedAsync(Guid.NewGuid(), true, Cancel));
    }

    [Theory, AllDoors]
    public async Task Default_parameters_must_fit_an_enforced_schema(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        DeploymentCreate create = new()
        {
            Name = Unique("d"),
            FlowId = (await NewFlowAsync(api)).Id,
            EnforceParameterSchema = true,
            ParameterOpenapiSchema = Json("""{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}"""),
        };

        (await FailsAsync(OrchestrationErrorKind.Invalid, () => api.UpsertDeploymentAsync(create with { Parameters = Object("""{"n":"abc"}""") }, Cancel))).Message.ShouldContain("n");
        (await api.UpsertDeploymentAsync(create with { Parameters = Object("{}") }, Cancel)).Parameters.ShouldBeEmpty("a required parameter may come with the run");
    }

    [Theory, AllDoors]
    public async Task A_deployment_is_found_by_the_names_of_its_flow_and_itself(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Flow flow = await api.EnsureFlowAsync(new() { Name = Unique("Wetter? #1 + 2") }, Cancel);
        Deployment made = await api.UpsertDeploymentAsync(new() { Name = "täglich + früh?", FlowId = flow.Id }, Cancel);

        (await api.FindDeploymentAsync(flow.Name, made.Name, Cancel)).ShouldNotBeNull().Id.ShouldBe(made.Id);
        (await api.FindDeploymentAsync(flow.Name, "other", Cancel)).ShouldBeNull();
    }

    [Theory, AllDoors]
    public async Task Deployments_are_listed_filtered_sorted_and_in_pages(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Flow flow = await NewFlowAsync(api);
        WorkPool pool = await NewPoolAsync(api);
        foreach (string name in (string[])["b", "c", "a"])
        {
            await api.UpsertDeploymentAsync(new() { Name = name, FlowId = flow.Id, Tags = name == "a" ? ["first", "all"] : ["all"], Paused = name == "b", WorkPoolName = name == "c" ? pool.Name : null }, Cancel);
        }

        DeploymentsQuery ofFlow = new() { Flows = new() { Name = new() { Any = [flow.Name] } }, Sort = "NAME_ASC" };
        async Task<string> NamesAsync(DeploymentsQuery query) => string.Concat((await api.ListDeploymentsAsync(query, Cancel)).Select(deployment => deployment.Name));

        (await NamesAsync(ofFlow)).ShouldBe("abc");
        (await NamesAsync(ofFlow with { Sort = "NAME_DESC" })).ShouldBe("cba");
        (await NamesAsync(ofFlow with { Sort = "CREATED_DESC" })).ShouldBe("acb");
        (await NamesAsync(ofFlow with { Limit = 2, Offset = 1 })).ShouldBe("bc");
        (await NamesAsync(ofFlow with { Deployments = new() { Tags = new() { All = ["all", "first"] } } })).ShouldBe("a");
        (await NamesAsync(ofFlow with { Deployments = new() { Paused = new() { Eq = true } } })).ShouldBe("b");
        (await NamesAsync(ofFlow with { Deployments = new() { Name = new() { Like = "C" } } })).ShouldBe("c");
        (await NamesAsync(ofFlow with { WorkPools = new() { Name = new() { Any = [pool.Name] } } })).ShouldBe("c");
        await FailsAsync(OrchestrationErrorKind.Invalid, () => api.ListDeploymentsAsync(ofFlow with { Sort = "BOGUS" }, Cancel));
        await FailsAsync(OrchestrationErrorKind.Invalid, () => api.ListDeploymentsAsync(ofFlow with { Limit = 201 }, Cancel));
    }

    [Theory, AllDoors]
    public async Task Deployments_are_filtered_by_labels_where_the_server_can(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Flow flow = await NewFlowAsync(api);
        foreach ((string name, string app) in ((string, string)[])[("a", "it's"), ("b", "\"$.x\""), ("c", "it's")])
            await api.UpsertDeploymentAsync(new() { Name = name, FlowId = flow.Id, Labels = new Dictionary<string, JsonElement> { ["sluice.app"] = JsonSerializer.SerializeToElement(app), ["n"] = JsonElement.Parse("1") } }, Cancel);
        DeploymentsQuery Query(params (string Name, string Text)[] labels) => new() { Flows = new() { Name = new() { Any = [flow.Name] } }, Deployments = new() { Labels = new() { All = labels.ToDictionary(label => label.Name, label => label.Text) } } };
        async Task<string> NamesAsync(params (string, string)[] labels) => string.Concat((await api.ListDeploymentsAsync(Query(labels), Cancel)).Select(deployment => deployment.Name));

        if ((await api.GetInfoAsync(Cancel)).IsSluice)
        {
            (await NamesAsync(("sluice.app", "it's"))).ShouldBe("ac");
            (await NamesAsync(("sluice.app", "\"$.x\""))).ShouldBe("b");
            (await NamesAsync(("sluice.app", "it's"), ("other", "x"))).ShouldBe("");
            (await NamesAsync(("app", "it's"))).ShouldBe("");
            (await NamesAsync()).ShouldBe("abc");
        }
        else
        {
            // It would answer all of them, or refuse by its own words.
            DeploymentFilter filter = Query(("sluice.app", "it's")).Deployments!;
            foreach (Func<Task> ask in (Func<Task>[])[() => api.ListDeploymentsAsync(new() { Deployments = filter }, Cancel), () => api.ListFlowsAsync(new() { Deployments = filter }, Cancel),
                () => api.ListFlowRunsAsync(new() { Deployments = filter }, Cancel), () => api.CountFlowRunsAsync(new() { Deployments = filter }, Cancel), () => api.ListArtifactsAsync(new() { Deployments = filter }, Cancel)])
                (await FailsAsync(OrchestrationErrorKind.Unsupported, ask)).Field.ShouldBe("deployments.labels");
        }
    }

    [Theory, AllDoors]
    public async Task Deployments_are_found_by_a_part_of_their_flows_name(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Flow flow = await NewFlowAsync(api);
        await api.UpsertDeploymentAsync(new() { Name = "b", FlowId = flow.Id }, Cancel);
        await api.UpsertDeploymentAsync(new() { Name = "a", FlowId = flow.Id }, Cancel);

        var found = await api.ListDeploymentsAsync(new() { Deployments = new() { FlowOrDeploymentName = new() { Like = flow.Name[3..] } }, Sort = "NAME_ASC" }, Cancel);
        found.Select(deployment => deployment.Name).ShouldBe(["a", "b"]);
    }

    [Theory, AllDoors]
    public async Task Deleting_a_deployment_takes_its_scheduled_runs(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment deployment = await NewDeploymentAsync(api);
        FlowRun scheduled = await NewRunAsync(api, deployment.Id);

        (await api.DeleteDeploymentAsync(deployment.Id, Cancel)).ShouldBeTrue();

        (await api.ReadDeploymentAsync(deployment.Id, Cancel)).ShouldBeNull();
        (await api.ReadFlowRunAsync(scheduled.Id, Cancel)).ShouldBeNull();
        (await api.DeleteDeploymentAsync(deployment.Id, Cancel)).ShouldBeFalse();
    }

    [Theory, AllDoors]
    public async Task A_deployment_is_paused_and_resumed(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment deployment = await NewDeploymentAsync(api);

        await api.SetDeploymentPausedAsync(deployment.Id, true, Cancel);
        (await api.ReadDeploymentAsync(deployment.Id, Cancel)).ShouldNotBeNull().Paused.ShouldBeTrue();
        await api.SetDeploymentPausedAsync(deployment.Id, false, Cancel);
        (await api.ReadDeploymentAsync(deployment.Id, Cancel)).ShouldNotBeNull().Paused.ShouldBeFalse();
    }
}

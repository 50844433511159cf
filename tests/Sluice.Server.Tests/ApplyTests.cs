using Sluice.Orchestration;

namespace Sluice.Server.Tests;

public sealed class ApplyTests
{
    [Fact]
    public async Task Null_members_keep_what_stands()
    {
        await using Home home = await Home.OpenAsync();
        Deployment before = await home.DeployAsync(cron: "0 * * * *", change: create => create with
        {
            Description = "d",
            Version = "1",
            Tags = ["t"],
            Path = "file:///p",
            Entrypoint = "A.dll!A.B",
            Parameters = Home.Json("""{"a":1}"""),
            JobVariables = Home.Json("""{"command":"x"}"""),
            ConcurrencyLimit = 2,
            ConcurrencyOptions = new() { CollisionStrategy = "CANCEL_NEW" },
            Labels = Home.Json("""{"sluice.app":"Weather"}"""),
        });
        await home.Api.SetDeploymentPausedAsync(before.Id, true, default);
        await home.Api.ApplyAsync(new() { Deployments = [new() { FlowName = "weather", Deployment = new() { Name = "daily", FlowId = Guid.Empty } }] }, default);
        Deployment after = (await home.Api.ReadDeploymentAsync(before.Id, default))!;
        after.Paused.ShouldBeTrue();
        after.ShouldBeEquivalentTo(after with
        {
            Description = before.Description,
            Version = before.Version,
            Path = before.Path,
            Entrypoint = before.Entrypoint,
            ConcurrencyLimit = before.ConcurrencyLimit,
            ConcurrencyOptions = before.ConcurrencyOptions,
            WorkQueueId = before.WorkQueueId,
        });
        after.Tags.ShouldBe(["t"]);
        after.Parameters["a"].GetInt32().ShouldBe(1);
        after.JobVariables.Keys.ShouldBe(["command"]);
        after.Labels["sluice.app"].GetString().ShouldBe("Weather");
        after.Labels["prefect.flow.id"].GetString().ShouldBe(after.FlowId.ToString());
        after.Schedules.Single().Id.ShouldBe(before.Schedules.Single().Id);
    }

    [Fact]
    public async Task A_schedule_of_a_person_without_a_slug_that_is_listed_as_it_stands_stays_the_same_one()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await DeclareAsync(home, ("a", "0 1 * * *", null));
        Schedule hers = new() { Cron = "5 5 * * *", Timezone = "UTC" };
        IReadOnlyList<DeploymentSchedule> made = await home.Api.CreateSchedulesAsync(deployment.Id, [new() { Schedule = hers }, new() { Schedule = hers }], default);
        await home.Api.UpdateScheduleAsync(deployment.Id, made[1].Id, new() { Active = false }, default);
        string flow = (await home.Api.ReadFlowAsync(deployment.FlowId, default))!.Name;

        await home.Api.ApplyAsync(new()
        {
            Deployments = [new()
            {
                FlowName = flow,
                Deployment = new()
                {
                    Name = deployment.Name,
                    FlowId = Guid.Empty,
                    Schedules = [new() { Slug = "a", Schedule = new() { Cron = "0 4 * * *" } }, new() { Schedule = hers }, new() { Schedule = hers }],
                },
            }],
        }, default);

        Deployment after = (await home.Api.ReadDeploymentAsync(deployment.Id, default))!;
        after.Schedules.Select(schedule => (schedule.Id, schedule.Slug, schedule.Schedule.Cron, schedule.Active)).ShouldBe(
            [(deployment.Schedules[0].Id, "a", "0 4 * * *", true), (made[0].Id, null, "5 5 * * *", true), (made[1].Id, null, "5 5 * * *", false)], ignoreOrder: true);
    }

    [Fact]
    public async Task Schedules_match_by_slug_and_unlisted_ones_go()
    {
        await using Home home = await Home.OpenAsync();
        Deployment before = await DeclareAsync(home, ("a", "0 1 * * *", null), ("b", "0 2 * * *", null), ("c", "0 3 * * *", null));
        await home.Api.UpdateScheduleAsync(before.Id, before.Schedules[0].Id, new() { Active = false }, default);
        Deployment after = await DeclareAsync(home, ("b", "0 2 * * *", null), ("a", "0 4 * * *", null), ("d", "0 5 * * *", null));
        DeploymentSchedule a = after.Schedules.Single(schedule => schedule.Slug == "a");
        a.Id.ShouldBe(before.Schedules[0].Id);
        a.Active.ShouldBeFalse("a pause made by a person stays");
        a.Schedule.Cron.ShouldBe("0 4 * * *");
        after.Schedules.Single(schedule => schedule.Slug == "b").ShouldBe(before.Schedules[1] with { Parameters = after.Schedules.Single(schedule => schedule.Slug == "b").Parameters });
        after.Schedules.Select(schedule => schedule.Slug).ShouldBe(["a", "b", "d"], ignoreOrder: true);
        (await DeclareAsync(home, ("a", "0 4 * * *", true))).Schedules.Single().Active.ShouldBeTrue();
    }

    [Fact]
    public async Task All_of_it_is_one_transaction()
    {
        await using Home home = await Home.OpenAsync();
        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => home.Api.ApplyAsync(new()
        {
            Deployments =
            [
                new() { FlowName = "weather", Deployment = new() { Name = "good", FlowId = Guid.Empty, WorkQueueName = "new" } },
                new() { FlowName = "weather", Deployment = new() { Name = "bad", FlowId = Guid.Empty, WorkPoolName = "none" } },
            ],
        }, default));
        error.Kind.ShouldBe(OrchestrationErrorKind.NotFound);
        error.Message.ShouldBe("Work pool \"none\" not found.");
        (await home.Api.ListFlowsAsync(new(), default)).ShouldBeEmpty();
        (await home.Api.FindWorkQueueAsync("default-agent-pool", "new", default)).ShouldBeNull();
    }

    [Fact]
    public async Task What_stands_already_is_not_touched()
    {
        await using Home home = await Home.OpenAsync();
        Deployment before = await home.DeployAsync(cron: "0 * * * *");
        home.Clock.Advance(TimeSpan.FromMinutes(1));
        Deployment after = await home.DeployAsync(cron: "0 * * * *");
        after.Updated.ShouldBe(before.Updated);
        after.Schedules[0].Updated.ShouldBe(before.Schedules[0].Updated);
    }

    [Theory]
    [InlineData("61 * * * *", null, "body.deployments.0.deployment.schedules.0.schedule.cron")]
    [InlineData("0 * * * *", "Mars/X", "body.deployments.0.deployment.schedules.0.schedule.cron")]
    public async Task A_bad_schedule_is_refused_with_its_place(string cron, string? zone, string field)
    {
        await using Home home = await Home.OpenAsync();
        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => home.DeployAsync(change: create => create with
        {
            Schedules = [new() { Schedule = new() { Cron = cron, Timezone = zone } }],
        }));
        error.Kind.ShouldBe(OrchestrationErrorKind.Invalid);
        error.Field.ShouldBe(field);
        error.Message.ShouldContain(zone ?? "61");
    }

    [Fact]
    public async Task A_queue_without_a_pool_is_made_in_the_default_pool()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await home.DeployAsync(change: create => create with { WorkQueueName = "etl" });
        deployment.WorkPoolName.ShouldBe("default-agent-pool");
        deployment.WorkQueueName.ShouldBe("etl");
        WorkQueue queue = (await home.Api.FindWorkQueueAsync("default-agent-pool", "etl", default))!;
        queue.Priority.ShouldBe(2);
    }

    [Fact]
    public async Task Parameters_are_checked_against_the_schema_when_a_run_is_created()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await home.DeployAsync(change: create => create with
        {
            ParameterOpenapiSchema = System.Text.Json.JsonElement.Parse("""{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}"""),
            EnforceParameterSchema = true,
        });
        (await RefusedAsync("{}")).ShouldStartWith("Error creating flow run: Validation failed");
        (await RefusedAsync("""{"n":"abc"}""")).ShouldStartWith("Error creating flow run: Validation failed for field 'n'. Failure reason: ");
        (await home.Api.CreateDeploymentRunAsync(deployment.Id, new() { Parameters = Home.Json("""{"n":3.0}""") }, default)).ShouldNotBeNull();
        (await home.Api.CreateDeploymentRunAsync(deployment.Id, new() { Parameters = Home.Json("""{"n":"abc"}"""), EnforceParameterSchema = false }, default)).ShouldNotBeNull();

        async Task<string> RefusedAsync(string parameters)
        {
            OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() =>
                home.Api.CreateDeploymentRunAsync(deployment.Id, new() { Parameters = Home.Json(parameters) }, default));
            error.Kind.ShouldBe(OrchestrationErrorKind.Conflict);
            return error.Message;
        }
    }

    [Fact]
    public async Task Templated_parameters_are_taken_for_what_they_stand_for_and_refused_where_nobody_knows()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await home.DeployAsync(change: create => create with
        {
            ParameterOpenapiSchema = System.Text.Json.JsonElement.Parse("""{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}"""),
            Parameters = Home.Json("""{"n":{"__prefect_kind":"workspace_variable","variable_name":"x"}}"""),
            EnforceParameterSchema = true,
        });
        FlowRun run = await home.Api.CreateDeploymentRunAsync(deployment.Id, new() { Parameters = Home.Json("""{"n":{"__prefect_kind":"json","value":"5"}}""") }, default);
        run.Parameters["n"].GetInt32().ShouldBe(5);
        OrchestrationException refused = await Should.ThrowAsync<OrchestrationException>(() => home.Api.CreateDeploymentRunAsync(deployment.Id, new(), default));
        refused.Message.ShouldBe("Error hydrating flow run parameters: Variable 'x' not found in workspace.");
    }

    [Fact]
    public async Task Deleting_a_deployment_keeps_the_runs_that_started()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await home.DeployAsync(cron: "0 * * * *");
        FlowRun ran = await home.RunAsync(deployment), waits = await home.RunAsync(deployment);
        await home.SetAsync(ran.Id, StateType.Running);
        await home.CatchUpAsync();
        (await home.Api.DeleteDeploymentAsync(deployment.Id, default)).ShouldBeTrue();
        (await home.Api.DeleteDeploymentAsync(deployment.Id, default)).ShouldBeFalse();
        (await home.RunsAsync()).Single().Id.ShouldBe(ran.Id);
        (await home.Api.ReadFlowRunAsync(waits.Id, default)).ShouldBeNull();
        (await home.SetAsync(ran.Id, StateType.Completed)).Status.ShouldBe(SetStateStatus.Accept);
    }

    [Fact]
    public async Task Deleting_a_run_deletes_its_states_and_logs()
    {
        await using Home home = await Home.OpenAsync();
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        await home.Api.CreateLogsAsync([new() { Name = "a", Level = 20, Message = "m", Timestamp = Home.Start, FlowRunId = run.Id }], default);
        (await home.Api.DeleteFlowRunAsync(run.Id, default)).ShouldBeTrue();
        home.Sql("SELECT (SELECT COUNT(*) FROM log) + (SELECT COUNT(*) FROM flow_run_state)").ShouldBe(0L);
    }

    [Theory]
    [InlineData(new[] { "a", "b" }, "c", 1, "c1 default2 a3 b4")]
    [InlineData(new[] { "a", "b" }, "c", 3, "default1 a2 c3 b4")]
    [InlineData(new[] { "a", "b" }, "c", 9, "default1 a2 b3 c9")]
    [InlineData(new[] { "a", "b" }, "c", null, "default1 a2 b3 c4")]
    public async Task Priorities_are_unique_and_a_taken_one_pushes_the_others_up(string[] first, string added, int? priority, string expected)
    {
        await using Home home = await Home.OpenAsync();
        await home.Api.CreateWorkPoolAsync(new() { Name = "p" }, default);
        foreach (string name in first)
            await home.Api.CreateWorkQueueAsync("p", new() { Name = name }, default);
        await home.Api.CreateWorkQueueAsync("p", new() { Name = added, Priority = priority }, default);
        string.Join(' ', (await home.Api.ListWorkQueuesAsync("p", default)).Select(queue => $"{queue.Name}{queue.Priority}")).ShouldBe(expected);
    }

    [Fact]
    public async Task A_hole_in_the_priorities_is_filled_first()
    {
        await using Home home = await Home.OpenAsync();
        await home.Api.CreateWorkPoolAsync(new() { Name = "p" }, default);
        await home.Api.CreateWorkQueueAsync("p", new() { Name = "a", Priority = 3 }, default);
        (await home.Api.CreateWorkQueueAsync("p", new() { Name = "b" }, default)).Priority.ShouldBe(2);
        (await home.Api.CreateWorkQueueAsync("p", new() { Name = "c", Priority = 2 }, default)).Priority.ShouldBe(2);
        string.Join(' ', (await home.Api.ListWorkQueuesAsync("p", default)).Select(queue => $"{queue.Name}{queue.Priority}")).ShouldBe("default1 c2 b3 a4");
        await home.Api.UpdateWorkQueueAsync("p", "a", new() { Priority = 1 }, default);
        string.Join(' ', (await home.Api.ListWorkQueuesAsync("p", default)).Select(queue => $"{queue.Name}{queue.Priority}")).ShouldBe("a1 default2 c3 b4");
    }

    private static Task<Deployment> DeclareAsync(Home home, params (string Slug, string Cron, bool? Active)[] schedules) => home.DeployAsync(change: create => create with
    {
        Schedules = [.. schedules.Select(schedule => new DeploymentScheduleCreate { Slug = schedule.Slug, Schedule = new() { Cron = schedule.Cron }, Active = schedule.Active })],
    });
}

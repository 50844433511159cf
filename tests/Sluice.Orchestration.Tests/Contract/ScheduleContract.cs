namespace Sluice.Orchestration.Tests.Contract;

public sealed class ScheduleContract(ApiDoors doors) : ContractTest(doors)
{
    [Theory, AllDoors]
    public async Task Every_kind_of_schedule_comes_back_as_it_was_given(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment made = await NewDeploymentAsync(api, create => create with
        {
            Schedules =
            [
                new() { Slug = "cron", Schedule = new() { Cron = "0 9 * * 1-5", Timezone = "Europe/Berlin", DayOr = false }, Parameters = Object("""{"n":1}"""), MaxScheduledRuns = 3 },
                new() { Slug = "interval", Schedule = new() { Interval = 900.5, AnchorDate = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), Timezone = "America/New_York" }, Active = false },
                new() { Slug = "rule", Schedule = new() { Rrule = "DTSTART:20200101T000000\nFREQ=DAILY;BYHOUR=9", Timezone = "UTC" } },
            ],
        });
        var schedules = (await api.ReadDeploymentAsync(made.Id, Cancel)).ShouldNotBeNull().Schedules.ToDictionary(schedule => schedule.Slug!);

        schedules.Count.ShouldBe(3);
        schedules["cron"].Schedule.ShouldBe(new() { Cron = "0 9 * * 1-5", Timezone = "Europe/Berlin", DayOr = false });
        schedules["cron"].Active.ShouldBeTrue();
        schedules["cron"].Parameters["n"].GetInt32().ShouldBe(1);
        schedules["cron"].MaxScheduledRuns.ShouldBe(3);
        schedules["interval"].Schedule.ShouldBe(new() { Interval = 900.5, AnchorDate = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), Timezone = "America/New_York" });
        schedules["interval"].Active.ShouldBeFalse();
        schedules["rule"].Schedule.ShouldBe(new() { Rrule = "DTSTART:20200101T000000\nFREQ=DAILY;BYHOUR=9", Timezone = "UTC" });
    }

    [Theory, AllDoors]
    public async Task A_schedule_is_added_changed_and_deleted(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment made = await NewDeploymentAsync(api);

        DeploymentSchedule added = (await api.CreateSchedulesAsync(made.Id, [Every(Daily, "wk") with { Parameters = Object("""{"n":1}""") }], Cancel)).ShouldHaveSingleItem();
        added.Active.ShouldBeTrue();
        await api.UpdateScheduleAsync(made.Id, added.Id, new() { Active = false }, Cancel);
        DeploymentSchedule paused = (await api.ReadDeploymentAsync(made.Id, Cancel)).ShouldNotBeNull().Schedules.ShouldHaveSingleItem();
        paused.Id.ShouldBe(added.Id);
        paused.Active.ShouldBeFalse();
        paused.Slug.ShouldBe("wk");
        paused.Schedule.Cron.ShouldBe(Daily);
        paused.Parameters["n"].GetInt32().ShouldBe(1, "absent parameters are kept");

        await api.UpdateScheduleAsync(made.Id, added.Id, new() { Schedule = new() { Cron = "*/5 * * * *", Timezone = "UTC" } }, Cancel);
        DeploymentSchedule moved = (await api.ReadDeploymentAsync(made.Id, Cancel)).ShouldNotBeNull().Schedules.ShouldHaveSingleItem();
        moved.Schedule.Cron.ShouldBe("*/5 * * * *");
        moved.Active.ShouldBeFalse();

        (await api.DeleteScheduleAsync(made.Id, added.Id, Cancel)).ShouldBeTrue();
        (await api.ReadDeploymentAsync(made.Id, Cancel)).ShouldNotBeNull().Schedules.ShouldBeEmpty();
    }

    [Theory, AllDoors]
    public async Task A_taken_slug_is_a_conflict(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment made = await NewDeploymentAsync(api, create => create with { Schedules = [Every(Daily, "taken")] });

        await FailsAsync(OrchestrationErrorKind.Conflict, () => api.CreateSchedulesAsync(made.Id, [Every(Daily, "taken")], Cancel));
        (await api.ReadDeploymentAsync(made.Id, Cancel)).ShouldNotBeNull().Schedules.Count.ShouldBe(1);
    }

    [Theory, AllDoors]
    public async Task An_update_by_slug_keeps_id_and_pause_and_leaves_the_others_alone(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment made = await NewDeploymentAsync(api, create => create with { Schedules = [Every(Daily, "a", active: false), Every(Daily, "b")] });

        await api.UpdateDeploymentAsync(made.Id, new() { Schedules = [new() { Slug = "a", Schedule = new() { Cron = "1 1 * * *", Timezone = "UTC" } }, new() { Slug = "c", Schedule = new() { Cron = Daily } }] }, Cancel);
        var schedules = (await api.ReadDeploymentAsync(made.Id, Cancel)).ShouldNotBeNull().Schedules.ToDictionary(schedule => schedule.Slug!);

        schedules.Keys.ShouldBe(["a", "b", "c"], ignoreOrder: true);
        schedules["a"].Id.ShouldBe(made.Schedules.Single(schedule => schedule.Slug == "a").Id);
        schedules["a"].Active.ShouldBeFalse();
        schedules["a"].Schedule.Cron.ShouldBe("1 1 * * *");
        schedules["b"].Id.ShouldBe(made.Schedules.Single(schedule => schedule.Slug == "b").Id);
        schedules["c"].Active.ShouldBeTrue();
    }

    [Theory, AllDoors]
    public async Task A_schedule_can_be_renamed_by_an_update(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment made = await NewDeploymentAsync(api, create => create with { Schedules = [Every(Daily, "old", active: false)] });

        await api.UpdateDeploymentAsync(made.Id, new() { Schedules = [new() { Slug = "new", Replaces = "old", Schedule = new() { Cron = Daily } }] }, Cancel);
        DeploymentSchedule renamed = (await api.ReadDeploymentAsync(made.Id, Cancel)).ShouldNotBeNull().Schedules.ShouldHaveSingleItem();

        renamed.Id.ShouldBe(made.Schedules[0].Id);
        renamed.Slug.ShouldBe("new");
        renamed.Active.ShouldBeFalse();
    }

    [Theory, MemberData(nameof(ApiDoors.Sluice), MemberType = typeof(ApiDoors))]
    public async Task Misfire_and_dst_are_given_kept_and_changed_by_every_way_to_a_schedule(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        DeploymentScheduleCreate Given(string slug) => Every(Daily, slug) with { Misfire = ScheduleMisfire.RunAll, MaxMisfires = 7, Dst = ScheduleDst.VixieLike };
        DeploymentApply apply = new() { FlowName = Unique("flow"), Deployment = new() { Name = "d", FlowId = default, Schedules = [Given("applied"), Every(Daily, "plain")] } };
        Guid id = (await api.ApplyAsync(new() { Deployments = [apply] }, Cancel))[0].Id;
        await api.CreateSchedulesAsync(id, [Given("created")], Cancel);
        await api.UpdateDeploymentAsync(id, new() { Schedules = [new() { Slug = "patched", Schedule = new() { Cron = Daily }, Misfire = ScheduleMisfire.RunOnce }] }, Cancel);
        async Task<Dictionary<string, (ScheduleMisfire?, int?, ScheduleDst?)>> ReadAsync() =>
            (await api.ReadDeploymentAsync(id, Cancel))!.Schedules.ToDictionary(schedule => schedule.Slug!, schedule => ((ScheduleMisfire?)(schedule.Misfire ?? ScheduleMisfire.Skip), schedule.MaxMisfires, (ScheduleDst?)(schedule.Dst ?? ScheduleDst.PrefectCompatible)));

        var schedules = await ReadAsync();
        schedules["applied"].ShouldBe((ScheduleMisfire.RunAll, 7, ScheduleDst.VixieLike));
        schedules["created"].ShouldBe((ScheduleMisfire.RunAll, 7, ScheduleDst.VixieLike));
        schedules["patched"].ShouldBe((ScheduleMisfire.RunOnce, null, ScheduleDst.PrefectCompatible));
        schedules["plain"].ShouldBe((ScheduleMisfire.Skip, null, ScheduleDst.PrefectCompatible));

        Guid created = (await api.ReadDeploymentAsync(id, Cancel))!.Schedules.Single(schedule => schedule.Slug == "created").Id;
        await api.UpdateScheduleAsync(id, created, new() { Active = false }, Cancel);
        (await ReadAsync())["created"].ShouldBe((ScheduleMisfire.RunAll, 7, ScheduleDst.VixieLike), "absent members are kept");
        await api.UpdateScheduleAsync(id, created, new() { MaxMisfires = 9, Dst = ScheduleDst.PrefectCompatible }, Cancel);
        (await ReadAsync())["created"].ShouldBe((ScheduleMisfire.RunAll, 9, ScheduleDst.PrefectCompatible));
        await api.ApplyAsync(new() { Deployments = [apply with { Deployment = apply.Deployment with { Schedules = [Every(Daily, "applied") with { Misfire = ScheduleMisfire.Skip, Dst = ScheduleDst.PrefectCompatible }] } }] }, Cancel);
        (await ReadAsync())["applied"].ShouldBe((ScheduleMisfire.Skip, null, ScheduleDst.PrefectCompatible));

        OrchestrationException error = await FailsAsync(OrchestrationErrorKind.Invalid, () => api.CreateSchedulesAsync(id, [Given("bad") with { MaxMisfires = 0 }], Cancel));
        error.Field.ShouldBe("body.0.max_misfires");
    }

    public static MatrixTheoryData<string, string> BadSchedules => new(ApiDoors.Names, ["cron", "zone", "interval", "rule"]);

    [Theory, MemberData(nameof(BadSchedules))]
    public async Task An_impossible_schedule_is_invalid_and_the_place_is_named(string door, string what)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Schedule schedule = what switch
        {
            "cron" => new() { Cron = "61 * * * *" },
            "rule" => new() { Rrule = "FREQ=NEVER" },
            "zone" => new() { Cron = Daily, Timezone = "Mars/Olympus" },
            _ => new() { Interval = 0 },
        };
        Guid flow = (await NewFlowAsync(api)).Id;

        OrchestrationException error = await FailsAsync(OrchestrationErrorKind.Invalid, () => api.UpsertDeploymentAsync(new() { Name = Unique("d"), FlowId = flow, Schedules = [new() { Schedule = schedule }] }, Cancel));
        error.Field.ShouldNotBeNull().ShouldStartWith(await IsPrefect2Async(door, api) ? "body.schedule" : "body.schedules.0");
    }

    [Theory, AllDoors]
    public async Task Runs_of_past_due_times_are_created_on_demand_and_once(string door)
    {
        IOrchestrationApi api = await OpenAsync(door);
        Deployment deployment = await NewDeploymentAsync(api, create => create with
        {
            Schedules = [Every("0 6 * * *", "active"), Every("0 7 * * *", "inactive", active: false)],
        });
        Backfill week = new() { StartTime = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), EndTime = new(2026, 1, 7, 0, 0, 0, TimeSpan.Zero), MinRuns = 4, MaxRuns = 5 };
        FlowRunsQuery past = new()
        {
            Sort = "EXPECTED_START_TIME_ASC",
            FlowRuns = new() { DeploymentId = new() { Any = [deployment.Id] }, ExpectedStartTime = new() { Before = new(2026, 2, 1, 0, 0, 0, TimeSpan.Zero) } },
        };

        await api.ScheduleDeploymentAsync(deployment.Id, week, Cancel);
        await api.ScheduleDeploymentAsync(deployment.Id, week, Cancel);

        IReadOnlyList<FlowRun> runs = await api.ListFlowRunsAsync(past, Cancel);
        runs.Select(run => run.ExpectedStartTime!.Value.ToString("MM-dd HH", null)).ShouldBe(["01-01 06", "01-02 06", "01-03 06", "01-04 06"]);
        runs.ShouldAllBe(run => run.StateType == StateType.Scheduled && run.AutoScheduled);

        await api.ScheduleDeploymentAsync(deployment.Id, week with { MinRuns = 100, MaxRuns = 100 }, Cancel);
        (await api.CountFlowRunsAsync(past, Cancel)).ShouldBe(6, "the end of the range is a bound");
        await FailsAsync(OrchestrationErrorKind.NotFound, () => api.ScheduleDeploymentAsync(Guid.NewGuid(), new(), Cancel));
    }
}

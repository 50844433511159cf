using Sluice.Orchestration;
using Sluice.Server.Store;

namespace Sluice.Server.Tests;

public sealed class SchedulerTests
{
    [Theory]
    [InlineData("0 6 * * *", 3, "2026-06-02T06:00", "2026-06-04T06:00")] // daily: at least three
    [InlineData("0 * * * *", 3, "2026-06-01T10:00", "2026-06-01T12:00")] // hourly
    [InlineData("*/10 * * * *", 13, "2026-06-01T10:00", "2026-06-01T12:00")] // at least an hour ahead, filled up to two
    [InlineData("* * * * *", 100, "2026-06-01T10:00", "2026-06-01T11:39")] // at most a hundred
    [InlineData("0 0 1 * *", 3, "2026-07-01T00:00", "2026-09-01T00:00")]
    [InlineData("0 0 1 1 *", 0, null, null)] // farther than a hundred days
    [InlineData("0 0 31 2 *", 0, null, null)] // never
    public async Task Runs_are_made_ahead(string cron, int count, string? first, string? last)
    {
        await using Home home = await Home.OpenAsync();
        await home.DeployAsync(cron: cron);
        await home.CatchUpAsync();
        List<DateTimeOffset> due = await home.DueAsync();
        due.Count.ShouldBe(count);
        if (count > 0)
        {
            due[0].ShouldBe(DateTimeOffset.Parse(first + "Z"));
            due[^1].ShouldBe(DateTimeOffset.Parse(last + "Z"));
        }
    }

    [Fact]
    public async Task A_scheduled_run_says_where_it_comes_from()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await home.DeployAsync(change: create => create with
        {
            Tags = ["weather"],
            Version = "1.2",
            Parameters = Home.Json("""{"city":"Oslo","days":7}"""),
            Schedules = [new() { Schedule = new() { Cron = "0 6 * * *" }, Slug = "morning", Parameters = Home.Json("""{"days":1}""") }],
        });
        await home.CatchUpAsync();
        FlowRun run = (await home.RunsAsync())[0];
        run.IdempotencyKey.ShouldBe($"scheduled {deployment.Id} morning 2026-06-02T06:00:00Z");
        run.Tags.ShouldBe(["auto-scheduled", "weather"]);
        run.AutoScheduled.ShouldBeTrue();
        run.CreatedBy.ShouldBe(new CreatedBy { Id = deployment.Schedules[0].Id, Type = "SCHEDULE", DisplayValue = "morning" });
        run.Parameters["city"].GetString().ShouldBe("Oslo");
        run.Parameters["days"].GetInt32().ShouldBe(1);
        run.DeploymentVersion.ShouldBe("1.2");
        run.WorkQueueName.ShouldBe("default");
        run.State!.Message.ShouldBe("Flow run scheduled");
        run.Labels["prefect.deployment.id"].GetString().ShouldBe(deployment.Id.ToString());
    }

    [Fact]
    public async Task Every_due_time_has_exactly_one_run_whatever_restarts_applies_and_pauses_do()
    {
        await using Home home = await Home.OpenAsync();
        EmbeddedStore other = await home.OpenAnotherAsync();
        var random = new Random(20260601);
        Deployment deployment = await home.DeployAsync(cron: "*/5 * * * *");
        for (int minute = 0; minute < 600; minute++)
        {
            switch (random.Next(7))
            {
                case 0:
                    await home.DeployAsync(cron: "*/5 * * * *", change: create => create with { Version = $"{minute}" });
                    break;
                case 1: // another schedule and back at the same moment
                    await home.DeployAsync(cron: "*/7 * * * *");
                    await home.DeployAsync(cron: "*/5 * * * *");
                    break;
                case 2:
                    await home.Api.SetDeploymentPausedAsync(deployment.Id, true, default);
                    await home.Api.SetDeploymentPausedAsync(deployment.Id, false, default);
                    break;
                case 3:
                    await home.Api.UpdateDeploymentAsync(deployment.Id, new() { Description = $"{minute}" }, default);
                    break;
                case 4: // Prefect's POST: new schedule ids
                    await home.Api.UpsertDeploymentAsync(new() { Name = "daily", FlowId = deployment.FlowId, Schedules = [new() { Schedule = new() { Cron = "*/5 * * * *" }, Slug = "schedule-1" }] }, default);
                    break;
                case 5: // a restart of the services, and a second process with its own
                    home.RestartServices();
                    await Task.WhenAll(home.CatchUpAsync(), home.CatchUpAsync(other));
                    break;
            }
            // The change and the filling are never at the same moment.
            home.Clock.Advance(TimeSpan.FromSeconds(7));
            await home.CatchUpAsync(random.Next(2) == 0 ? home.Api : other);
            home.Clock.AdvanceTo(Home.Start + TimeSpan.FromMinutes(minute + 1) - TimeSpan.FromSeconds(3));
            foreach (FlowRun run in (await home.RunsAsync()).Where(run => run.State!.Type == StateType.Scheduled && run.NextScheduledStartTime <= home.Clock.GetUtcNow()))
            {
                await home.SetAsync(run.Id, StateType.Pending);
                await home.SetAsync(run.Id, StateType.Running);
                await home.SetAsync(run.Id, StateType.Completed);
            }
        }
        DateTimeOffset end = home.Clock.GetUtcNow();
        List<DateTimeOffset> ran = [.. (await home.RunsAsync()).Where(run => run.State!.Type == StateType.Completed).Select(run => run.ExpectedStartTime!.Value)];
        ran.ShouldBe(Enumerable.Range(0, 120).Select(i => Home.Start + TimeSpan.FromMinutes(5 * i)).Where(time => time <= end));
    }

    [Fact]
    public async Task What_fell_due_while_no_server_ran_is_not_made_up_for()
    {
        await using Home home = await Home.OpenAsync();
        await home.DeployAsync(cron: "0 * * * *");
        home.Clock.Advance(TimeSpan.FromHours(5.5));
        await home.CatchUpAsync();
        (await home.DueAsync())[0].ShouldBe(Home.Start + TimeSpan.FromHours(6));
    }

    [Fact]
    public async Task Runs_are_made_on_through_the_change_to_summer_time()
    {
        await using Home home = await Home.OpenAsync();
        home.Clock.AdvanceTo(new(2027, 3, 26, 12, 0, 0, TimeSpan.Zero));
        await home.DeployAsync(change: create => create with
        {
            Schedules = [new() { Schedule = new() { Cron = "30 2 * * *", Timezone = "Europe/Paris" }, Slug = "night" }],
        });
        for (int day = 0; day < 4; day++)
        {
            await home.CatchUpAsync();
            home.Clock.Advance(TimeSpan.FromDays(1));
        }
        // 28 March has no 02:30 in Paris: Prefect moves it on by the gap, to 03:30 summer time.
        (await home.DueAsync()).Take(4).ShouldBe([
            new(2027, 3, 27, 1, 30, 0, TimeSpan.Zero), new(2027, 3, 28, 1, 30, 0, TimeSpan.Zero),
            new(2027, 3, 29, 0, 30, 0, TimeSpan.Zero), new(2027, 3, 30, 0, 30, 0, TimeSpan.Zero)]);
    }

    [Fact]
    public async Task Pausing_removes_the_runs_ahead_and_resuming_makes_them_again()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await home.DeployAsync(cron: "0 * * * *");
        await home.CatchUpAsync();
        await home.Api.SetDeploymentPausedAsync(deployment.Id, true, default);
        await home.CatchUpAsync();
        (await home.DueAsync()).ShouldBeEmpty();
        await home.Api.SetDeploymentPausedAsync(deployment.Id, false, default);
        await home.CatchUpAsync();
        (await home.DueAsync()).Count.ShouldBe(3);
    }

    [Fact]
    public async Task An_inactive_schedule_makes_no_runs()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await home.DeployAsync(cron: "0 * * * *");
        await home.CatchUpAsync();
        await home.Api.UpdateScheduleAsync(deployment.Id, deployment.Schedules[0].Id, new() { Active = false }, default);
        await home.CatchUpAsync();
        (await home.DueAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_unchanged_schedule_keeps_its_id_and_its_runs_which_take_the_new_parameters()
    {
        await using Home home = await Home.OpenAsync();
        Deployment before = await home.DeployAsync(cron: "0 * * * *", change: create => create with { Parameters = Home.Json("""{"city":"Oslo"}""") });
        await home.CatchUpAsync();
        List<Guid> runs = [.. (await home.RunsAsync()).Select(run => run.Id)];
        Deployment after = await home.DeployAsync(cron: "0 * * * *", change: create => create with { Parameters = Home.Json("""{"city":"Rome"}"""), Tags = ["new"], Version = "2" });
        await home.CatchUpAsync();
        after.Schedules[0].Id.ShouldBe(before.Schedules[0].Id);
        List<FlowRun> now = await home.RunsAsync();
        now.Select(run => run.Id).ShouldBe(runs);
        foreach (FlowRun run in now)
        {
            run.Parameters["city"].GetString().ShouldBe("Rome");
            run.Tags.ShouldBe(["auto-scheduled", "new"]);
            run.DeploymentVersion.ShouldBe("2");
        }
    }

    [Fact]
    public async Task A_changed_schedule_drops_its_runs_ahead_and_keeps_late_ones()
    {
        await using Home home = await Home.OpenAsync();
        await home.DeployAsync(cron: "0 * * * *");
        await home.CatchUpAsync();
        home.Clock.AdvanceTo(Home.Start + TimeSpan.FromMinutes(1));
        await home.CatchUpAsync();
        await home.DeployAsync(cron: "30 * * * *");
        await home.CatchUpAsync();
        List<DateTimeOffset> due = await home.DueAsync();
        due[0].ShouldBe(Home.Start);
        due.Skip(1).ShouldAllBe(time => time.Minute == 30);
    }

    [Fact]
    public async Task A_run_ahead_that_somebody_deleted_stays_away()
    {
        await using Home home = await Home.OpenAsync();
        await home.DeployAsync(cron: "0 * * * *");
        await home.CatchUpAsync();
        FlowRun second = (await home.RunsAsync())[1];
        (await home.Api.DeleteFlowRunAsync(second.Id, default)).ShouldBeTrue();
        home.Clock.Advance(TimeSpan.FromMinutes(30));
        await home.CatchUpAsync();
        (await home.DueAsync()).ShouldNotContain(second.ExpectedStartTime!.Value);
    }

    [Fact]
    public async Task A_schedule_that_cannot_be_read_is_told_once_and_stops_nobody()
    {
        await using Home home = await Home.OpenAsync();
        Deployment broken = await home.DeployAsync("broken", cron: "0 * * * *");
        home.Sql("""UPDATE schedule SET schedule = '{"cron":"61 * * * *"}'""");
        Deployment torn = await home.DeployAsync("torn", cron: "0 * * * *");
        home.Sql($"UPDATE schedule SET schedule = '{{' WHERE deployment_id = (SELECT id FROM deployment WHERE name = 'torn')");
        await home.DeployAsync("sound", cron: "0 * * * *");
        var log = new List<string>();
        var services = new ServerServices(home.Api, home.Clock, log.Add);
        await services.CatchUpAsync(default);
        home.Sql("UPDATE deployment SET refill_at = 0");
        await services.CatchUpAsync(default);
        (await home.DueAsync()).Count.ShouldBe(3);
        log.Count.ShouldBe(2);
        log.ShouldContain(line => line.Contains("\"broken\"") && line.Contains("61 * * * *"));
        log.ShouldContain(line => line.Contains(torn.Id.ToString()));
    }

    [Fact]
    public async Task A_thousand_deployments_are_filled_in_few_transactions()
    {
        await using Home home = await Home.OpenAsync();
        await home.Api.ApplyAsync(new() { Deployments = [.. Enumerable.Range(0, 1000).Select(i => new DeploymentApply
        {
            FlowName = "many",
            Deployment = new() { Name = $"d{i}", FlowId = Guid.Empty, WorkQueueName = "default", Schedules = [new() { Schedule = new() { Cron = $"{i % 60} {i % 24} * * *" } }] },
        })] }, default);
        long before = (await home.Api.GetInfoAsync(default)).Change;
        await home.CatchUpAsync();
        (await home.Api.CountFlowRunsAsync(new(), default)).ShouldBe(3000);
        ((await home.Api.GetInfoAsync(default)).Change - before).ShouldBeLessThanOrEqualTo(11);
    }
}

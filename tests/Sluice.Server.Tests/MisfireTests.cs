using System.Globalization;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Testing;

namespace Sluice.Server.Tests;

/// <summary>What becomes of due times that passed while no scheduler looked.</summary>
public sealed class MisfireTests
{
    /// <summary>
    /// Cron, policy, its number, downtime in minutes after the runs ahead were made at 10:00, and the due times on the day of what waits then, in order
    /// (of those that are due): HH:mm, or how many.
    /// </summary>
    [Theory]
    // hourly: 10:00, 11:00 and 12:00 were made ahead. Prefect runs those late and passes over the rest.
    [InlineData("0 * * * *", ScheduleMisfire.Skip, null, 330, "10:00 11:00 12:00")]
    [InlineData("0 * * * *", ScheduleMisfire.RunOnce, null, 330, "15:00")]
    [InlineData("0 * * * *", ScheduleMisfire.RunAll, 100, 330, "10:00 11:00 12:00 13:00 14:00 15:00")]
    [InlineData("0 * * * *", ScheduleMisfire.RunAll, 4, 330, "12:00 13:00 14:00 15:00")]
    [InlineData("0 * * * *", ScheduleMisfire.RunAll, 2, 330, "14:00 15:00")]
    // back before the runs made ahead are used up
    [InlineData("0 * * * *", ScheduleMisfire.Skip, null, 90, "10:00 11:00")]
    [InlineData("0 * * * *", ScheduleMisfire.RunOnce, null, 90, "11:00")]
    [InlineData("0 * * * *", ScheduleMisfire.RunAll, 1, 90, "11:00")]
    [InlineData("0 * * * *", ScheduleMisfire.RunAll, 9, 90, "10:00 11:00")]
    // just back at a due time: that one is the run
    [InlineData("0 * * * *", ScheduleMisfire.RunOnce, null, 300, "15:00")]
    // too short to be a downtime
    [InlineData("0 * * * *", ScheduleMisfire.RunOnce, null, 0.5, "10:00")]
    // nothing was due
    [InlineData("0 9 * * *", ScheduleMisfire.RunOnce, null, 330, "")]
    [InlineData("0 9 * * *", ScheduleMisfire.RunAll, 100, 330, "")]
    // dense: a hundred are made ahead
    [InlineData("* * * * *", ScheduleMisfire.Skip, null, 600, "101")]
    [InlineData("* * * * *", ScheduleMisfire.RunOnce, null, 600, "20:00")]
    [InlineData("* * * * *", ScheduleMisfire.RunAll, 3, 600, "19:58 19:59 20:00")]
    [InlineData("* * * * *", ScheduleMisfire.RunAll, 250, 600, "250")]
    [InlineData("* * * * * *", ScheduleMisfire.RunOnce, null, 600, "20:00")]
    public async Task After_downtime_the_policy_decides_what_runs(string cron, ScheduleMisfire misfire, int? most, double minutes, string expected)
    {
        await using Home home = await Home.OpenAsync();
        await DeployAsync(home, cron, misfire, most);
        await home.CatchUpAsync();
        home.Clock.Advance(TimeSpan.FromMinutes(minutes));
        await home.RestartAsync();
        List<DateTimeOffset> due = [.. (await home.DueAsync()).Where(time => time <= home.Clock.GetUtcNow())];
        if (int.TryParse(expected, CultureInfo.InvariantCulture, out int count))
            due.Count.ShouldBe(count);
        else
            due.ShouldBe(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(time => DateTimeOffset.Parse($"2026-06-01T{time}Z", CultureInfo.InvariantCulture)));
        due.Distinct().Count().ShouldBe(due.Count);
        await LooksAtNothingTwice(home);
    }

    [Fact]
    public async Task The_one_run_says_how_many_due_times_it_stands_for()
    {
        await using Home home = await Home.OpenAsync();
        await DeployAsync(home, "0 * * * *", ScheduleMisfire.RunOnce);
        await home.CatchUpAsync();
        home.Clock.Advance(TimeSpan.FromHours(5.5));
        await home.RestartAsync();
        FlowRun run = (await home.RunsAsync())[0];
        run.Context!.Value.GetRawText().ShouldBe("""{"missed":6,"missed_since":"2026-06-01T10:00:00Z"}""");
        run.State!.Name.ShouldBe("Late");
        run.State.Message.ShouldBe("Stands for 6 due times since 2026-06-01 10:00:00Z that were missed: no scheduler ran then.");
        run.IdempotencyKey.ShouldEndWith(" schedule-1 2026-06-01T15:00:00Z");
        // A publish in between gives it the new parameters and keeps what it says.
        await DeployAsync(home, "0 * * * *", ScheduleMisfire.RunOnce, change: create => create with { Version = "2", Parameters = Home.Json("""{"city":"Rome"}""") });
        FlowRun later = await home.ReadAsync(run.Id);
        later.DeploymentVersion.ShouldBe("2");
        later.Context!.Value.GetProperty("missed").GetInt32().ShouldBe(6);
    }

    [Fact]
    public async Task A_run_that_was_made_ahead_stands_for_the_others_too()
    {
        await using Home home = await Home.OpenAsync();
        await DeployAsync(home, "0 * * * *", ScheduleMisfire.RunOnce);
        await home.CatchUpAsync();
        Guid eleven = (await home.RunsAsync())[1].Id;
        home.Clock.Advance(TimeSpan.FromMinutes(90));
        await home.RestartAsync();
        FlowRun run = (await home.RunsAsync())[0];
        run.Id.ShouldBe(eleven);
        run.Context!.Value.GetProperty("missed").GetInt32().ShouldBe(2);
        run.State!.Message.ShouldBe("Stands for 2 due times since 2026-06-01 10:00:00Z that were missed: no scheduler ran then.");
    }

    [Fact]
    public async Task A_backfill_of_past_times_was_not_missed_and_none_of_its_runs_is_taken_away()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await DeployAsync(home, "0 9 * * *", ScheduleMisfire.RunOnce);
        await home.CatchUpAsync();
        await home.Api.ScheduleDeploymentAsync(deployment.Id, new() { StartTime = Home.Start.AddDays(-7), EndTime = Home.Start, MinRuns = 7 }, default);
        home.Clock.Advance(TimeSpan.FromMinutes(5));
        await home.CatchUpAsync();
        List<FlowRun> past = [.. (await home.RunsAsync()).Where(run => run.ExpectedStartTime <= home.Clock.GetUtcNow())];
        past.Count.ShouldBe(7);
        past.ShouldAllBe(run => run.State!.Name == "Late" && run.State.Message == "Asked for after its time");
        (await home.Api.GetScheduledFlowRunsAsync("default-agent-pool", new() { ScheduledBefore = home.Clock.GetUtcNow() }, default)).Count.ShouldBe(7);
    }

    [Fact]
    public async Task What_a_worker_took_while_the_server_was_away_was_not_missed()
    {
        await using Home home = await Home.OpenAsync();
        await DeployAsync(home, "0 * * * *", ScheduleMisfire.RunOnce);
        await home.CatchUpAsync();
        FlowRun first = (await home.RunsAsync())[0];
        await home.SetAsync(first.Id, StateType.Pending);
        await home.SetAsync(first.Id, StateType.Running);
        home.Clock.Advance(TimeSpan.FromMinutes(90));
        await home.RestartAsync();
        List<FlowRun> runs = [.. (await home.RunsAsync()).Where(run => run.ExpectedStartTime <= home.Clock.GetUtcNow())];
        runs.Select(run => run.State!.Name).ShouldBe(["Running", "Late"]);
        runs[1].Context!.Value.GetProperty("missed").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Runs_that_only_waited_for_a_worker_were_not_missed()
    {
        await using Home home = await Home.OpenAsync();
        await DeployAsync(home, "*/10 * * * *", ScheduleMisfire.RunOnce);
        for (int i = 0; i < 120; i++)
        {
            await home.CatchUpAsync();
            home.Clock.Advance(TimeSpan.FromSeconds(15.5)); // the server looks in time: it marks them late
        }
        List<FlowRun> late = [.. (await home.RunsAsync()).Where(run => run.State!.Name == "Late")];
        late.Count.ShouldBe(4);
        late.ShouldAllBe(run => run.State!.Message == null);
        home.Clock.Advance(TimeSpan.FromHours(1));
        await home.RestartAsync();
        (await home.RunsAsync()).Count(run => run.State!.Name == "Late").ShouldBe(4 + 1);
    }

    [Fact]
    public async Task A_change_of_something_else_keeps_what_was_missed()
    {
        await using Home home = await Home.OpenAsync();
        Deployment deployment = await DeployAsync(home, "0 * * * *", ScheduleMisfire.RunAll);
        await home.CatchUpAsync();
        home.Clock.Advance(TimeSpan.FromHours(5.5));
        // A publish comes before the server does.
        await DeployAsync(home, "0 * * * *", ScheduleMisfire.RunAll, change: create => create with { Version = "2" });
        await home.Api.UpdateDeploymentAsync(deployment.Id, new() { Description = "new" }, default);
        await home.RestartAsync();
        (await home.DueAsync()).Count(time => time <= home.Clock.GetUtcNow()).ShouldBe(6);
    }

    [Fact]
    public async Task A_schedule_that_was_created_while_no_server_ran_counts_from_its_creation()
    {
        await using Home home = await Home.OpenAsync();
        await DeployAsync(home, "0 * * * *", ScheduleMisfire.RunAll);
        home.Clock.Advance(TimeSpan.FromHours(2.5));
        await home.RestartAsync();
        (await home.DueAsync()).Take(3).ShouldBe([Home.Start, Home.Start.AddHours(1), Home.Start.AddHours(2)]);
    }

    [Fact]
    public async Task Downtime_across_a_change_of_clocks_misses_what_the_schedule_says()
    {
        await using Home home = await Home.OpenAsync();
        home.Clock.AdvanceTo(new(2026, 10, 20, 12, 0, 0, TimeSpan.Zero));
        await home.DeployAsync(change: create => create with
        {
            Schedules =
            [
                new() { Slug = "prefect", Schedule = new() { Cron = "30 2 * * *", Timezone = "Europe/Paris" }, Misfire = ScheduleMisfire.RunAll },
                new() { Slug = "hours", Schedule = new() { Cron = "30 * * * *", Timezone = "Europe/Paris" }, Misfire = ScheduleMisfire.RunAll, MaxMisfires = 4, Dst = ScheduleDst.VixieLike },
            ],
        });
        await home.CatchUpAsync();
        home.Clock.AdvanceTo(new(2026, 10, 25, 2, 0, 0, TimeSpan.Zero)); // 03:00 in Paris; 02:00 to 03:00 came twice
        await home.RestartAsync();
        List<FlowRun> runs = [.. (await home.RunsAsync()).Where(run => run.ExpectedStartTime <= home.Clock.GetUtcNow())];
        runs.Where(run => run.CreatedBy!.DisplayValue == "prefect").Select(run => run.ExpectedStartTime!.Value).ShouldBe(
            Enumerable.Range(21, 5).Select(day => new DateTimeOffset(2026, 10, day, 0, 30, 0, TimeSpan.Zero)));
        runs.Where(run => run.CreatedBy!.DisplayValue == "hours").Select(run => run.ExpectedStartTime!.Value.ToString("HH:mm", CultureInfo.InvariantCulture)).ShouldBe(
            ["22:30", "23:30", "00:30", "01:30"], "by the clock, both turns of the repeated hour count");
    }

    [Fact]
    public async Task The_servers_schedules_go_through_the_change_of_clocks_as_they_say()
    {
        await using Home home = await Home.OpenAsync();
        home.Clock.AdvanceTo(new(2027, 3, 28, 0, 0, 0, TimeSpan.Zero)); // 01:00 in Paris; 02:00 to 03:00 is left out
        await home.DeployAsync(change: create => create with
        {
            Schedules =
            [
                new() { Slug = "prefect", Schedule = new() { Cron = "30 2 * * *", Timezone = "Europe/Paris" } },
                new() { Slug = "vixie", Schedule = new() { Cron = "30 2 * * *", Timezone = "Europe/Paris" }, Dst = ScheduleDst.VixieLike },
            ],
        });
        await home.CatchUpAsync();
        List<FlowRun> runs = await home.RunsAsync();
        runs.First(run => run.CreatedBy!.DisplayValue == "prefect").ExpectedStartTime.ShouldBe(new DateTimeOffset(2027, 3, 28, 1, 30, 0, TimeSpan.Zero));
        runs.First(run => run.CreatedBy!.DisplayValue == "vixie").ExpectedStartTime.ShouldBe(new DateTimeOffset(2027, 3, 28, 1, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task A_clock_that_goes_back_makes_up_for_nothing_twice()
    {
        await using Home home = await Home.OpenAsync();
        await DeployAsync(home, "*/10 * * * *", ScheduleMisfire.RunAll);
        await home.CatchUpAsync();
        home.Clock.Advance(TimeSpan.FromHours(5));
        await home.RestartAsync();
        List<Guid> before = [.. (await home.RunsAsync()).Select(run => run.Id)];
        home.Clock.GoBack(TimeSpan.FromHours(2));
        await DeployAsync(home, "*/10 * * * *", ScheduleMisfire.RunAll, change: create => create with { Version = "2" });
        await home.RestartAsync();
        home.Clock.Advance(TimeSpan.FromHours(3));
        await home.RestartAsync();
        List<FlowRun> runs = await home.RunsAsync();
        before.Except(runs.Select(run => run.Id)).ShouldBeEmpty();
        runs.GroupBy(run => run.ExpectedStartTime).ShouldAllBe(same => same.Count() == 1);
        runs.Count(run => run.ExpectedStartTime <= home.Clock.GetUtcNow()).ShouldBe(6 * 6 + 1);
    }

    [Fact]
    public async Task Many_schedules_are_settled_in_few_transactions()
    {
        await using Home home = await Home.OpenAsync();
        await home.Api.ApplyAsync(new() { Deployments = [.. Enumerable.Range(0, 300).Select(i => new DeploymentApply
        {
            FlowName = "many",
            Deployment = new()
            {
                Name = $"d{i}", FlowId = Guid.Empty, WorkQueueName = "default",
                Schedules = [new() { Schedule = new() { Cron = $"{i % 60} * * * *" }, Misfire = i % 2 == 0 ? ScheduleMisfire.RunOnce : ScheduleMisfire.RunAll, MaxMisfires = i % 2 == 0 ? null : 5 }],
            },
        })] }, default);
        await home.CatchUpAsync();
        home.Clock.Advance(TimeSpan.FromHours(24));
        long before = (await home.Api.GetInfoAsync(default)).Change;
        await home.RestartAsync();
        ((await home.Api.GetInfoAsync(default)).Change - before).ShouldBeLessThanOrEqualTo(6);
        (await home.RunsAsync()).Count(run => run.ExpectedStartTime <= home.Clock.GetUtcNow()).ShouldBe(150 * 1 + 150 * 5);
    }

    [Theory]
    [InlineData("* * * * * *", null)] // each second, for a year
    [InlineData(null, "FREQ=SECONDLY")]
    public async Task A_year_of_downtime_costs_no_more_than_a_day(string? cron, string? rrule)
    {
        await using Home home = await Home.OpenAsync();
        await home.DeployAsync(change: create => create with { Schedules = [new() { Slug = "s", Schedule = new() { Cron = cron, Rrule = rrule }, Misfire = ScheduleMisfire.RunOnce }] });
        await home.CatchUpAsync();
        home.Clock.Advance(TimeSpan.FromDays(365));
        long statements = home.Api.Statements;
        await home.RestartAsync();
        (home.Api.Statements - statements).ShouldBeLessThan(2_000, "statements do not grow with the downtime");
        FlowRun run = (await home.RunsAsync()).First(run => run.Context?.TryGetProperty("missed", out _) == true);
        run.ExpectedStartTime.ShouldBe(home.Clock.GetUtcNow());
        run.State!.Message.ShouldStartWith("Stands for at least 1,");
    }

    [Fact]
    public async Task A_worker_that_looks_before_the_server_finds_the_one_run_only()
    {
        await using Home home = await Home.OpenAsync();
        await DeployAsync(home, "0 * * * *", ScheduleMisfire.RunOnce);
        await DeployAsync(home, "0 * * * *", ScheduleMisfire.Skip, name: "as-prefect");
        await home.CatchUpAsync();
        home.Clock.Advance(TimeSpan.FromHours(5.5));
        Task<IReadOnlyList<WorkerFlowRun>> ClaimAsync() => home.Api.GetScheduledFlowRunsAsync("default-agent-pool", new() { ScheduledBefore = home.Clock.GetUtcNow() }, default);
        IReadOnlyList<WorkerFlowRun> claimable = await ClaimAsync();
        claimable.Count.ShouldBe(1 + 3);
        claimable.Single(run => run.FlowRun.Context?.TryGetProperty("missed", out _) == true).FlowRun.Context!.Value.GetProperty("missed").GetInt32().ShouldBe(6);
        long change = (await home.Api.GetInfoAsync(default)).Change;
        (await ClaimAsync()).Select(run => run.FlowRun.Id).ShouldBe(claimable.Select(run => run.FlowRun.Id));
        (await home.Api.GetInfoAsync(default)).Change.ShouldBe(change, "what is settled wakes nobody");
        await home.RestartAsync();
        (await ClaimAsync()).Select(run => run.FlowRun.Id).ShouldBe(claimable.Select(run => run.FlowRun.Id), ignoreOrder: true);
    }

    /// <summary>
    /// Whatever comes when (downtime, restarts, a worker, publishes and changes of other things, over a change of clocks): each due time has its run, or
    /// a run that counts it.
    /// </summary>
    [Theory]
    [InlineData(ScheduleMisfire.RunAll)]
    [InlineData(ScheduleMisfire.RunOnce)]
    public async Task Every_due_time_is_made_up_for_exactly_once(ScheduleMisfire misfire)
    {
        var random = new Random(Fuzz.Seed);
        int turns = Fuzz.Count(80);
        await using Home home = await Home.OpenAsync();
        home.Clock.AdvanceTo(new(2026, 10, 24, 12, 0, 0, TimeSpan.Zero));
        DateTimeOffset start = home.Clock.GetUtcNow();
        var schedule = new DeploymentScheduleCreate
        {
            // By the clock, so that there is one each half hour of real time.
            Slug = "s", Schedule = new() { Cron = "*/30 * * * *", Timezone = "Europe/Paris" }, Dst = ScheduleDst.VixieLike, Misfire = misfire,
            MaxMisfires = misfire == ScheduleMisfire.RunAll ? 10_000 : null,
        };
        Task<Deployment> PublishAsync(int version) => home.DeployAsync(change: create => create with { Schedules = [schedule], Version = $"{version}" });
        Deployment deployment = await PublishAsync(0);
        for (int turn = 1; turn <= turns; turn++)
        {
            switch (random.Next(6))
            {
                case 0: // the server is up for a while
                    for (int step = random.Next(60); step > 0; step--)
                    {
                        home.Clock.Advance(TimeSpan.FromSeconds(20));
                        await home.CatchUpAsync();
                    }
                    break;
                case 1:
                    home.Clock.Advance(TimeSpan.FromMinutes(random.Next(600)));
                    await home.RestartAsync();
                    break;
                case 2:
                    await PublishAsync(turn);
                    break;
                case 3: // Prefect's PATCH makes the runs ahead anew
                    await home.Api.UpdateDeploymentAsync(deployment.Id, new() { Description = $"{turn}" }, default);
                    break;
                case 4:
                    foreach (WorkerFlowRun run in await home.Api.GetScheduledFlowRunsAsync("default-agent-pool", new() { ScheduledBefore = home.Clock.GetUtcNow(), Limit = random.Next(1, 5) }, default))
                    {
                        await home.SetAsync(run.FlowRun.Id, StateType.Pending);
                        await home.SetAsync(run.FlowRun.Id, StateType.Running);
                        await home.SetAsync(run.FlowRun.Id, StateType.Completed);
                    }
                    break;
                case 5:
                    home.Clock.Advance(TimeSpan.FromMinutes(random.Next(240)));
                    break;
            }
        }
        home.Clock.Advance(TimeSpan.FromMinutes(7));
        await home.RestartAsync();
        DateTimeOffset now = home.Clock.GetUtcNow();
        List<FlowRun> runs = [.. (await home.RunsAsync()).Where(run => run.ExpectedStartTime <= now)];
        runs.Select(run => run.ExpectedStartTime).ShouldBeUnique();
        int due = (int)((now - start) / TimeSpan.FromMinutes(30)) + 1;
        due.ShouldBeGreaterThan(turns);
        runs.Sum(run => run.Context?.TryGetProperty("missed", out JsonElement missed) == true ? missed.GetInt32() : 1).ShouldBe(due, $"seed {Fuzz.Seed}, {turns} turns");
        if (misfire == ScheduleMisfire.RunAll)
            runs.Count.ShouldBe(due);
    }

    /// <summary>The clock of the processes is real; the schedules were deployed, and last looked at, an hour before.</summary>
    [Fact]
    public async Task Killed_while_it_makes_up_a_server_loses_nothing_and_makes_nothing_twice()
    {
        const int Deployments = 8, Most = 200;
        await using Home home = await Home.OpenAsync();
        home.Clock.AdvanceTo(DateTimeOffset.UtcNow.AddHours(-1));
        for (int i = 0; i < Deployments; i++)
            await DeployAsync(home, "* * * * * */10", ScheduleMisfire.RunAll, Most, $"d{i}");
        await home.CatchUpAsync();
        int seed = Fuzz.Seed;
        var random = new Random(seed);
        int killed = 0;
        for (int round = 0; ; round++)
        {
            await using ProgramRun server = ProgramRun.Start(Child.Program, ["child", "settle", home.Where.Root]);
            await server.WaitForLineAsync(line => line == "opened", _bound);
            if (round < 4)
            {
                await Task.Delay(random.Next(150), TestContext.Current.CancellationToken); // the kill may come at any moment
                server.Process.Kill();
                killed++;
            }
            await server.WaitForExitAsync(_bound);
            if (server.Output.Contains("settled", StringComparison.Ordinal))
                break;
            round.ShouldBeLessThan(20, server.Error);
        }
        var late = (await home.RunsAsync()).Where(run => run.State!.Name == "Late").GroupBy(run => run.DeploymentId).ToList();
        late.Count.ShouldBe(Deployments, $"seed {seed}, {killed} kills");
        foreach (var runs in late)
        {
            List<DateTimeOffset> due = [.. runs.Select(run => run.ExpectedStartTime!.Value)];
            due.Count.ShouldBe(Most, $"seed {seed}");
            due.ShouldBe(Enumerable.Range(0, Most).Select(i => due[0].AddSeconds(10 * i)), $"seed {seed}");
        }
    }

    [Fact]
    public async Task An_impossible_number_is_refused_and_one_without_its_policy_is_dropped()
    {
        await using Home home = await Home.OpenAsync();
        OrchestrationException error = await Should.ThrowAsync<OrchestrationException>(() => DeployAsync(home, "0 * * * *", ScheduleMisfire.RunAll, 10_001));
        (error.Kind, error.Field).ShouldBe((OrchestrationErrorKind.Invalid, "body.deployments.0.deployment.schedules.0.max_misfires"));
        Deployment deployment = await DeployAsync(home, "0 * * * *", ScheduleMisfire.RunOnce, 5);
        deployment.Schedules[0].MaxMisfires.ShouldBeNull();
        await home.Api.UpdateScheduleAsync(deployment.Id, deployment.Schedules[0].Id, new() { Misfire = ScheduleMisfire.RunAll }, default);
        (await home.Api.ReadDeploymentAsync(deployment.Id, default))!.Schedules[0].MaxMisfires.ShouldBe(100);
    }

    private static readonly TimeSpan _bound = TimeSpan.FromMinutes(2);

    private static Task<Deployment> DeployAsync(
        Home home, string cron, ScheduleMisfire misfire, int? most = null, string name = "daily", Func<DeploymentCreate, DeploymentCreate>? change = null) =>
        home.DeployAsync(name, change: create =>
        {
            create = create with { Schedules = [new() { Slug = "schedule-1", Schedule = new() { Cron = cron }, Misfire = misfire, MaxMisfires = most }] };
            return change?.Invoke(create) ?? create;
        });

    private static async Task LooksAtNothingTwice(Home home)
    {
        List<Guid> before = [.. (await home.RunsAsync()).Select(run => run.Id)];
        await home.RestartAsync();
        (await home.RunsAsync()).Select(run => run.Id).ShouldBe(before);
    }
}

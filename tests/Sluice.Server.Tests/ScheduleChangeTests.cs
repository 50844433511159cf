using System.Globalization;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Orchestration.Json;

namespace Sluice.Server.Tests;

/// <summary>A new or changed schedule holds from that moment on.</summary>
public sealed class ScheduleChangeTests
{
    /// <summary>What is done between two looks of the scheduler that are an hour apart: nothing that was due before it is made up for.</summary>
    [Theory]
    [InlineData("cron")]
    [InlineData("zone")]
    [InlineData("dst")]
    [InlineData("policy")]
    [InlineData("add")]
    [InlineData("activate")]
    [InlineData("resume")]
    [InlineData("resume by PATCH")]
    [InlineData("resume by publish")]
    [InlineData("create")]
    [InlineData("replace")]
    public async Task What_is_new_or_changed_or_resumed_never_back_fills(string change)
    {
        await using Home home = await Home.OpenAsync();
        DeploymentScheduleCreate schedule = new() { Slug = "schedule-1", Schedule = new() { Cron = "*/10 * * * *" }, Misfire = ScheduleMisfire.RunAll };
        Deployment deployment = await home.DeployAsync(change: create => create with { Schedules = [change == "policy" ? schedule with { Misfire = null } : schedule] });
        if (change == "activate")
            await home.Api.UpdateScheduleAsync(deployment.Id, deployment.Schedules[0].Id, new() { Active = false }, default);
        if (change.StartsWith("resume", StringComparison.Ordinal))
            await home.Api.SetDeploymentPausedAsync(deployment.Id, true, default);
        await home.CatchUpAsync();
        home.Clock.Advance(TimeSpan.FromHours(9.05)); // nobody looks
        DateTimeOffset changed = home.Clock.GetUtcNow();
        home.Sql("DELETE FROM flow_run"); // those made ahead before; what counts is what comes now
        Task Declare(params DeploymentScheduleCreate[] schedules) => home.DeployAsync(change: create => create with { Schedules = schedules, Paused = change == "resume by publish" ? false : null });
        switch (change)
        {
            case "cron":
                await Declare(schedule with { Schedule = new() { Cron = "*/5 * * * *" } });
                break;
            case "zone":
                await Declare(schedule with { Schedule = new() { Cron = "*/10 * * * *", Timezone = "Asia/Kolkata" } });
                break;
            case "dst":
                await Declare(schedule with { Dst = ScheduleDst.VixieLike });
                break;
            case "policy":
                await Declare(schedule);
                break;
            case "add": // a second one; the first is asked after below
                home.Sql("DELETE FROM schedule");
                await home.Api.CreateSchedulesAsync(deployment.Id, [schedule with { Slug = "second" }], default);
                break;
            case "activate":
                await home.Api.UpdateScheduleAsync(deployment.Id, deployment.Schedules[0].Id, new() { Active = true }, default);
                break;
            case "resume":
                await home.Api.SetDeploymentPausedAsync(deployment.Id, false, default);
                break;
            case "resume by PATCH":
                await home.Api.UpdateDeploymentAsync(deployment.Id, new() { Paused = false }, default);
                break;
            case "resume by publish":
                await Declare(schedule);
                break;
            case "create":
                await home.DeployAsync("other", change: create => create with { Schedules = [schedule] });
                await home.Api.DeleteDeploymentAsync(deployment.Id, default);
                break;
            case "replace":
                await home.Api.UpsertDeploymentAsync(new() { Name = "daily", FlowId = deployment.FlowId, Schedules = [schedule] }, default);
                break;
        }
        home.Clock.Advance(TimeSpan.FromSeconds(5));
        await home.RestartAsync();
        List<DateTimeOffset> due = await home.DueAsync();
        due.ShouldNotBeEmpty();
        due.ShouldAllBe(time => time >= changed);
    }

    /// <summary>A change at 10:30 of a schedule of 06:00 in Paris, and the first runs ahead then.</summary>
    [Theory]
    [InlineData("""{"cron":"0 7 * * *","timezone":"Europe/Paris"}""", null, "02T05:00 03T05:00 04T05:00")]
    [InlineData("""{"cron":"0 6 * * *","timezone":"Asia/Tokyo"}""", null, "01T21:00 02T21:00 03T21:00")]
    [InlineData("""{"interval":7200,"anchor_date":"2026-01-01T00:00:00Z"}""", null, "01T12:00 01T14:00 01T16:00")]
    [InlineData("""{"rrule":"FREQ=DAILY;BYHOUR=9;BYMINUTE=0;BYSECOND=0"}""", null, "02T09:00 03T09:00 04T09:00")]
    [InlineData("""{"cron":"0 6 * * *","timezone":"Europe/Paris"}""", false, "")]
    public async Task Runs_ahead_of_the_old_schedule_go_and_those_of_the_new_one_come(string changed, bool? active, string expected)
    {
        await using Home home = await Home.OpenAsync();
        await home.DeployAsync(change: create => create with { Schedules = [new() { Slug = "s", Schedule = new() { Cron = "0 6 * * *", Timezone = "Europe/Paris" } }] });
        await home.CatchUpAsync();
        (await home.DueAsync()).Select(time => time.ToString("dd'T'HH:mm", CultureInfo.InvariantCulture)).ShouldBe(["02T04:00", "03T04:00", "04T04:00"]);
        home.Clock.Advance(TimeSpan.FromMinutes(30));
        Schedule schedule = JsonSerializer.Deserialize(changed, OrchestrationJson.Default.Schedule)!;
        await home.DeployAsync(change: create => create with { Schedules = [new() { Slug = "s", Schedule = schedule, Active = active }] });
        await home.CatchUpAsync();
        (await home.DueAsync()).Select(time => time.ToString("dd'T'HH:mm", CultureInfo.InvariantCulture)).ShouldBe(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}

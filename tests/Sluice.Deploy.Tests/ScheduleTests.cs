using System.Text.Json.Nodes;
using Sluice.Orchestration;
using Sluice.Server;

namespace Sluice.Deploy.Tests;

/// <summary>What a deploy makes of schedules, and says of them.</summary>
public sealed class ScheduleTests : IDisposable
{
    private readonly DeployBench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Every_schedule_is_told_in_words_with_its_options_and_next_due_times()
    {
        Schedules("""
            {"slug": "schedule-1", "schedule": {"cron": "30 2 * * *", "timezone": "Europe/Paris", "day_or": true}, "dst": "vixie_like"},
            {"slug": "often", "schedule": {"interval": 900, "anchor_date": "2026-01-01T00:05:00Z"}, "misfire": "run_all", "max_misfires": 1500},
            {"slug": "weekly", "active": false, "schedule": {"rrule": "FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0;BYSECOND=0"}, "misfire": "run_once"},
            {"slug": "gone", "schedule": {"cron": "0 0 1 1 * 0 2020"}}
            """);
        await _bench.DeployAsync();
        string[] lines = [.. _bench.Output.Split('\n').Skip(1).Take(8)];
        lines[0].ShouldStartWith("  schedule-1: at 02:30 every day (Europe/Paris)");
        lines[0].ShouldEndWith("; clocks change as in Vixie cron");
        lines[1].ShouldBe("    next: 2026-11-23T01:30:00Z, 2026-11-24T01:30:00Z, 2026-11-25T01:30:00Z");
        lines[2].ShouldStartWith("  often: every 15 minutes");
        lines[2].ShouldEndWith("; what was missed runs, at most the latest 1,500");
        lines[3].ShouldBe("    next: 2026-11-22T08:35:00Z, 2026-11-22T08:50:00Z, 2026-11-22T09:05:00Z");
        lines[4].ShouldEndWith("; what was missed runs once, not active");
        lines[5].ShouldStartWith("    next: 2026-11-23T09:00:00Z, ");
        lines[7].ShouldBe("    never again");

        IReadOnlyList<DeploymentSchedule> live = (await _bench.LiveAsync("daily"))!.Schedules;
        live.Select(s => (s.Slug, s.Misfire, s.MaxMisfires, s.Dst)).ShouldBe(
        [
            ("schedule-1", ScheduleMisfire.Skip, null, ScheduleDst.VixieLike),
            ("often", ScheduleMisfire.RunAll, 1500, ScheduleDst.PrefectCompatible),
            ("weekly", ScheduleMisfire.RunOnce, null, ScheduleDst.PrefectCompatible),
            ("gone", ScheduleMisfire.Skip, null, ScheduleDst.PrefectCompatible),
        ]);
        (await _bench.DeployAsync()).HasChanges.ShouldBeFalse();
    }

    [Theory]
    [InlineData("Europe/Paris", "    next: 2026-11-23 06:00:00 +01:00 (2026-11-23T05:00:00Z), ")]
    [InlineData("Asia/Kolkata", "    next: 2026-11-23 10:30:00 +05:30 (2026-11-23T05:00:00Z), ")]
    [InlineData("America/Los_Angeles", "    next: 2026-11-22 21:00:00 -08:00 (2026-11-23T05:00:00Z), ")]
    public async Task Due_times_are_told_on_the_clock_of_this_machine_and_in_utc(string zone, string expected)
    {
        _bench.Time.Zone = TimeZoneInfo.FindSystemTimeZoneById(zone);
        await _bench.DeployAsync();
        _bench.Output.Split('\n')[2].ShouldStartWith(expected);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Options_that_a_prefect_server_does_not_know_are_a_warning_there_and_are_not_sent(bool plan)
    {
        Schedules("""
            {"slug": "schedule-1", "schedule": {"cron": "0 6 * * *"}, "misfire": "run_all", "dst": "vixie_like"},
            {"slug": "often", "schedule": {"interval": 900}, "misfire": "run_once"},
            {"slug": "plain", "schedule": {"interval": 900}}
            """);
        await using IOrchestrationApi store = await _bench.OpenAsync();
        await using ApiHost prefect = await ApiHost.StartAsync(store, new() { PrefectOnly = true }, Cancel);
        DeployResult result = await _bench.RunAsync(_bench.Request with { PlanOnly = plan }, prefect.Url);

        DeployError warning = result.Diagnostics.ShouldHaveSingleItem();
        (warning.Code, warning.IsWarning).ShouldBe((DeployCodes.ScheduleOptionIgnored, true));
        warning.Message.ShouldContain("is a Prefect server");
        warning.Message.ShouldContain("Misfire and Dst of Weather report/daily, schedule 'schedule-1'; Misfire of Weather report/daily, schedule 'often' have no effect there");
        warning.Message.ShouldNotContain("plain");
        if (!plan)
            (await _bench.LiveAsync("daily"))!.Schedules.ShouldAllBe(s => s.Misfire == ScheduleMisfire.Skip && s.Dst == ScheduleDst.PrefectCompatible);

        // Not the second time either, and never on Sluice's server.
        DeployResult again = await _bench.RunAsync(server: prefect.Url);
        again.Diagnostics.Select(d => d.Code).ShouldBe([DeployCodes.ScheduleOptionIgnored]);
        if (!plan)
            again.Outcome!.HasChanges.ShouldBeFalse();
        await using ApiHost sluice = await ApiHost.StartAsync(store, new(), Cancel);
        (await _bench.RunAsync(server: sluice.Url)).Diagnostics.ShouldBeEmpty();
        (await _bench.LiveAsync("daily"))!.Schedules.Select(s => s.Misfire).ShouldBe([ScheduleMisfire.RunAll, ScheduleMisfire.RunOnce, ScheduleMisfire.Skip]);
    }

    [Theory]
    [InlineData("\"misfire\": \"sometimes\"", DeployCodes.ManifestUnreadable)]
    [InlineData("\"misfire\": \"run_all\", \"max_misfires\": 0", DeployCodes.ScheduleInvalid)]
    public async Task Options_that_the_generator_never_writes_are_refused(string option, string code)
    {
        Schedules($$"""{"slug": "schedule-1", "schedule": {"cron": "0 6 * * *"}, {{option}}}""");
        (await _bench.FailAsync()).Code.ShouldBe(code);
    }

    private void Schedules(string schedules) => _bench.ChangeFlow(flow => flow["deployments"]![0]!["schedules"] = JsonNode.Parse($"[{schedules}]"));
}

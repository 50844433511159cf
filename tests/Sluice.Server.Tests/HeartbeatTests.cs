using Sluice.Orchestration;

namespace Sluice.Server.Tests;

/// <summary>Runs of Prefect's own engine, which says that it lives by events.</summary>
public sealed class HeartbeatTests
{
    [Fact]
    public async Task A_run_that_beat_and_fell_silent_for_three_beats_is_Crashed()
    {
        await using Home home = await Home.OpenAsync();
        await home.CatchUpAsync();
        Guid run = await RunningAsync(home);
        for (int beat = 0; beat < 3; beat++)
        {
            await BeatAsync(home, run);
            home.Clock.Advance(TimeSpan.FromSeconds(180));
        }
        home.Clock.Advance(TimeSpan.FromSeconds(359));
        await home.CatchUpAsync();
        (await home.ReadAsync(run)).StateType.ShouldBe(StateType.Running);
        home.Clock.Advance(TimeSpan.FromSeconds(1));
        await home.CatchUpAsync();
        (await home.ReadAsync(run)).State!.Message.ShouldBe("The worker and the flow process both vanished: no sign of life for 540 s.");
    }

    [Fact]
    public async Task One_beat_or_none_says_nothing_about_the_next()
    {
        await using Home home = await Home.OpenAsync();
        await home.CatchUpAsync();
        Guid once = await RunningAsync(home), never = await RunningAsync(home);
        await BeatAsync(home, once);
        home.Clock.Advance(TimeSpan.FromHours(30));
        await home.CatchUpAsync();
        foreach (Guid run in new[] { once, never })
            (await home.ReadAsync(run)).StateType.ShouldBe(StateType.Running);
    }

    [Fact]
    public async Task Beats_that_come_late_and_together_count_by_their_own_time()
    {
        await using Home home = await Home.OpenAsync();
        await home.CatchUpAsync();
        Guid run = await RunningAsync(home);
        home.Clock.Advance(TimeSpan.FromSeconds(400));
        await home.Api.CreateEventsAsync([Beat(run, Home.Start.AddSeconds(10)), Beat(run, Home.Start.AddSeconds(190)), Beat(run, Home.Start.AddSeconds(370))], default);
        home.Clock.Advance(TimeSpan.FromSeconds(539));
        await home.CatchUpAsync();
        (await home.ReadAsync(run)).StateType.ShouldBe(StateType.Running);
    }

    [Fact]
    public async Task A_run_that_ended_beats_no_more_and_what_is_no_run_is_passed_over()
    {
        await using Home home = await Home.OpenAsync();
        Guid run = await RunningAsync(home);
        await BeatAsync(home, run);
        await home.SetAsync(run, StateType.Completed);
        home.Clock.Advance(TimeSpan.FromSeconds(180));
        await BeatAsync(home, run);
        await BeatAsync(home, Guid.NewGuid());
        await home.Api.CreateEventsAsync([Beat(run, Home.Start) with { Resource = new Dictionary<string, string> { ["prefect.resource.id"] = "prefect.flow-run.none" } }], default);
        home.Sql("SELECT COUNT(*) FROM flow_run WHERE lease_expires IS NOT NULL").ShouldBe(0L);
    }

    [Fact]
    public async Task A_run_that_waits_in_its_own_process_is_kept_by_its_beats_and_found_without_them()
    {
        await using Home home = await Home.OpenAsync();
        await home.CatchUpAsync();
        Guid paused = await RunningAsync(home), retrying = await RunningAsync(home);
        await home.Api.UpdateFlowRunAsync(retrying, new() { EmpiricalPolicy = new() { Retries = 1, RetryDelay = 7200 } }, default);
        for (int beat = 0; beat < 22; beat++)
        {
            foreach (Guid run in new[] { paused, retrying })
                await BeatAsync(home, run);
            if (beat == 1)
            {
                await home.SetAsync(paused, StateType.Paused, state => state with { StateDetails = new() { PauseTimeout = home.Clock.GetUtcNow().AddHours(2) } });
                (await home.SetAsync(retrying, StateType.Failed)).State!.Name.ShouldBe("AwaitingRetry");
            }
            home.Clock.Advance(TimeSpan.FromSeconds(180));
            await home.CatchUpAsync();
        }
        (await home.ReadAsync(paused)).StateType.ShouldBe(StateType.Paused);
        (await home.ReadAsync(retrying)).StateType.ShouldBe(StateType.Scheduled);
        home.Clock.Advance(TimeSpan.FromSeconds(360));
        await home.CatchUpAsync();
        foreach (Guid run in new[] { paused, retrying })
            (await home.ReadAsync(run)).StateType.ShouldBe(StateType.Crashed);
    }

    private static async Task<Guid> RunningAsync(Home home)
    {
        FlowRun run = await home.RunAsync(await home.DeployAsync());
        await home.SetAsync(run.Id, StateType.Pending);
        await home.SetAsync(run.Id, StateType.Running);
        return run.Id;
    }

    private static Task BeatAsync(Home home, Guid run) => home.Api.CreateEventsAsync([Beat(run, home.Clock.GetUtcNow())], default);

    private static EventCreate Beat(Guid run, DateTimeOffset time) => new()
    {
        Id = Guid.NewGuid(),
        Event = "prefect.flow-run.heartbeat",
        Occurred = time,
        Resource = new Dictionary<string, string> { ["prefect.resource.id"] = $"prefect.flow-run.{run}" },
    };
}

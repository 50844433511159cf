using Sluice.Orchestration;
using Sluice.Server.Tasks;

namespace Sluice.Server.Tests;

/// <summary>Which result of a task is given again.</summary>
public sealed class CachedTaskTests
{
    [Fact]
    public async Task A_result_that_holds_is_found_behind_any_number_that_ran_out()
    {
        await using Home home = await Home.OpenAsync();
        await CompleteAsync(home, 0, null);
        for (int i = 1; i <= 12; i++)
            await CompleteAsync(home, i, home.Clock.GetUtcNow().AddSeconds(60));
        home.Clock.Advance(TimeSpan.FromSeconds(59.9));
        (await StartAsync(home, 13)).State!.StateDetails.CacheExpiration.ShouldNotBeNull();
        home.Clock.Advance(TimeSpan.FromSeconds(0.1));
        OrchestrationResult late = await StartAsync(home, 14);
        late.State!.Name.ShouldBe("Cached");
        late.State.StateDetails.CacheExpiration.ShouldBeNull();
    }

    [Fact]
    public async Task A_result_that_ran_out_is_not_given()
    {
        await using Home home = await Home.OpenAsync();
        await CompleteAsync(home, 0, home.Clock.GetUtcNow().AddSeconds(60).ToOffset(TimeSpan.FromHours(5)));
        home.Clock.Advance(TimeSpan.FromSeconds(60));
        (await StartAsync(home, 1)).State!.Name.ShouldBe("Running");
    }

    private static async Task<OrchestrationResult> StartAsync(Home home, int number)
    {
        TaskRun run = await home.Api.Write(scope => TaskRuns.Create(scope, new() { TaskKey = "t", DynamicKey = $"{number}" }), default);
        return await home.Api.Write(scope => TaskRunStates.Set(scope, run.Id, new() { Type = StateType.Running, StateDetails = new() { CacheKey = "key" } }, force: false), default);
    }

    private static async Task CompleteAsync(Home home, int number, DateTimeOffset? until)
    {
        TaskRun run = await home.Api.Write(scope => TaskRuns.Create(scope, new() { TaskKey = "t", DynamicKey = $"{number}" }), default);
        StateCreate state = new() { Type = StateType.Completed, Data = Home.Json("""{"data":{"key":"k"}}""")["data"], StateDetails = new() { CacheKey = "key", CacheExpiration = until } };
        await home.Api.Write(scope => TaskRunStates.Set(scope, run.Id, state, force: true), default);
    }
}

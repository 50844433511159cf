using Sluice.Orchestration;

namespace Sluice.Deploy.Tests;

/// <summary>Somebody else at the same deployments, between the plan and the apply.</summary>
public sealed class ConcurrentDeployTests : IDisposable
{
    private readonly DeployBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task What_a_person_changes_between_plan_and_apply_is_seen_by_a_new_plan()
    {
        await _bench.DeployAsync();
        _bench.Temp.Write("publish/Weather.dll", "another program");
        Deployment before = (await _bench.LiveAsync("daily"))!;
        int applies = 0;
        DeployResult result = await _bench.RunAsync(beforeApply: async api =>
        {
            if (applies++ == 0)
                await api.UpdateDeploymentAsync(before.Id, new() { Description = "by hand" }, default);
        });

        result.Succeeded.ShouldBeTrue(string.Join('\n', result.Diagnostics));
        applies.ShouldBe(2);
        _bench.Output.ShouldContain("Sluice: The deployment \"Weather report/daily\" was changed by somebody else meanwhile. Nothing was applied. Planning again.");
        (await _bench.LiveAsync("daily"))!.Updated.ShouldNotBe(before.Updated);
        (await _bench.LiveAsync("manual"))!.Path.ShouldBe((await _bench.LiveAsync("daily"))!.Path);
    }

    [Fact]
    public async Task Deployments_that_change_again_and_again_are_SLC1091_and_stay_as_they_are()
    {
        await _bench.DeployAsync();
        _bench.Temp.Write("publish/Weather.dll", "another program");
        Deployment before = (await _bench.LiveAsync("daily"))!;
        int applies = 0;
        DeployResult result = await _bench.RunAsync(beforeApply: api => api.UpdateDeploymentAsync(before.Id, new() { Description = $"by hand {++applies}" }, default));

        result.Outcome.ShouldBeNull();
        DeployError error = result.Diagnostics.ShouldHaveSingleItem();
        error.Code.ShouldBe(DeployCodes.ChangedMeanwhile);
        error.Message.ShouldContain("Weather report/daily");
        applies.ShouldBe(3);
        Deployment after = (await _bench.LiveAsync("daily"))!;
        after.Description.ShouldBe("by hand 3");
        after.Path.ShouldBe(before.Path);
        (await _bench.LiveAsync("manual"))!.Path.ShouldBe(before.Path);
    }

    [Fact]
    public async Task Of_two_first_publishes_at_once_each_is_whole_and_the_last_one_stands()
    {
        // Both have planned to create everything when the first of them applies.
        using var both = new Barrier(2);
        async Task<DeployResult> PublishAsync(string version)
        {
            int applies = 0;
            return await _bench.RunAsync(_bench.Request with { DeploymentVersion = version }, beforeApply: _ => applies++ > 0 ? Task.CompletedTask : Task.Run(() =>
                both.SignalAndWait(TimeSpan.FromMinutes(1)).ShouldBeTrue("the other publish planned too")));
        }

        await (await _bench.OpenAsync()).DisposeAsync();
        DeployResult[] results = await Task.WhenAll(Task.Run(() => PublishAsync("one")), Task.Run(() => PublishAsync("two")));

        results.ShouldAllBe(result => result.Succeeded, string.Join('\n', results.SelectMany(result => result.Diagnostics)));
        results.Select(result => string.Join(' ', result.Outcome!.Deployments.Select(one => one.Outcome))).ShouldBe(["created created", "updated updated"], ignoreOrder: true);
        string last = results.Single(result => result.Outcome!.Deployments[0].Outcome == "updated").Outcome!.Deployments[0].Version!;
        (await _bench.LiveAsync("daily"))!.Version.ShouldBe(last);
        (await _bench.LiveAsync("manual"))!.Version.ShouldBe(last);
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Deploy.Ownership;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Testing.Prefect;

namespace Sluice.Deploy.Tests.Ownership;

/// <summary>Whose deployments are, on Sluice's server (0) and on what stands in for Prefect servers of both generations.</summary>
public sealed class OwnershipTests : IDisposable
{
    private readonly DeployBench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<int> Servers => [0, 2, 3];

    public void Dispose() => _bench.Dispose();

    [Theory, MemberData(nameof(Servers))]
    public async Task What_a_publish_creates_carries_its_app_and_what_was_there_before_is_somebody_elses(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        Flow flow = await place.Api.EnsureFlowAsync(new() { Name = "Weather report" }, Cancel);
        await place.Api.UpsertDeploymentAsync(new() { Name = "daily", FlowId = flow.Id }, Cancel);

        await place.PublishAsync(NoSchedules);

        OwnerMark daily = (await place.MarkAsync("daily")).ShouldNotBeNull();
        (daily.App, daily.Environment, daily.CreatedAs, daily.Expires).ShouldBe(("Weather", null, null, null));
        (await place.MarkAsync("manual")).ShouldBe(new OwnerMark { App = "Weather", CreatedAs = "Weather report/manual" });
        DeployResult again = await place.PublishAsync(NoSchedules);
        again.Outcome!.Deployments.SelectMany(d => d.Changes.Select(change => $"{d.FullName}: {change}")).ShouldBeEmpty("an unchanged publish writes nothing");
        again.Outcome.ApiWrites.ShouldBe(0);
        (await place.MarkAsync("daily")).ShouldBe(daily);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task What_vanished_from_the_code_is_reported_as_orphaned_and_nothing_that_others_made(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        Flow flow = await place.Api.EnsureFlowAsync(new() { Name = "Weather report" }, Cancel);
        await place.Api.UpsertDeploymentAsync(new() { Name = "adopted", FlowId = flow.Id }, Cancel);
        await place.PublishAsync(Names("kept", "gone", "adopted"));
        await place.PublishAsync(Names("theirs"), _bench.Request with { App = "Other" });
        await place.CopyAsync(await place.LiveAsync("kept"), "copy of a person");
        await place.Api.UpsertDeploymentAsync(new() { Name = "a person's", FlowId = flow.Id }, Cancel);

        DeployResult result = await place.PublishAsync(Names("kept"));

        result.Outcome!.Deployments.Select(d => (d.FullName, d.Outcome)).ShouldBe([("Weather report/kept", "unchanged"), ("Weather report/gone", "orphaned")]);
        result.Outcome.HasChanges.ShouldBeFalse("what is only reported is no change");
        _bench.Output.ShouldContain("Weather report/gone: orphaned (no longer in the code)\n");
        (await place.NamesAsync()).ShouldBe(["a person's", "adopted", "copy of a person", "gone", "kept", "theirs"]);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task Another_apps_deployment_is_taken_over_with_a_warning_and_stays_out_of_prunes_reach(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        await place.PublishAsync(Names("daily"), _bench.Request with { App = "Climate" });

        DeployResult result = await place.PublishAsync(Names("daily"));

        DeployError warning = result.Diagnostics.Where(d => d.Code == DeployCodes.OtherApp).ShouldHaveSingleItem();
        warning.IsWarning.ShouldBeTrue();
        warning.Message.ShouldContain("Weather report/daily is the app 'Climate''s, and this publish of 'Weather' takes it over");
        (await place.MarkAsync("daily")).ShouldBe(new OwnerMark { App = "Weather" });
        (await place.PublishAsync(Names("daily"))).Diagnostics.ShouldNotContain(d => d.Code == DeployCodes.OtherApp);
        (await place.PublishAsync(Names("other"))).Outcome!.Deployments.Select(d => d.FullName).ShouldBe(["Weather report/other"]);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task An_environment_is_a_suffixed_paused_tagged_copy_beside_the_deployments(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        await place.PublishAsync(NoChange);
        Deployment before = await place.LiveAsync("daily");

        DeployResult result = await place.PublishAsync(NoChange, _bench.Request with { Environment = "PR 123", EnvironmentTtl = "7d" });

        result.Outcome!.Deployments.Select(d => (d.FullName, d.Outcome)).ShouldBe([("Weather report/daily-pr-123", "created"), ("Weather report/manual-pr-123", "created")]);
        Deployment copy = await place.LiveAsync("daily-pr-123");
        copy.Paused.ShouldBeTrue();
        copy.Tags.Order().ShouldBe(["environment:pr-123", "weather"]);
        copy.JobVariables["env"].GetProperty("SLUICE_ENVIRONMENT").GetString().ShouldBe("pr-123");
        copy.JobVariables["env"].GetProperty("SLUICE_PACKAGE").GetString()!.ShouldContain("/weather-report-pr-123/", Case.Sensitive, "its packages, and the results beside them, have a folder of their own");
        (await _bench.PullAsync(copy)).Results!.AbsoluteUri.ShouldEndWith("/results/weather-report-pr-123");
        (await _bench.PullAsync(before)).Results!.AbsoluteUri.ShouldEndWith("/results/weather-report", Case.Sensitive, "also where the machine has the same files from the environment");
        OwnerMark mark = OwnerMark.Of(copy).ShouldNotBeNull();
        mark.ShouldBe(new OwnerMark { App = "Weather", Environment = "pr-123", CreatedAs = "Weather report/daily-pr-123", Expires = new(2026, 11, 29, 8, 30, 0, TimeSpan.Zero) });
        Deployment after = await place.LiveAsync("daily");
        (after.Updated, after.Paused).ShouldBe((before.Updated, before.Paused), "the deployments themselves are not touched");
        (await place.PublishAsync(NoChange)).Outcome!.Deployments.Select(d => (d.FullName, d.Outcome)).ShouldBe([("Weather report/daily", "unchanged"), ("Weather report/manual", "unchanged")], "nor is the environment an orphan of theirs");
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task What_a_person_resumes_in_an_environment_stays_so_and_an_active_one_is_resumed(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        DeployRequest request = _bench.Request with { Environment = "pr-1" };
        await place.PublishAsync(Names("a", "b"), request);
        await place.Api.SetDeploymentPausedAsync((await place.LiveAsync("a-pr-1")).Id, false, Cancel);

        (await place.PublishAsync(Names("a", "b"), request)).Outcome!.ApiWrites.ShouldBe(0);
        (await place.LiveAsync("a-pr-1")).Paused.ShouldBeFalse();
        (await place.LiveAsync("b-pr-1")).Paused.ShouldBeTrue();

        await place.PublishAsync(Names("a", "b"), request with { EnvironmentActive = true });
        (await place.LiveAsync("b-pr-1")).Paused.ShouldBeFalse();
        (await place.PublishAsync(Names("a", "b"), request with { EnvironmentActive = true })).Outcome!.ApiWrites.ShouldBe(0);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task The_time_to_live_is_renewed_by_a_publish_once_half_of_it_is_over(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        DeployRequest request = _bench.Request with { Environment = "pr-1", EnvironmentTtl = "10d" };
        DateTimeOffset start = _bench.Time.GetUtcNow();
        await place.PublishAsync(NoSchedules, request);

        _bench.Time.Advance(TimeSpan.FromDays(4));
        (await place.PublishAsync(NoSchedules, request)).Outcome!.ApiWrites.ShouldBe(0);
        (await place.MarkAsync("daily-pr-1"))!.Expires.ShouldBe(start.AddDays(10));

        _bench.Time.Advance(TimeSpan.FromDays(2));
        (await place.PublishAsync(NoSchedules, request)).Outcome!.Deployments.ShouldAllBe(d => d.Outcome == "updated");
        (await place.MarkAsync("daily-pr-1"))!.Expires.ShouldBe(start.AddDays(16));

        (await place.PublishAsync(NoSchedules, request with { EnvironmentTtl = null })).Outcome!.Deployments.ShouldAllBe(d => d.Outcome == "updated");
        (await place.MarkAsync("daily-pr-1"))!.Expires.ShouldBeNull();
        (await place.PublishAsync(NoSchedules, request with { EnvironmentTtl = null })).Outcome!.ApiWrites.ShouldBe(0);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task A_publish_of_the_app_reports_its_environments_whose_time_is_over(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        await place.PublishAsync(Names("daily"), _bench.Request with { Environment = "pr-1", EnvironmentTtl = "1d" });
        await place.PublishAsync(Names("daily"), _bench.Request with { Environment = "pr-2", EnvironmentTtl = "3d" });
        await place.PublishAsync(Names("daily"), _bench.Request with { Environment = "pr-3", EnvironmentTtl = "1d", App = "Other" });
        (await place.PublishAsync(Names("daily"))).Outcome!.Deployments.ShouldHaveSingleItem();
        _bench.Time.Advance(TimeSpan.FromDays(2));

        DeployResult result = await place.PublishAsync(Names("daily"));

        DeployedDeployment expired = result.Outcome!.Deployments.Where(d => d.Outcome == "orphaned").ShouldHaveSingleItem();
        (expired.FullName, string.Join(",", expired.Changes)).ShouldBe(("Weather report/daily-pr-1", "environment pr-1 expired 2026-11-23T08:30:00Z"));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task An_environment_replaces_nothing_that_is_not_its_own(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        await place.PublishAsync(Names("daily-pr-1"));
        Flow flow = await place.Api.EnsureFlowAsync(new() { Name = "Weather report" }, Cancel);
        await place.Api.UpsertDeploymentAsync(new() { Name = "manual-pr-1", FlowId = flow.Id }, Cancel);

        _bench.ChangeFlow(Names("daily", "manual"));
        DeployResult result = await place.RunAsync(_bench.Request with { Environment = "pr-1" });

        result.Outcome.ShouldBeNull();
        result.Diagnostics.Where(d => !d.IsWarning).Select(d => (d.Code, d.Message.Split(':')[0])).ShouldBe(
        [
            (DeployCodes.EnvironmentWouldReplace, "Weather report/daily-pr-1 is of no environment, and the environment pr-1 would replace it"),
            (DeployCodes.EnvironmentWouldReplace, "Weather report/manual-pr-1 was not made by a publish, and the environment pr-1 would replace it"),
        ]);
        await place.PublishAsync(Names("other"), _bench.Request with { Environment = "pr-1" });
        _bench.ChangeFlow(Names("other-pr-1"));
        (await place.RunAsync(_bench.Request)).Diagnostics.Where(d => !d.IsWarning).ShouldHaveSingleItem().Message.ShouldBe(
            "Weather report/other-pr-1 is of environment pr-1, and this publish, which names no environment, would replace it: nothing was applied. Name the deployment otherwise, or delete Weather report/other-pr-1 first.");
    }

    internal static void NoChange(JsonNode flow)
    {
    }

    internal static void NoSchedules(JsonNode flow)
    {
        foreach (JsonNode? deployment in flow["deployments"]!.AsArray())
            deployment!["schedules"] = new JsonArray();
    }

    internal static Action<JsonNode> Names(params string[] names) => flow =>
    {
        JsonNode pattern = flow["deployments"]![0]!;
        flow["deployments"] = new JsonArray([.. names.Select(name =>
        {
            JsonNode own = pattern.DeepClone();
            own["name"] = name;
            own["schedules"] = new JsonArray();
            return own;
        })]);
    };
}

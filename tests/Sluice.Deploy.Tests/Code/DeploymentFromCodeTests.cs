using System.Text.Json;
using Sluice.Deploy.Code;
using Sluice.Deploy.Ownership;
using Sluice.Deploy.Planning.Merge;
using Sluice.Deploy.Tests.Ownership;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server;
using Sluice.Testing.Prefect;
using Deployment = Sluice.Deploy.Code.Deployment;

namespace Sluice.Deploy.Tests.Code;

/// <summary>Deployments that a program makes, on the embedded API and on servers that answer as Prefect's.</summary>
public sealed class DeploymentFromCodeTests : IDisposable
{
    private readonly DeployBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_deployment_is_packaged_and_applied_and_the_second_time_nothing_is_written()
    {
        Deployment acme = Weather("acme").Parameter("city", "Oslo").Parameter("days", 3).Cron("0 6 * * *", "Europe/Oslo").Every(TimeSpan.FromHours(6), slug: "often")
            .Tags("customer", "north").Pool("etl", "fast").JobVariable("env", new Dictionary<string, object?> { ["LEVEL"] = "debug" });

        DeployedDeployment made = await acme.ApplyAsync(new() { CreateWorkPool = true, Version = "7" }, _bench.Environment());
        (made.FullName, made.Outcome, made.Number).ShouldBe(("Weather report/acme", "created", 1));
        Orchestration.Deployment live = await ReadAsync("acme");
        (live.Parameters["city"].GetString(), live.Parameters["days"].GetInt32(), live.WorkPoolName, live.WorkQueueName, live.Version).ShouldBe(("Oslo", 3, "etl", "fast", "7"));
        live.Schedules.Select(schedule => (schedule.Slug, schedule.Schedule.Cron, schedule.Schedule.Interval)).ShouldBe([("schedule-1", "0 6 * * *", null), ("often", null, 21600.0)], ignoreOrder: true);
        live.Tags.ShouldBe(["customer", "north"], ignoreOrder: true);
        live.JobVariables["env"].GetProperty("LEVEL").GetString().ShouldBe("debug");
        live.JobVariables["env"].GetProperty("SLUICE_PACKAGE").GetString()!.ShouldContain("#sha256=");

        DeployOutcome again = await Deployment.ApplyAsync([acme], new() { CreateWorkPool = true, Version = "7" }, _bench.Environment());
        (again.Deployments.ShouldHaveSingleItem().Outcome, again.ApiWrites, again.UploadedFiles).ShouldBe(("unchanged", 0, 0));
    }

    [Fact]
    public async Task Several_are_applied_all_or_none_and_a_plan_does_nothing()
    {
        Deployment[] customers = [.. new[] { "acme", "umbrella" }.Select(name => Weather(name).Parameter("city", name))];

        (await Deployment.ApplyAsync(customers, new() { PlanOnly = true }, _bench.Environment())).Deployments.ShouldAllBe(one => one.Outcome == "created");
        await using (IOrchestrationApi api = await OpenAsync())
            (await api.ListDeploymentsAsync(new(), default)).ShouldBeEmpty();

        DeploymentFailedException refused = await Should.ThrowAsync<DeploymentFailedException>(() => Deployment.ApplyAsync([customers[0], customers[1].Parameter("days", "many")], surroundings: _bench.Environment()));
        refused.Message.ShouldContain("Weather report/umbrella: the parameters do not fit");
        refused.Errors.ShouldHaveSingleItem().Code.ShouldBe("SLC1004");
        await using (IOrchestrationApi api = await OpenAsync())
            (await api.ListDeploymentsAsync(new(), default)).ShouldBeEmpty();

        (await Deployment.ApplyAsync(customers, surroundings: _bench.Environment())).Deployments.Select(one => one.Outcome).ShouldBe(["created", "created"]);
    }

    [Fact]
    public async Task A_publish_of_the_same_app_never_prunes_it()
    {
        await Weather("acme").ApplyAsync(surroundings: _bench.Environment());

        await _bench.DeployAsync(_bench.Request with { Prune = "delete" });
        (await _bench.DeployAsync(_bench.Request with { Prune = "delete" })).Deployments.Select(one => one.FullName).ShouldNotContain("Weather report/acme");

        (await ReadAsync("acme")).Name.ShouldBe("acme");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_deployment_of_a_publish_stays_that_publishes(int generation)
    {
        await using Place place = await Place.StartAsync(_bench, generation);
        DeployRequest publish = _bench.Request with { App = "North", Environment = "pr-1", EnvironmentTtl = "7d" };
        await place.PublishAsync(_ => { }, publish);
        OwnerMark mark = (await place.MarkAsync("daily-pr-1")).ShouldNotBeNull();
        (mark.App, mark.Environment, mark.CreatedAs).ShouldBe(("North", "pr-1", "Weather report/daily-pr-1"));

        Deployment loaded = await Weather("daily-pr-1").LoadAsync(place.Environment());
        await loaded.Parameter("city", "Oslo").ApplyAsync(surroundings: place.Environment());

        (await place.LiveAsync("daily-pr-1")).Parameters["city"].GetString().ShouldBe("Oslo");
        (await place.MarkAsync("daily-pr-1")).ShouldBe(mark);
        await place.PublishAsync(_ => { }, publish with { Conflicts = "code" });
    }

    [Fact]
    public async Task What_a_plan_warns_of_is_returned()
    {
        await Weather("acme").Parameter("city", "Oslo").ApplyAsync(surroundings: _bench.Environment());
        await using (IOrchestrationApi api = await OpenAsync())
        {
            Orchestration.Deployment live = (await api.FindDeploymentAsync("Weather report", "acme", default))!;
            await api.UpdateDeploymentAsync(live.Id, new() { Parameters = Values("""{"city": "Rome"}""") }, default);
        }

        DeployOutcome outcome = await Deployment.ApplyAsync([Weather("acme").Parameter("city", "Bergen")], new() { PlanOnly = true }, _bench.Environment());

        outcome.Warnings.ShouldContain(warning => warning.IsWarning && warning.Message.Contains("city", StringComparison.Ordinal));
        (await Weather("acme").Parameter("city", "Bergen").ApplyAsync(new() { PlanOnly = true }, _bench.Environment())).Warnings.ShouldContain(warning => warning.Message.Contains("city", StringComparison.Ordinal));
        (await Weather("acme").UploadAsync(_bench.Environment())).Warnings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_lines_for_people_go_where_the_caller_says(int generation)
    {
        await using PrefectServer server = generation == 2 ? await Prefect2Server.StartAsync() : await Prefect3Server.StartAsync();
        int writes = 0;
        server.Fault = request => (request.IsWrite && !request.Path.EndsWith("/filter", StringComparison.Ordinal) && ++writes >= 2) || writes >= 2 ? new() { Answer = 500 } : null;
        (await Should.ThrowAsync<DeploymentFailedException>(() => Weather("acme").Parameter("city", "Oslo").ApplyAsync(surroundings: _bench.Environment(server.Url)))).Message.ShouldContain("deploy recover");
        server.Fault = null;

        using var lines = new StringWriter();
        (await Weather("acme").Parameter("city", "Oslo").ApplyAsync(new() { Output = lines }, _bench.Environment(server.Url))).Outcome.ShouldBe("created");

        lines.ToString().ShouldContain("Sluice: a publish of 'Weather' that was interrupted");
    }

    [Fact]
    public async Task Loading_takes_over_what_is_not_set()
    {
        await Weather("acme").Parameter("city", "Oslo").Cron("0 6 * * *").Tags("kept").JobVariable("env", new Dictionary<string, object?> { ["LEVEL"] = "debug" }).ApplyAsync(surroundings: _bench.Environment());
        await using (IOrchestrationApi api = await OpenAsync())
        {
            Orchestration.Deployment live = (await api.FindDeploymentAsync("Weather report", "acme", default))!;
            await api.UpdateDeploymentAsync(live.Id, new() { Paused = true, Parameters = Values("""{"city": "Rome", "days": 2}"""), Description = "by hand" }, default);
        }

        Deployment loaded = await Weather("acme").Parameter("days", 5).LoadAsync(_bench.Environment());

        loaded.Declared.Parameters!["city"].GetString().ShouldBe("Rome");
        loaded.Declared.Parameters!["days"].GetInt32().ShouldBe(5, "what is set here wins");
        (loaded.Declared.Paused, loaded.Declared.Description, loaded.Declared.Schedules!.Single().Schedule.Cron).ShouldBe((true, "by hand", "0 6 * * *"));
        loaded.Declared.Tags.ShouldBe(["kept"]);
        loaded.Declared.JobVariables!["env"].GetRawText().ShouldBe("""{"LEVEL":"debug"}""", "what publishing writes for itself is not taken over");
        (await loaded.ApplyAsync(new() { Conflicts = ConflictRule.Code }, _bench.Environment())).Outcome.ShouldBe("updated");
        Orchestration.Deployment after = await ReadAsync("acme");
        (after.Paused, after.Description, after.Parameters["city"].GetString(), after.Parameters["days"].GetInt32()).ShouldBe((true, "by hand", "Rome", 5));

        (await Weather("nobody").LoadAsync(_bench.Environment())).Declared.Schedules.ShouldBeNull("there is nothing to take over");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_schedule_that_is_loaded_and_given_another_slug_keeps_its_limit_of_runs_ahead(int generation)
    {
        await using PrefectServer? server = generation == 3 ? await Prefect3Server.StartAsync() : null;
        await Weather("acme").Parameter("city", "Oslo").Cron("0 6 * * *").ApplyAsync(surroundings: _bench.Environment(server?.Url));
        await using (IOrchestrationApi api = server is null ? await OpenAsync() : new HttpOrchestrationApi(server.Endpoint))
        {
            Orchestration.Deployment live = (await api.FindDeploymentAsync("Weather report", "acme", default))!;
            await api.UpdateScheduleAsync(live.Id, live.Schedules.Single().Id, new() { MaxScheduledRuns = 7 }, default);

            Deployment loaded = await Weather("acme").LoadAsync(_bench.Environment(server?.Url));
            loaded.Declared.Schedules!.Single().MaxScheduledRuns.ShouldBe(7);
            (await loaded.ApplyAsync(surroundings: _bench.Environment(server?.Url))).Fields.ShouldAllBe(field => field.Class != FieldClass.Conflict);
            Deployment renamed = loaded.With(declared => declared with { Schedules = [declared.Schedules!.Single() with { Slug = "early" }] });
            await renamed.ApplyAsync(surroundings: _bench.Environment(server?.Url));

            DeploymentSchedule schedule = (await api.FindDeploymentAsync("Weather report", "acme", default))!.Schedules.Single();
            (schedule.Slug, schedule.MaxScheduledRuns).ShouldBe(("early", 7));
            (await renamed.ApplyAsync(surroundings: _bench.Environment(server?.Url))).Outcome.ShouldBe("unchanged");
        }
    }

    [Fact]
    public async Task Uploading_stores_the_package_and_asks_no_api()
    {
        DeployOutcome stored = await Weather("acme").UploadAsync(_bench.Environment());

        (stored.UploadedFiles > 0, stored.PackageUri is not null, _bench.ApiOpened).ShouldBe((true, true, 0));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task On_prefect_it_is_applied_and_unchanged_the_second_time(int generation)
    {
        await using PrefectServer server = generation == 2 ? await Prefect2Server.StartAsync() : await Prefect3Server.StartAsync();
        Deployment acme = Weather("acme").Parameter("city", "Oslo").Cron("0 6 * * *", "Europe/Oslo");

        (await acme.ApplyAsync(surroundings: _bench.Environment(server.Url))).Outcome.ShouldBe("created");
        server.Forget();
        (await acme.ApplyAsync(surroundings: _bench.Environment(server.Url))).Outcome.ShouldBe("unchanged");
        server.Writes.Where(write => !write.Path.EndsWith("/filter", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    /// <summary>A flow's name, and words of the answer.</summary>
    [Theory]
    [InlineData("Build", null)]
    [InlineData("Flows.Build", null)]
    [InlineData("Weather.Flows.Build", null)]
    [InlineData("Weather report", null)]
    [InlineData("Weather reprot", "Weather.dll has no flow 'Weather reprot'. It has: 'Weather report' (Weather.Flows.Build).")]
    [InlineData("uild", "has no flow 'uild'")]
    public void A_flow_is_named_by_its_name_or_its_method(string flow, string? refused)
    {
        if (refused is null)
            Deployment.FromFlow(_bench.Program, flow, "acme").FullName.ShouldBe("Weather report/acme");
        else
            Should.Throw<ArgumentException>(() => Deployment.FromFlow(_bench.Program, flow, "acme")).Message.ShouldContain(refused);
    }

    [Fact]
    public void A_method_that_is_no_flow_is_refused_and_so_is_a_value_without_json()
    {
        Should.Throw<ArgumentException>(() => Deployment.FromFlow(Dispose, "acme")).Message.ShouldContain("has no flow 'Sluice.Deploy.Tests.Code.DeploymentFromCodeTests.Dispose'. It has: 'Compiled flow' (X.Y).");
        Should.Throw<ArgumentException>(() => Weather("acme").Parameter("city", _bench)).Message.ShouldContain("'city' is a Sluice.Deploy.Tests.DeployBench, which has no JSON of its own");
    }

    private Deployment Weather(string name) => Deployment.FromFlow(_bench.Program, "Weather report", name);

    private Task<IOrchestrationApi> OpenAsync() => EmbeddedApi.OpenAsync(_bench.Home, TimeProvider.System, CancellationToken.None);

    private async Task<Orchestration.Deployment> ReadAsync(string name)
    {
        await using IOrchestrationApi api = await OpenAsync();
        return (await api.FindDeploymentAsync("Weather report", name, default)).ShouldNotBeNull();
    }

    private static Dictionary<string, JsonElement> Values(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.Clone());
    }
}

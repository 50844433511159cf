using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Server;
using Sluice.Storage;
using Sluice.Testing.Prefect;

namespace Sluice.Deploy.Tests.Versions;

/// <summary>Rolling back on the embedded server, on Prefect 3 and on Prefect 2.10: nothing is built, and the API is told once.</summary>
public sealed class RollbackTests : IDisposable
{
    private const string Daily = "Weather report/daily";

    private readonly DeployBench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>0 is the embedded server.</summary>
    public static TheoryData<int> Servers => [0, 2, 3];

    public void Dispose() => _bench.Dispose();

    [Theory, MemberData(nameof(Servers))]
    public async Task A_rollback_brings_back_what_the_code_said_and_its_package_as_a_new_version(int generation)
    {
        await using PrefectServer? server = await StartAsync(generation);
        await PublishAsync(server);
        Deployment first = await LiveAsync(server);
        _bench.Temp.Write("publish/Weather.dll", "another program");
        _bench.ChangeFlow(flow =>
        {
            flow["deployments"]![0]!["parameters"]!["city"] = "Oslo";
            flow["deployments"]![0]!["schedules"]![0]!["schedule"]!["cron"] = "30 7 * * *";
            flow["deployments"]![0]!["tags"] = new JsonArray("weather", "new");
        });
        await PublishAsync(server);
        Directory.Delete(_bench.Temp["publish"], recursive: true);

        DeployOutcome outcome = await RollBackAsync(server);

        DeployedDeployment daily = outcome.Deployments.ShouldHaveSingleItem();
        (daily.FullName, daily.Outcome, daily.Number).ShouldBe((Daily, "updated", 3));
        Deployment live = await LiveAsync(server);
        live.Id.ShouldBe(first.Id);
        live.Path.ShouldBe(first.Path);
        live.Parameters["city"].GetString().ShouldBe("Seattle");
        live.Schedules[0].Schedule.Cron.ShouldBe("0 6 * * *");
        live.Tags.Order().ShouldBe(first.Tags.Order());
        live.JobVariables["env"].GetProperty("SLUICE_PACKAGE").GetString().ShouldBe(first.JobVariables["env"].GetProperty("SLUICE_PACKAGE").GetString());
        (await LiveAsync(server, "manual")).JobVariables["env"].GetProperty("SLUICE_PACKAGE").GetString().ShouldNotBe(first.JobVariables["env"].GetProperty("SLUICE_PACKAGE").GetString());

        await using var records = new VersionRecords(StorageSources.Environment);
        VersionEntry[] history = await HistoryAsync(server);
        history.Select(entry => (entry.Pointer.Number, entry.Version!.RolledBackTo, entry.Build!.Commit)).ShouldBe(
            [(3, 1, "0123456789abcdef0123"), (2, null, "0123456789abcdef0123"), (1, null, "0123456789abcdef0123")]);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task Rolling_back_twice_brings_back_the_newest_and_a_number_brings_back_that_one(int generation)
    {
        await using PrefectServer? server = await StartAsync(generation);
        await PublishCitiesAsync(server, "Seattle", "Oslo", "Paris");

        await RollBackAsync(server);
        (await CityAsync(server)).ShouldBe("Oslo");
        await RollBackAsync(server);
        (await CityAsync(server)).ShouldBe("Paris");
        (await RollBackAsync(server, to: 1)).Deployments[0].Number.ShouldBe(6);
        (await CityAsync(server)).ShouldBe("Seattle");
        (await HistoryAsync(server)).Select(entry => (entry.Pointer.Number, entry.Version!.RolledBackTo)).ShouldBe([(6, 1), (5, 3), (4, 2), (3, null), (2, null), (1, null)]);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task A_rollback_is_one_change_and_a_plan_of_one_is_none(int generation)
    {
        await using PrefectServer? server = await StartAsync(generation);
        await PublishCitiesAsync(server, "Seattle", "Oslo");
        string[] records = Directory.GetFiles(Path.Combine(_bench.Home.Storage, "versions"), "*", SearchOption.AllDirectories);
        server?.Forget();

        DeployOutcome plan = (await RunAsync(server, new() { Deployments = [Daily], PlanOnly = true })).Outcome.ShouldNotBeNull();
        (plan.HasChanges, plan.Deployments[0].Outcome, plan.ApiWrites).ShouldBe((true, "updated", 0));
        (await CityAsync(server)).ShouldBe("Oslo");
        Directory.GetFiles(Path.Combine(_bench.Home.Storage, "versions"), "*", SearchOption.AllDirectories).ShouldBe(records);
        server?.Writes.ShouldBeEmpty();

        (await RollBackAsync(server)).ApiWrites.ShouldBe(1);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task What_a_person_changed_stays_and_what_the_versions_differ_in_too_is_a_conflict(int generation)
    {
        await using PrefectServer? server = await StartAsync(generation);
        await PublishCitiesAsync(server, "Seattle", "Oslo");
        await using (IOrchestrationApi person = server is null ? await _bench.OpenAsync() : new HttpOrchestrationApi(server.Endpoint))
        {
            Deployment live = (await person.FindDeploymentAsync("Weather report", "daily", Cancel))!;
            await person.UpdateDeploymentAsync(live.Id, new() { Parameters = new Dictionary<string, JsonElement> { ["city"] = JsonElement.Parse("\"Rome\""), ["days"] = JsonElement.Parse("3") } }, Cancel);
            await person.SetDeploymentPausedAsync(live.Id, true, Cancel);
        }

        DeployResult refused = await RunAsync(server, new() { Deployments = [Daily] });
        refused.Diagnostics.Single(one => !one.IsWarning).Message.ShouldContain("parameters.city was \"Oslo\", the version says \"Seattle\", the server has \"Rome\". Roll back with --conflicts keep for the server's or --conflicts code for the version's, or make both the same.");
        (await CityAsync(server)).ShouldBe("Rome");

        (await RunAsync(server, new() { Deployments = [Daily], Conflicts = "code" })).Outcome.ShouldNotBeNull();
        Deployment after = await LiveAsync(server);
        (after.Parameters["city"].GetString(), after.Parameters["days"].GetInt32(), after.Paused).ShouldBe(("Seattle", 3, true));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task The_anchor_that_a_server_gave_an_interval_stays_through_a_rollback_and_the_publish_after_it(int generation)
    {
        await using PrefectServer? server = await StartAsync(generation);
        async Task PublishAsync(string city)
        {
            _bench.ChangeFlow(flow =>
            {
                flow["deployments"]![0]!["parameters"]!["city"] = city;
                flow["deployments"]![0]!["schedules"] = JsonNode.Parse("""[{"slug": "often", "schedule": {"interval": 3600}}]""");
            });
            await this.PublishAsync(server);
        }
        await PublishAsync("Seattle");
        var anchor = new DateTimeOffset(2026, 11, 22, 6, 7, 8, TimeSpan.Zero);
        await using (IOrchestrationApi api = server is null ? await _bench.OpenAsync() : new HttpOrchestrationApi(server.Endpoint))
        {
            Deployment live = await LiveAsync(server);
            await api.UpdateScheduleAsync(live.Id, live.Schedules[0].Id, new() { Schedule = live.Schedules[0].Schedule with { AnchorDate = anchor } }, Cancel);
        }
        await PublishAsync("Oslo");

        await RollBackAsync(server);
        (await LiveAsync(server)).Schedules[0].Schedule.AnchorDate.ShouldBe(anchor);
        await PublishAsync("Paris");

        (await LiveAsync(server)).Schedules[0].Schedule.AnchorDate.ShouldBe(anchor, "due times do not shift");
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task A_rollback_from_a_version_that_its_code_paused_runs_again(int generation)
    {
        await using PrefectServer? server = await StartAsync(generation);
        await PublishAsync(server);
        _bench.ChangeFlow(flow => flow["deployments"]![0]!["paused"] = true);
        await PublishAsync(server);
        (await LiveAsync(server)).Paused.ShouldBeTrue();

        await RollBackAsync(server);

        (await LiveAsync(server)).Paused.ShouldBeFalse();
        _bench.Output.ShouldContain("    paused: true → false (the version's)\n");
    }

    [Fact]
    public async Task What_is_brought_back_is_told_as_the_versions_and_a_package_that_lies_elsewhere_with_its_place()
    {
        await PublishCitiesAsync(null, "Seattle");
        _bench.Temp.Write("publish/Weather.dll", "another program");
        await PublishCitiesAsync(null, "Oslo");
        _bench.Temp.Write("publish/Weather.dll", "the program");
        await PublishCitiesAsync(null, "Paris");

        await RunAsync(null, new() { Deployments = [Daily], To = 1, PlanOnly = true });

        _bench.Output.ShouldContain("    parameters.city: \"Paris\" → \"Seattle\" (the version's)\n");
        _bench.Output.ShouldMatch(@"    package: [0-9a-f]{12}, in file:///\S+/weather-report/\S+ → file:///\S+/weather-report/\S+ \(the version's\)\n");
    }

    [Fact]
    public async Task Several_deployments_go_back_in_one_change_or_not_at_all()
    {
        await PublishCitiesAsync(null, "Seattle");
        _bench.Temp.Write("publish/Weather.dll", "another program");
        await PublishCitiesAsync(null, "Oslo");

        DeployOutcome outcome = (await RunAsync(null, new() { Deployments = [Daily, "Weather report/manual"] })).Outcome.ShouldNotBeNull();
        outcome.Deployments.Select(one => (one.FullName, one.Number)).ShouldBe([(Daily, 3), ("Weather report/manual", 3)]);
        outcome.ApiWrites.ShouldBe(1);
        Directory.GetFiles(Path.Combine(_bench.Home.Storage, "versions"), "*", SearchOption.AllDirectories).Length.ShouldBe(3);

        await PublishCitiesAsync(null, "Rome");
        DeployError error = (await RunAsync(null, new() { Deployments = [Daily, "Weather report/no-such"] })).Diagnostics.ShouldHaveSingleItem();
        error.Code.ShouldBe(DeployCodes.VersionMissing);
        (await CityAsync(null)).ShouldBe("Rome");
    }

    [Fact]
    public async Task What_is_asked_for_and_is_not_there_is_told_with_what_is()
    {
        await PublishCitiesAsync(null, "Seattle");
        (await RefusedAsync(new() { Deployments = [Daily] })).ShouldSatisfyAllConditions(e => e.Code.ShouldBe("SLC1102"), e => e.Message.ShouldBe("Weather report/daily has no earlier version."));
        await PublishCitiesAsync(null, "Oslo");
        (await RefusedAsync(new() { Deployments = [Daily], To = 2 })).Message.ShouldStartWith("Weather report/daily is version 2 already.");
        (await RefusedAsync(new() { Deployments = [Daily], To = 7 })).Message.ShouldBe("Weather report/daily has no version 7: the present one is 2.");
        (await RefusedAsync(new() { Deployments = [Daily], To = 0 })).Message.ShouldBe("Weather report/daily has no version 0 that can be read; there are 1 (sluice deployment versions \"Weather report/daily\").");
        (await RefusedAsync(new() { Deployments = ["daily"] })).Message.ShouldStartWith("There is no deployment 'daily': it is written flow/deployment");
    }

    [Fact]
    public async Task A_deployment_that_was_not_published_has_no_versions()
    {
        await using (IOrchestrationApi api = await _bench.OpenAsync())
            await api.ApplyAsync(new() { Deployments = [new() { FlowName = "By hand", Deployment = new() { Name = "one", FlowId = default } }] }, Cancel);
        (await RefusedAsync(new() { Deployments = ["By hand/one"] })).Message.ShouldStartWith("By hand/one has no versions: it was not published");
    }

    [Fact]
    public async Task A_record_that_was_changed_is_refused_and_one_that_is_lost_hides_no_other()
    {
        await PublishCitiesAsync(null, "Seattle", "Oslo", "Paris");
        VersionEntry[] history = await HistoryAsync(null);
        string second = history[1].Pointer.Location.LocalPath;
        byte[] whole = await File.ReadAllBytesAsync(second, Cancel);

        await File.WriteAllTextAsync(second, (await File.ReadAllTextAsync(second, Cancel)).Replace("Oslo", "Rome", StringComparison.Ordinal), Cancel);
        (await RefusedAsync(new() { Deployments = [Daily] })).ShouldSatisfyAllConditions(e => e.Code.ShouldBe("SLC1103"), e => e.Message.ShouldContain("is not what was stored"));
        File.Delete(second);
        (await RefusedAsync(new() { Deployments = [Daily], To = 2 })).Code.ShouldBe("SLC1103");
        (await CityAsync(null)).ShouldBe("Paris");

        (await HistoryAsync(null)).Select(entry => (entry.Pointer.Number, entry.Unreadable is null)).ShouldBe([(3, true), (2, false), (1, true)]);
        await RollBackAsync(null, to: 1);
        (await CityAsync(null)).ShouldBe("Seattle");

        File.Delete((await HistoryAsync(null))[0].Pointer.Location.LocalPath);
        DeployError error = await RefusedAsync(new() { Deployments = [Daily] });
        (error.Code, error.Message.Contains("Publish again", StringComparison.Ordinal)).ShouldBe(("SLC1103", true));
        await File.WriteAllBytesAsync(second, whole, Cancel);
    }

    [Theory]
    [InlineData("manifest")]
    [InlineData("blob")]
    [InlineData("cut")]
    public async Task A_package_that_is_not_whole_stops_a_rollback_before_anything_changes(string damage)
    {
        DeployOutcome first = await PublishAsync(null);
        _bench.Temp.Write("publish/Weather.dll", "another program");
        await PublishAsync(null);
        Deployment before = await LiveAsync(null);
        string folder = new Uri(first.PackageUri!).LocalPath, blob = Directory.GetFiles(Path.Combine(_bench.Home.Storage, "blobs", "sha256"), "*", SearchOption.AllDirectories)
            .Single(file => File.ReadAllText(file) == "the program");
        if (damage == "manifest")
            File.Delete(Path.Combine(folder, "manifest.json"));
        else if (damage == "blob")
            File.Delete(blob);
        else
            await File.WriteAllTextAsync(blob, "the", Cancel);

        (await RefusedAsync(new() { Deployments = [Daily] })).ShouldSatisfyAllConditions(e => e.Code.ShouldBe("SLC1104"), e => e.Message.ShouldStartWith("The package of version 1 of Weather report/daily cannot be run any more:"));
        (await LiveAsync(null)).Updated.ShouldBe(before.Updated);
    }

    [Fact]
    public async Task A_schema_that_refuses_what_the_present_one_accepts_is_a_coded_error_unless_allowed()
    {
        await PublishAsync(null);
        _bench.ChangeFlow(flow => flow["parameter_openapi_schema"]!["properties"]!["wind"] = JsonNode.Parse("""{"title": "wind", "position": 2, "type": "boolean", "default": false}"""));
        await PublishAsync(null);

        (await RefusedAsync(new() { Deployments = [Daily] })).Code.ShouldBe("SLC1019");
        DeployResult allowed = await RunAsync(null, new() { Deployments = [Daily], AllowBreakingChanges = true });
        allowed.Diagnostics.ShouldHaveSingleItem().IsWarning.ShouldBeTrue();
        (await LiveAsync(null)).ParameterOpenapiSchema!.Value.GetProperty("properties").TryGetProperty("wind", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_pool_that_is_gone_stops_a_rollback()
    {
        await using (IOrchestrationApi api = await _bench.OpenAsync())
            await api.CreateWorkPoolAsync(DotnetPool.Create("old"), Cancel);
        await _bench.DeployAsync(_bench.Request with { WorkPool = "old" });
        await _bench.DeployAsync(_bench.Request with { WorkPool = "default-agent-pool" });
        await using (IOrchestrationApi api = await _bench.OpenAsync())
            await api.DeleteWorkPoolAsync("old", Cancel);
        (await RefusedAsync(new() { Deployments = [Daily] })).Code.ShouldBe("SLC1005");
    }

    [Fact]
    public async Task Another_deployment_of_the_app_is_never_orphaned_by_a_rollback_and_the_marks_stay()
    {
        await PublishCitiesAsync(null, "Seattle", "Oslo");
        Deployment before = await LiveAsync(null), other = await LiveAsync(null, "manual");
        await RollBackAsync(null);
        Texts(await LiveAsync(null)).ShouldBe(Texts(before));
        (await LiveAsync(null, "manual")).Updated.ShouldBe(other.Updated);
        _bench.Output.ShouldNotContain("orphaned");
    }

    private static string[] Texts(Deployment deployment) => [.. deployment.Labels.Select(label => $"{label.Key}={label.Value}").Order(StringComparer.Ordinal)];

    private static async Task<PrefectServer?> StartAsync(int generation) => generation switch
    {
        2 => await Prefect2Server.StartAsync(cancellationToken: Cancel),
        3 => await Prefect3Server.StartAsync(cancellationToken: Cancel),
        _ => null,
    };

    private async Task<DeployOutcome> PublishAsync(PrefectServer? server)
    {
        DeployResult result = await _bench.RunAsync(server: server?.Url);
        result.Diagnostics.Where(diagnostic => !diagnostic.IsWarning).ShouldBeEmpty();
        _bench.Time.Advance(TimeSpan.FromMinutes(1));
        return result.Outcome!;
    }

    private async Task PublishCitiesAsync(PrefectServer? server, params string[] cities)
    {
        foreach (string city in cities)
        {
            _bench.ChangeFlow(flow => flow["deployments"]![0]!["parameters"]!["city"] = city);
            await PublishAsync(server);
        }
    }

    private async Task<DeployResult> RunAsync(PrefectServer? server, RollbackRequest request)
    {
        DeployResult result = await new RollbackRunner(_bench.Environment(server?.Url)).RunAsync(request, Cancel);
        _bench.Time.Advance(TimeSpan.FromMinutes(1));
        return result;
    }

    private async Task<DeployOutcome> RollBackAsync(PrefectServer? server, int? to = null)
    {
        DeployResult result = await RunAsync(server, new() { Deployments = [Daily], To = to });
        result.Diagnostics.Where(diagnostic => !diagnostic.IsWarning).ShouldBeEmpty();
        return result.Outcome.ShouldNotBeNull();
    }

    private async Task<DeployError> RefusedAsync(RollbackRequest request)
    {
        DeployResult result = await RunAsync(null, request);
        result.Outcome.ShouldBeNull();
        DeployError error = result.Diagnostics.Where(diagnostic => !diagnostic.IsWarning).ShouldHaveSingleItem();
        error.Message.ShouldNotContain("\n");
        return error;
    }

    private async Task<VersionEntry[]> HistoryAsync(PrefectServer? server)
    {
        await using var records = new VersionRecords(StorageSources.Environment);
        var entries = new List<VersionEntry>();
        await foreach (VersionEntry entry in VersionHistory.ReadAsync(records, await LiveAsync(server), Daily, Cancel))
            entries.Add(entry);
        return [.. entries];
    }

    private async Task<string?> CityAsync(PrefectServer? server) => (await LiveAsync(server)).Parameters["city"].GetString();

    private async Task<Deployment> LiveAsync(PrefectServer? server, string name = "daily")
    {
        await using IOrchestrationApi api = server is null ? await _bench.OpenAsync() : new HttpOrchestrationApi(server.Endpoint);
        return (await api.FindDeploymentAsync("Weather report", name, Cancel)).ShouldNotBeNull();
    }
}

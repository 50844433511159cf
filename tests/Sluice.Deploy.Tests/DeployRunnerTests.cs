using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Orchestration;
using Sluice.Server;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Tests;

public sealed class DeployRunnerTests : IDisposable
{
    private readonly DeployBench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task The_first_publish_creates_everything_that_the_code_declares()
    {
        DeployOutcome outcome = await _bench.DeployAsync();

        outcome.Deployments.Select(d => (d.FullName, d.Outcome, d.Version)).ShouldBe(
            [("Weather report/daily", "created", "1.2.0+0123456789ab"), ("Weather report/manual", "created", "1.2.0+0123456789ab")]);
        (outcome.UploadedFiles, outcome.UploadedBytes, outcome.ReusedFiles, outcome.ApiWrites).ShouldBe((2, 24, 0, 1));

        Deployment daily = (await _bench.LiveAsync("daily")).ShouldNotBeNull();
        daily.Id.ShouldBe(outcome.Deployments[0].Id!.Value);
        daily.Path.ShouldBe(outcome.PackageUri);
        daily.Entrypoint.ShouldBe("Weather.dll!Weather.Flows.Build");
        daily.Version.ShouldBe("1.2.0+0123456789ab");
        daily.Description.ShouldBe("Reports.");
        daily.Tags.ShouldBe(["weather"]);
        daily.Parameters["city"].GetString().ShouldBe("Seattle");
        daily.EnforceParameterSchema.ShouldBeTrue();
        daily.WorkPoolName.ShouldBe("default-agent-pool");
        daily.WorkQueueName.ShouldBe("default");
        daily.Labels["sluice.app"].GetString().ShouldBe("Weather");
        daily.JobVariables["command"].GetString().ShouldBe("sluice flow-run execute");
        daily.JobVariables["env"].GetProperty("SLUICE_PACKAGE").GetString().ShouldBe($"{outcome.PackageUri}#sha256={outcome.PackageSha256}");
        DeploymentSchedule schedule = daily.Schedules.ShouldHaveSingleItem();
        (schedule.Slug, schedule.Active, schedule.Schedule.Cron, schedule.Schedule.Timezone).ShouldBe(("schedule-1", true, "0 6 * * *", "Europe/Paris"));

        Deployment manual = (await _bench.LiveAsync("manual")).ShouldNotBeNull();
        manual.WorkQueueName.ShouldBe("etl");
        manual.ConcurrencyLimit.ShouldBe(2);
        manual.JobVariables["env"].GetProperty("LEVEL").GetString().ShouldBe("debug");
        manual.Schedules.ShouldBeEmpty();

        CachedPackage package = await _bench.PullAsync(daily);
        Directory.EnumerateFiles(package.Folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(package.Folder, f)).Order(StringComparer.Ordinal)
            .ShouldBe(["Weather.dll", Path.Combine("data", "cities.csv")]);
        package.Manifest.Launch.ShouldBe(new PackageLaunch(null, "Weather.dll"));
        package.Manifest.Folder.ShouldStartWith("weather-report/2026-11-22t08-30-00-000000-00-00");
    }

    [Fact]
    public async Task The_lines_for_people_say_what_was_done_and_how_to_run_it()
    {
        DeployOutcome outcome = await _bench.DeployAsync(_bench.Request with { Command = "dotnet run --project src/Sluice.Cli --" });
        _bench.Output.ShouldBe($"""
            + Weather report/daily: created
              at 06:00 every day (Europe/Paris)
                next: 2026-11-23T05:00:00Z, 2026-11-24T05:00:00Z, 2026-11-25T05:00:00Z
              run it: dotnet run --project src/Sluice.Cli -- deployment run "Weather report/daily" --watch
            + Weather report/manual: created
              run it: dotnet run --project src/Sluice.Cli -- deployment run "Weather report/manual" --param city=… --watch
            Package {outcome.PackageSha256![..12]}: 2 files, 2 uploaded (24 B), 0 reused (0 B), in {outcome.PackageUri}
            Applied to the embedded API: 2 created.

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Publishing_again_uploads_nothing_writes_nothing_and_keeps_the_package()
    {
        DeployOutcome first = await _bench.DeployAsync();
        string[] files = Directory.GetFileSystemEntries(_bench.Home.Storage, "*", SearchOption.AllDirectories);
        Deployment before = (await _bench.LiveAsync("daily"))!;
        _bench.Time.Advance(TimeSpan.FromDays(1));

        DeployOutcome second = await _bench.DeployAsync();

        second.Deployments.ShouldAllBe(d => d.Outcome == "unchanged");
        (second.UploadedFiles, second.ReusedFiles, second.ReusedBytes, second.ApiWrites, second.HasChanges).ShouldBe((0, 2, 24, 0, false));
        second.PackageUri.ShouldBe(first.PackageUri);
        second.Deployments.Select(d => d.Id).ShouldBe(first.Deployments.Select(d => d.Id));
        Directory.GetFileSystemEntries(_bench.Home.Storage, "*", SearchOption.AllDirectories).ShouldBe(files);
        (await _bench.LiveAsync("daily"))!.Updated.ShouldBe(before.Updated);
        _bench.Output.ShouldContain("Applied to the embedded API: 2 unchanged.");
    }

    [Fact]
    public async Task A_change_of_one_file_uploads_that_file_and_updates_the_package()
    {
        DeployOutcome first = await _bench.DeployAsync();
        _bench.Temp.Write("publish/data/cities.csv", "Seattle;Paris;Oslo");
        _bench.Time.Advance(TimeSpan.FromMinutes(1));

        DeployOutcome second = await _bench.DeployAsync();

        (second.UploadedFiles, second.UploadedBytes, second.ReusedFiles, second.ApiWrites).ShouldBe((1, 18, 1, 1));
        second.Deployments.ShouldAllBe(d => d.Outcome == "updated" && d.Changes.Count == 1 && d.Changes[0] == "package");
        second.PackageUri.ShouldNotBe(first.PackageUri);
        _bench.Output.ShouldContain("Weather report/daily: updated (package)\n");
        _bench.Manifests().Length.ShouldBe(2);
    }

    public static TheoryData<string, string, string> Edits => new()
    {
        { "version", """{"version":"2"}""", "version" },
        { "description", """{"description":"Other."}""", "description" },
        { "cron", """{"schedules":[{"slug":"schedule-1","schedule":{"cron":"0 7 * * *","timezone":"Europe/Paris"}}]}""", "schedules" },
        { "zone", """{"schedules":[{"slug":"schedule-1","schedule":{"cron":"0 6 * * *"}}]}""", "schedules" },
        { "day_or", """{"schedules":[{"slug":"schedule-1","schedule":{"cron":"0 6 * * *","timezone":"Europe/Paris","day_or":false}}]}""", "schedules" },
        { "slug", """{"schedules":[{"slug":"morning","schedule":{"cron":"0 6 * * *","timezone":"Europe/Paris"}}]}""", "schedules" },
        { "kind", """{"schedules":[{"slug":"schedule-1","schedule":{"interval":3600}}]}""", "schedules" },
        { "schedule's parameters", """{"schedules":[{"slug":"schedule-1","parameters":{"days":1},"schedule":{"cron":"0 6 * * *","timezone":"Europe/Paris"}}]}""", "schedules" },
        { "inactive", """{"schedules":[{"slug":"schedule-1","active":false,"schedule":{"cron":"0 6 * * *","timezone":"Europe/Paris"}}]}""", "schedules" },
        { "misfire", """{"schedules":[{"slug":"schedule-1","schedule":{"cron":"0 6 * * *","timezone":"Europe/Paris"},"misfire":"run_once"}]}""", "schedules" },
        { "max misfires", """{"schedules":[{"slug":"schedule-1","schedule":{"cron":"0 6 * * *","timezone":"Europe/Paris"},"misfire":"run_all","max_misfires":7}]}""", "schedules" },
        { "dst", """{"schedules":[{"slug":"schedule-1","schedule":{"cron":"0 6 * * *","timezone":"Europe/Paris"},"dst":"vixie_like"}]}""", "schedules" },
        { "no schedule", """{"schedules":[]}""", "schedules" },
        { "parameters", """{"parameters":{"city":"Oslo"}}""", "parameters" },
        { "tags", """{"tags":["weather","new"]}""", "tags" },
        { "queue", """{"work_queue_name":"other"}""", "work queue" },
        { "limit", """{"concurrency_limit":1}""", "concurrency limit" },
        { "variables", """{"job_variables":{"working_dir":"/tmp"}}""", "job variables" },
        { "environment", """{"job_variables":{"env":{"A":"1"}}}""", "job variables" },
        { "paused", """{"paused":true}""", "paused" },
    };

    [Theory]
    [MemberData(nameof(Edits))]
    public async Task What_changed_in_the_code_is_named_applied_and_then_unchanged(string what, string edit, string change)
    {
        await _bench.DeployAsync();
        _bench.ChangeFlow(flow =>
        {
            foreach ((string key, JsonNode? value) in JsonNode.Parse(edit)!.AsObject())
                flow["deployments"]![0]![key] = value?.DeepClone();
        });

        DeployOutcome changed = await _bench.DeployAsync();

        DeployedDeployment daily = changed.Deployments[0];
        daily.Outcome.ShouldBe("updated", what);
        daily.Changes.Except(["labels"]).ShouldBe([change], what);
        changed.Deployments[1].Outcome.ShouldBe("unchanged");
        (await _bench.DeployAsync()).HasChanges.ShouldBeFalse(what);
    }

    [Fact]
    public async Task A_new_schema_entrypoint_or_description_of_the_flow_changes_its_deployments()
    {
        await _bench.DeployAsync();
        _bench.ChangeFlow(flow =>
        {
            flow["entrypoint"] = "Weather.dll!Weather.Flows.Other";
            flow["parameter_openapi_schema"]!["properties"]!["days"]!["default"] = 8;
            flow["description"] = "Reports more.";
        });
        DeployOutcome outcome = await _bench.DeployAsync();
        outcome.Deployments.ShouldAllBe(d => d.Changes.SequenceEqual(new[] { "description", "entrypoint", "parameter schema" }));
    }

    [Fact]
    public async Task What_people_set_stays()
    {
        await _bench.DeployAsync();
        Deployment live = (await _bench.LiveAsync("daily"))!;
        await using (IOrchestrationApi api = await _bench.OpenAsync())
        {
            await api.SetDeploymentPausedAsync(live.Id, true, Cancel);
            await api.UpdateScheduleAsync(live.Id, live.Schedules[0].Id, new() { Active = false }, Cancel);
            await api.CreateSchedulesAsync(live.Id, [new() { Slug = "by-hand", Schedule = new() { Interval = 3600 } }], Cancel);
        }

        (await _bench.DeployAsync()).HasChanges.ShouldBeFalse();
        _bench.Output.ShouldContain("= Weather report/daily: unchanged, paused\n    paused: true (changed on the server, kept; the code does not say it)\n    schedules[by-hand]: {\"active\":true,\"interval\":3600} (changed on the server, kept; the code does not say it)\n    schedules[schedule-1].active: false (changed on the server, kept; the code does not say it)\n");
        _bench.Output.ShouldContain("\n  schedule-1: at 06:00 every day (Europe/Paris), not active\n");
        _bench.Output.ShouldContain("\n  by-hand: every hour");
        _bench.Temp.Write("publish/Weather.dll", "another program");
        await _bench.DeployAsync();

        Deployment after = (await _bench.LiveAsync("daily"))!;
        after.Paused.ShouldBeTrue();
        after.Schedules.Select(s => (s.Slug, s.Active)).Order().ShouldBe([("by-hand", true), ("schedule-1", false)]);
        after.Schedules.Select(s => s.Id).ShouldContain(live.Schedules[0].Id);
    }

    [Fact]
    public async Task A_schedule_that_left_the_code_leaves_the_server_and_one_of_a_person_stays()
    {
        await _bench.DeployAsync();
        await using (IOrchestrationApi api = await _bench.OpenAsync())
            await api.CreateSchedulesAsync((await _bench.LiveAsync("daily"))!.Id, [new() { Slug = "by-hand", Schedule = new() { Interval = 3600 } }], Cancel);
        _bench.ChangeFlow(flow => flow["deployments"]![0]!["schedules"] = new JsonArray());
        await _bench.DeployAsync();
        (await _bench.LiveAsync("daily"))!.Schedules.Select(s => s.Slug).ShouldBe(["by-hand"]);
    }

    [Fact]
    public async Task A_missing_pool_stops_the_publish_before_anything_is_stored_and_the_pools_are_listed()
    {
        string missing = $"{_bench.Request.Project} : error SLC1005: The work pool 'kubernetes' of Weather report/daily, Weather report/manual does not exist. ";
        (await _bench.FailAsync(_bench.Request with { WorkPool = "kubernetes" })).ToString().ShouldBe(
            missing + "There are none: create it (sluice work-pool create kubernetes), or publish with -p:SluiceCreateWorkPool=true.");
        await using (IOrchestrationApi api = await _bench.OpenAsync())
            await api.CreateWorkPoolAsync(new() { Name = "etl" }, Cancel);
        (await _bench.FailAsync(_bench.Request with { WorkPool = "kubernetes" })).ToString().ShouldBe(
            missing + "There are: etl. Name one of them, create it (sluice work-pool create kubernetes), or publish with -p:SluiceCreateWorkPool=true.");
        _bench.Manifests().ShouldBeEmpty();
        (await _bench.LiveAsync("daily")).ShouldBeNull();
    }

    [Theory]
    [InlineData("docker", "docker", true)]
    [InlineData("process", "dotnet", true)]
    [InlineData("process", "process", true)]
    [InlineData("docker", "process", false)]
    [InlineData("kubernetes", "docker", false)]
    public async Task The_infrastructure_that_code_names_is_held_against_the_type_of_its_pool(string infrastructure, string type, bool fits)
    {
        await using (IOrchestrationApi api = await _bench.OpenAsync())
            await api.CreateWorkPoolAsync(new() { Name = "pool", Type = type }, Cancel);
        _bench.ChangeFlow(flow => flow["deployments"]![0]!["infrastructure"] = infrastructure);
        DeployRequest request = _bench.Request with { WorkPool = "pool" };
        if (fits)
        {
            await _bench.DeployAsync(request);
            return;
        }
        (await _bench.FailAsync(request)).ToString().ShouldBe(
            $"{request.Project} : error SLC1078: Weather report/daily names the infrastructure '{infrastructure}', and its work pool 'pool' is of type '{type}': name a pool of that type, or leave out Infrastructure.");
        _bench.Manifests().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_missing_pool_is_not_created_for_an_infrastructure_that_it_would_not_start()
    {
        _bench.ChangeFlow(flow => flow["deployments"]![0]!["infrastructure"] = "kubernetes");
        DeployRequest request = _bench.Request with { WorkPool = "k8s", CreateWorkPool = true };
        (await _bench.FailAsync(request)).ToString().ShouldBe(
            $"{request.Project} : error SLC1078: Weather report/daily names the infrastructure 'kubernetes', and its work pool 'k8s' does not exist; the one that this publish would create starts processes. Create one of that type (sluice work-pool create k8s --type kubernetes), or leave out Infrastructure.");
        await using (IOrchestrationApi api = await _bench.OpenAsync())
            (await api.ListWorkPoolsAsync(new(), Cancel)).ShouldBeEmpty();
        _bench.Manifests().ShouldBeEmpty();

        _bench.ChangeFlow(flow => flow["deployments"]![0]!["infrastructure"] = "process");
        (await _bench.DeployAsync(request)).ApiWrites.ShouldBe(1);
    }

    [Fact]
    public async Task A_missing_pool_is_created_where_that_is_asked_for()
    {
        DeployOutcome outcome = await _bench.DeployAsync(_bench.Request with { WorkPool = "mine", CreateWorkPool = true, WorkQueue = "q" });
        outcome.ApiWrites.ShouldBe(1);
        _bench.Output.ShouldContain("Created the work pool mine\n");
        Deployment live = (await _bench.LiveAsync("daily"))!;
        (live.WorkPoolName, live.WorkQueueName).ShouldBe(("mine", "q"));
        (await _bench.DeployAsync(_bench.Request with { WorkPool = "mine", WorkQueue = "q" })).HasChanges.ShouldBeFalse();
    }

    [Fact]
    public async Task A_plan_says_what_would_be_done_and_does_nothing()
    {
        DeployRequest plan = _bench.Request with { PlanOnly = true };
        DeployOutcome first = await _bench.DeployAsync(plan);
        first.Deployments.ShouldAllBe(d => d.Outcome == "created" && d.Id == null);
        first.HasChanges.ShouldBeTrue();
        (first.PackageUri, first.ApiWrites, first.UploadedFiles).ShouldBe((null, 0, 0));
        _bench.Output.ShouldContain("Weather report/daily: would be created\n");
        _bench.Output.ShouldContain("Plan for the embedded API: 2 created. Nothing was stored or applied.\n");
        _bench.Output.ShouldNotContain("run it");
        _bench.Manifests().ShouldBeEmpty();
        (await _bench.LiveAsync("daily")).ShouldBeNull();

        await _bench.DeployAsync();
        (await _bench.DeployAsync(plan)).HasChanges.ShouldBeFalse();
        _bench.Temp.Write("publish/Weather.dll", "another program");
        (await _bench.DeployAsync(plan)).Deployments.ShouldAllBe(d => d.Outcome == "updated" && d.Changes.SequenceEqual(new[] { "package" }));
        (await _bench.DeployAsync(plan with { WorkPool = "new", CreateWorkPool = true })).Deployments[0].Changes.ShouldContain("work pool");
        _bench.Output.ShouldContain("Would create the work pool new\n");
        _bench.Manifests().Length.ShouldBe(1);
    }

    [Fact]
    public async Task Without_upload_the_deployments_keep_their_package_and_other_changes_are_applied()
    {
        (await _bench.FailAsync(_bench.Request with { SkipUpload = true })).Code.ShouldBe(DeployCodes.NoLivePackage);
        DeployOutcome first = await _bench.DeployAsync();
        _bench.Temp.Write("publish/Weather.dll", "another program");

        DeployOutcome second = await _bench.DeployAsync(_bench.Request with { SkipUpload = true, DeploymentVersion = "9" });

        second.Deployments.ShouldAllBe(d => d.Changes.SequenceEqual(new[] { "version" }));
        (second.PackageUri, second.PackageSha256).ShouldBe((first.PackageUri, first.PackageSha256));
        (await _bench.LiveAsync("daily"))!.Path.ShouldBe(first.PackageUri);
        _bench.Manifests().Length.ShouldBe(1);
    }

    [Fact]
    public async Task Without_apply_the_package_is_stored_and_no_API_is_opened()
    {
        DeployOutcome outcome = await _bench.DeployAsync(_bench.Request with { SkipApply = true });
        outcome.Deployments.ShouldAllBe(d => d.Outcome == "stored");
        _bench.ApiOpened.ShouldBe(0);
        _bench.Manifests().ShouldHaveSingleItem();
        _bench.Output.ShouldEndWith("Not applied (SluiceSkipApply).\n");
    }

    [Fact]
    public async Task Deployments_with_stores_and_keys_of_their_own_get_packages_there()
    {
        _bench.ChangeFlow(flow =>
        {
            flow["deployments"]![0]!["storage"] = new Uri(_bench.Temp["other store"]).AbsoluteUri;
            flow["deployments"]![1]!["storage_key"] = "flows/manual";
        });
        DeployOutcome outcome = await _bench.DeployAsync();
        (await _bench.LiveAsync("daily"))!.Path!.ShouldStartWith(new Uri(_bench.Temp["other store"]).AbsoluteUri + "/weather-report/");
        (await _bench.LiveAsync("manual"))!.Path!.ShouldEndWith("/storage/flows/manual");
        outcome.UploadedFiles.ShouldBe(4);
        await _bench.PullAsync((await _bench.LiveAsync("daily"))!);
        await _bench.PullAsync((await _bench.LiveAsync("manual"))!);
        (await _bench.DeployAsync()).HasChanges.ShouldBeFalse();
    }

    [Fact]
    public async Task An_installed_program_is_stored_nowhere_and_started_by_its_command()
    {
        await _bench.DeployAsync();
        _bench.ChangeFlow(flow =>
        {
            flow["deployments"]!.AsArray().RemoveAt(1);
            flow["deployments"]![0]!["storage"] = "installed";
        });
        DeployError missing = await _bench.FailAsync();
        missing.Code.ShouldBe(DeployCodes.CommandMissing);
        missing.Message.ShouldContain("Weather report/daily is stored nowhere");
        _bench.ChangeFlow(flow =>
        {
            flow["deployments"]!.AsArray().RemoveAt(1);
            flow["deployments"]![0]!["storage"] = "installed";
            flow["deployments"]![0]!["job_variables"] = JsonNode.Parse("""{"command": "/opt/flows/Weather"}""");
        });
        DeployOutcome outcome = await _bench.DeployAsync();
        outcome.PackageSha256.ShouldBeNull();
        IReadOnlyDictionary<string, JsonElement> variables = (await _bench.LiveAsync("daily"))!.JobVariables;
        variables["command"].GetString().ShouldBe("/opt/flows/Weather");
        variables["env"].EnumerateObject().Select(variable => variable.Name).ShouldBe(["SLUICE_VERSION"]);
        (await _bench.DeployAsync()).HasChanges.ShouldBeFalse();
    }

    [Theory]
    [InlineData(null, null, null, "Nothing says which project of git+https://git.example/flows.git this is")]
    [InlineData("App.csproj", "flows/manual", null, "The storage key 'flows/manual' names a folder in a store of packages")]
    [InlineData("App.csproj", null, "net9.0;net10.0", "App.csproj has several TargetFrameworks (net9.0;net10.0), and workers build git+https://git.example/flows.git for one")]
    public async Task What_cannot_be_named_in_a_source_is_refused(string? project, string? key, string? frameworks, string says)
    {
        DeployError refused = await _bench.FailAsync(_bench.Request with { Storage = "git+https://git.example/flows.git", Project = project, StorageKey = key, TargetFrameworks = frameworks });
        refused.Code.ShouldBe(DeployCodes.SourceUnknown);
        refused.Message.ShouldContain(says);
    }

    [Fact]
    public async Task A_store_that_vanished_is_filled_again_by_the_next_publish()
    {
        await _bench.DeployAsync();
        Directory.Delete(_bench.Home.Storage, recursive: true);
        DeployOutcome outcome = await _bench.DeployAsync();
        outcome.UploadedFiles.ShouldBe(2);
        await _bench.PullAsync((await _bench.LiveAsync("daily"))!);
    }

    [Fact]
    public async Task The_outcome_file_holds_what_the_task_needs()
    {
        await _bench.DeployAsync(_bench.Request with { OutcomeFile = _bench.Temp["outcome.json"] });
        JsonNode outcome = JsonNode.Parse(File.ReadAllText(_bench.Temp["outcome.json"]))!;
        outcome["deployments"]![0]!["full_name"]!.GetValue<string>().ShouldBe("Weather report/daily");
        outcome["deployments"]![0]!["outcome"]!.GetValue<string>().ShouldBe("created");
        outcome["deployments"]![0]!["id"]!.GetValue<Guid>().ShouldNotBe(Guid.Empty);
        outcome["package_uri"]!.GetValue<string>().ShouldStartWith("file:///");
        outcome["package_sha256"]!.GetValue<string>().Length.ShouldBe(64);
        outcome["api_writes"]!.GetValue<int>().ShouldBe(1);
    }

    [Fact]
    public async Task A_program_without_deployments_is_nothing_to_deploy_and_no_error()
    {
        _bench.ChangeFlow(flow => flow["deployments"] = new JsonArray());
        (await _bench.DeployAsync()).Deployments.ShouldBeEmpty();
        _bench.Output.ShouldBe("Sluice: nothing to deploy: Weather has no method with [Flow] and [Deployment].\n");
        _bench.ApiOpened.ShouldBe(0);
    }

    [Fact]
    public async Task A_request_file_of_the_build_is_read_with_unknown_members_ignored()
    {
        DeployRequest request = JsonSerializer.Deserialize(
            $$"""
            {"assembly": {{JsonSerializer.Serialize(_bench.Temp["obj/Weather.dll"])}}, "publish_dir": {{JsonSerializer.Serialize(_bench.Temp["publish"])}},
             "files": ["Weather.dll"], "skip_apply": true, "later": 1}
            """,
            DeployJson.Default.DeployRequest)!;
        (await _bench.DeployAsync(request)).ReusedFiles.ShouldBe(0);
    }

    [Fact]
    public async Task Through_a_server_a_publish_does_the_same()
    {
        _bench.ChangeFlow(flow =>
        {
            flow["deployments"]![0]!["schedules"]!.AsArray().Add(JsonNode.Parse("""{"slug":"often","schedule":{"interval":900,"anchor_date":"2026-01-01T06:00:00Z"}}"""));
            flow["deployments"]![0]!["schedules"]!.AsArray().Add(JsonNode.Parse("""{"slug":"unanchored","schedule":{"interval":3600}}"""));
        });
        await using IOrchestrationApi api = await _bench.OpenAsync();
        await using ApiHost host = await ApiHost.StartAsync(api, new(), Cancel);

        DeployResult first = await _bench.RunAsync(server: host.Url), second = await _bench.RunAsync(server: host.Url);
        DeployOutcome direct = await _bench.DeployAsync();

        first.Diagnostics.ShouldBeEmpty();
        first.Outcome!.Deployments.ShouldAllBe(d => d.Outcome == "created");
        (second.Outcome!.HasChanges, second.Outcome.ApiWrites, second.Outcome.UploadedFiles).ShouldBe((false, 0, 0));
        direct.HasChanges.ShouldBeFalse();
        second.Outcome.AppliedTo.ShouldBe(host.Url.AbsoluteUri);
    }

    [Fact]
    public async Task Two_publishes_at_once_both_end_and_the_result_is_one_of_the_two_whole()
    {
        string[] programs = ["one", "two"];
        foreach (string program in programs)
        {
            _bench.Temp.Write($"publish-{program}/Weather.dll", "program " + program);
            _bench.Temp.Write($"publish-{program}/data/cities.csv", "Seattle;Paris");
        }
        for (int round = 0; round < 5; round++)
        {
            DeployResult[] results = await Task.WhenAll(programs.Select(program => Task.Run(() =>
                _bench.RunAsync(_bench.Request with { PublishDir = _bench.Temp["publish-" + program], DeploymentVersion = $"{program} {round}" }))));

            results.ShouldAllBe(r => r.Succeeded, string.Join('\n', results.SelectMany(r => r.Diagnostics)));
            Deployment daily = (await _bench.LiveAsync("daily"))!, manual = (await _bench.LiveAsync("manual"))!;
            daily.Version.ShouldBe(manual.Version);
            daily.Path.ShouldBe(manual.Path);
            string won = daily.Version!.Split(' ')[0];
            File.ReadAllText(Path.Combine((await _bench.PullAsync(daily)).Folder, "Weather.dll")).ShouldBe("program " + won);
        }
    }
}

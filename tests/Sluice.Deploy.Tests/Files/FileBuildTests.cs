using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sluice.Deploy.Files;
using Sluice.Deploy.Manifest;

namespace Sluice.Deploy.Tests.Files;

public sealed partial class FileBuildTests : IDisposable
{
    private readonly FileBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_file_that_somebody_saves_while_the_program_is_stored_is_not_overwritten()
    {
        BuiltFile built = await _bench.BuildAsync();
        _bench.ChangeFlow(flow => flow["description"] = "Other.");
        // The name of this machine is asked for when the package is stored.
        BuildResult result = await _bench.RunAsync(_bench.Request with { Name = "daily" }, onVariable: () => File.WriteAllText(built.File, "# saved\n" + File.ReadAllText(built.File)));
        DeployError error = result.Diagnostics.ShouldHaveSingleItem();
        (error.Code, error.Origin).ShouldBe(("SLC1116", $"{built.File}(1,1)"));
        error.Message.ShouldContain("build again");
        File.ReadAllText(built.File).ShouldStartWith("# saved\n");
        (await _bench.RunAsync(_bench.Request with { Name = "daily" })).Diagnostics.ShouldBeEmpty();
        File.ReadAllText(built.File).ShouldStartWith("# saved\n");
    }

    [Fact]
    public async Task A_built_file_has_Prefects_layout()
    {
        BuiltFile built = await _bench.BuildAsync();

        Path.GetFileName(built.File).ShouldBe("weather-report-deployment.yaml");
        (built.FullName, built.Outcome).ShouldBe(("Weather report/daily", "created"));
        string text = await File.ReadAllTextAsync(built.File, TestContext.Current.CancellationToken);
        string package = built.Package!;
        string host = HostLine().Match(text).Groups[1].Value;
        Seal().Replace(text, m => m.Groups[1].Value + "…").ShouldBe($$"""
            ###
            ### A complete description of a Prefect Deployment for flow 'Weather report'
            ###
            # digest: sha256:…
            name: daily
            description: Reports.
            version: 1.2.0+0123456789ab
            # The work queue that will handle this deployment's runs
            work_queue_name: default
            work_pool_name: null
            tags:
            - weather
            parameters:
              city: Seattle
            schedule:
              cron: 0 6 * * *
              timezone: Europe/Paris
              day_or: true
            is_schedule_active: null
            infra_overrides:
              env:
                SLUICE_PACKAGE: {{package}}
                SLUICE_PACKAGE_HOST: {{host}}
            infrastructure:
              type: process
              env: {}
              command:
              - sluice
              - flow-run
              - execute
              stream_output: true
              block_type_slug: process
              _block_type_slug: process

            ###
            ### DO NOT EDIT BELOW THIS LINE
            ###
            # lines: …
            # source: publish/Weather.dll
            # declared: …
            flow_name: Weather report
            manifest_path: null
            storage: null
            path: {{package.Split('#')[0]}}
            entrypoint: Weather.dll!Weather.Flows.Build
            parameter_openapi_schema:
              title: Parameters
              type: object
              required:
              - city
              definitions: {}
              additionalProperties: false
              properties:
                city:
                  title: city
                  position: 0
                  type: string
                days:
                  title: days
                  position: 1
                  type: integer
                  default: 7
            timestamp: '2026-11-22T08:30:00.000000+00:00'
            triggers: []

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_build_of_the_same_changes_no_byte_and_another_time_is_all_that_a_first_build_may_differ_in()
    {
        BuiltFile first = await _bench.BuildAsync();
        string text = File.ReadAllText(first.File);
        _bench.Time.Advance(TimeSpan.FromDays(1));

        (await _bench.BuildAsync()).Outcome.ShouldBe("unchanged");
        File.ReadAllText(first.File).ShouldBe(text);

        BuiltFile other = await _bench.BuildAsync(_bench.Request with { Name = "daily", Output = "other" });
        Path.GetFileName(other.File).ShouldBe("other.yaml");
        string[] a = text.Split('\n'), b = File.ReadAllText(other.File).Split('\n');
        a.Length.ShouldBe(b.Length);
        // The package's folder is named by its time.
        a.Zip(b).Where(pair => pair.First != pair.Second).Select(pair => pair.First.TrimStart(' ', '#').Split(':')[0]).ShouldBe(["digest", "SLUICE_PACKAGE", "lines", "declared", "path", "timestamp"]);
    }

    [Fact]
    public async Task A_rebuild_keeps_what_people_wrote_above_the_banner_and_lets_the_rest_follow_the_code()
    {
        BuiltFile built = await _bench.BuildAsync();
        FileBench.Edit(built.File, "schedule:\n  cron: 0 6 * * *\n", "# not before the night's data\nschedule:\n  cron: 30 7 * * *   # later\n");
        FileBench.Edit(built.File, "parameters:\n  city: Seattle\n", "parameters:\n\n  city: \"Oslo\" # ours\n");
        _bench.ChangeFlow(flow =>
        {
            flow["deployments"]![0]!["schedules"]![0]!["schedule"]!["cron"] = "0 5 * * *";
            flow["deployments"]![0]!["tags"] = new JsonArray("weather", "north");
            flow["deployments"]![0]!["parameters"] = new JsonObject { ["city"] = "Bergen", ["days"] = 3 };
            flow["description"] = "Better reports.";
        });

        BuiltFile again = await _bench.BuildAsync();

        again.Outcome.ShouldBe("updated");
        again.Kept.ShouldBe(["parameters.city", "schedule"], ignoreOrder: true);
        string text = File.ReadAllText(built.File);
        text.ShouldContain("# not before the night's data\nschedule:\n  cron: 30 7 * * *   # later\n  timezone: Europe/Paris\n");
        text.ShouldContain("parameters:\n\n  city: \"Oslo\" # ours\n  days: 3\n");
        text.ShouldContain("tags:\n- weather\n- north\n");
        text.ShouldContain("description: Better reports.\n");
        text.ShouldContain(again.Package!);
        (await _bench.AppliedAsync(built.File)).Deployments.ShouldHaveSingleItem().Outcome.ShouldBe("created");
        var live = (await _bench.LiveAsync("daily"))!;
        (live.Schedules[0].Schedule.Cron, live.Parameters["city"].GetString(), live.Parameters["days"].GetInt32(), live.Description).ShouldBe(("30 7 * * *", "Oslo", 3, "Better reports."));
    }

    [Fact]
    public async Task The_file_of_one_deployment_does_not_become_that_of_another()
    {
        BuildRequest daily = _bench.Request with { Name = "daily", Output = "report.yaml" };
        BuiltFile built = await _bench.BuildAsync(daily);
        string text = File.ReadAllText(built.File);
        BuildResult refused = await _bench.RunAsync(daily with { Name = "hourly" });
        refused.Files.ShouldBeEmpty();
        refused.Diagnostics.ShouldHaveSingleItem().ToString().ShouldContain("report.yaml(1,1): error SLC1116: The file is that of the deployment 'daily'", Case.Sensitive);
        File.ReadAllText(built.File).ShouldBe(text);
    }

    [Fact]
    public async Task The_file_of_a_deployment_that_a_name_made_does_not_become_that_of_the_code()
    {
        BuiltFile made = await _bench.BuildAsync(_bench.Request with { Name = "nightly" });
        FileBench.Edit(made.File, "parameters: {}\n", "parameters:\n  city: Oslo\n");
        string text = File.ReadAllText(made.File);
        _bench.ChangeFlow(flow => flow["deployments"] = new JsonArray(flow["deployments"]![0]!.DeepClone()));
        BuildResult refused = await _bench.RunAsync();
        refused.Files.ShouldBeEmpty();
        refused.Diagnostics.ShouldHaveSingleItem().ToString().ShouldContain("weather-report-deployment.yaml(1,1): error SLC1116: The file is that of the deployment 'nightly', which --name made");
        File.ReadAllText(made.File).ShouldBe(text);
        (await _bench.BuildAsync(_bench.Request with { Name = "nightly" })).FullName.ShouldBe("Weather report/nightly");
        File.ReadAllText(made.File).ShouldContain("\nname: nightly\n");
        File.ReadAllText(made.File).ShouldContain("\n  city: Oslo\n");
    }

    /// <summary>Nothing tells a rename from a removal and an addition: it is said, once.</summary>
    [Fact]
    public async Task A_deployment_that_the_code_calls_otherwise_keeps_its_file_and_that_is_said()
    {
        BuiltFile built = await _bench.BuildAsync();
        FileBench.Edit(built.File, "\n  city: Seattle\n", "\n  city: Oslo\n");
        _bench.ChangeFlow(flow =>
        {
            flow["deployments"] = new JsonArray(flow["deployments"]![0]!.DeepClone());
            flow["deployments"]![0]!["name"] = "hourly";
        });
        BuildResult result = await _bench.RunAsync();
        result.Succeeded.ShouldBeTrue();
        (result.Diagnostics.ShouldHaveSingleItem().Message, result.Files.ShouldHaveSingleItem().FullName).ShouldBe((
            "weather-report-deployment.yaml was that of the deployment 'daily' and is that of 'hourly' now, as the code calls it, with what was edited there. "
            + "Where these are two, bring the file back and write 'hourly' to another one by --output.", "Weather report/hourly"));
        File.ReadAllText(built.File).ShouldContain("\nname: hourly\n");
        File.ReadAllText(built.File).ShouldContain("\n  city: Oslo\n");
        (await _bench.RunAsync()).Diagnostics.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_of_Prefects_own_is_that_of_the_deployment_that_it_names()
    {
        BuiltFile built = await _bench.BuildAsync(_bench.Request with { Name = "prod" });
        // As Prefect writes it: without our lines of comments.
        File.WriteAllLines(built.File, File.ReadAllLines(built.File).Where(line => !line.StartsWith("# ", StringComparison.Ordinal)));
        string text = File.ReadAllText(built.File);
        BuildResult refused = await _bench.RunAsync(_bench.Request with { Name = "daily" });
        refused.Diagnostics.ShouldHaveSingleItem().ToString().ShouldContain("error SLC1116: The file is that of the deployment 'prod', whose edits would become those of 'daily'");
        File.ReadAllText(built.File).ShouldBe(text);
        (await _bench.BuildAsync(_bench.Request with { Name = "prod" })).Outcome.ShouldBe("updated");
    }

    [Fact]
    public async Task A_file_of_another_flow_is_not_edited_and_a_renamed_flow_keeps_its_file()
    {
        BuildRequest request = _bench.Request with { Name = "daily", Output = "report.yaml" };
        BuiltFile built = await _bench.BuildAsync(request);
        string text = File.ReadAllText(built.File);
        _bench.ChangeFlow(flow => (flow["name"], flow["entrypoint"]) = ("Other", "Weather.dll!Weather.Flows.Other"));
        BuildResult refused = await _bench.RunAsync(request);
        refused.Files.ShouldBeEmpty();
        refused.Diagnostics.ShouldHaveSingleItem().ToString().ShouldContain("report.yaml(1,1): error SLC1116: The file is that of the flow 'Weather report'", Case.Sensitive);
        File.ReadAllText(built.File).ShouldBe(text);

        _bench.ChangeFlow(flow => flow["name"] = "Weather today");
        (await _bench.BuildAsync(request)).FullName.ShouldBe("Weather today/daily");
    }

    [Fact]
    public async Task A_lower_part_that_is_no_YAML_any_more_is_written_anew()
    {
        BuiltFile built = await _bench.BuildAsync();
        string text = File.ReadAllText(built.File);
        FileBench.Edit(built.File, "\nflow_name: Weather report\n", "\nflow_name: [Weather report\n");
        (await _bench.ApplyAsync(built.File)).Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("build the file again");
        (await _bench.BuildAsync()).Outcome.ShouldBe("updated");
        (File.ReadAllText(built.File).Length, (await _bench.AppliedAsync(built.File)).Deployments[0].Outcome).ShouldBe((text.Length, "created"));
    }

    [Fact]
    public async Task A_name_that_is_given_wins_over_one_that_was_edited()
    {
        BuiltFile built = await _bench.BuildAsync();
        FileBench.Edit(built.File, "\nname: daily\n", "\nname: nightly\n");
        (await _bench.BuildAsync()).FullName.ShouldBe("Weather report/daily");
        File.ReadAllText(built.File).ShouldContain("\nname: daily\n");
    }

    [Theory]
    [InlineData("manual", "MANUAL")]
    [InlineData("etl daily", "etl-daily")]
    public async Task Two_deployments_whose_names_make_one_file_are_refused_before_anything_is_stored(string one, string other)
    {
        _bench.ChangeFlow(flow => (flow["deployments"]![0]!["name"], flow["deployments"]![1]!["name"]) = (one, other));
        BuildResult result = await _bench.RunAsync();
        DeployError error = result.Diagnostics.ShouldHaveSingleItem();
        (error.Code, error.Message).ShouldBe(("SLC1116", error.Message));
        error.Message.ShouldContain($"'Weather report/{one}' and 'Weather report/{other}' would be the same file");
        Directory.EnumerateFiles(_bench.Temp.Path, "*.yaml").ShouldBeEmpty();
        Directory.Exists(_bench.Home.Storage).ShouldBeFalse();
    }

    [Fact]
    public async Task A_folder_in_the_place_of_one_of_two_files_stops_the_build_before_anything_is_stored()
    {
        Directory.CreateDirectory(_bench.Temp["weather-report-manual-deployment.yaml"]);
        (await _bench.RunAsync()).Diagnostics.ShouldHaveSingleItem().ToString().ShouldContain("weather-report-manual-deployment.yaml(1,1): error SLC1116: This is a folder");
        Directory.EnumerateFiles(_bench.Temp.Path, "*.yaml").ShouldBeEmpty();
        Directory.Exists(_bench.Home.Storage).ShouldBeFalse();
    }

    /// <summary>The last of several cannot be written beside its place, or cannot be put in its place, or it is cancelled before.</summary>
    [Theory]
    [InlineData("write")]
    [InlineData("rename")]
    [InlineData("cancel")]
    public async Task All_files_of_a_build_are_written_or_none(string fault)
    {
        string old = _bench.Temp.Write("old.yaml", "\uFEFFold"), fresh = _bench.Temp["fresh.yaml"], last = _bench.Temp[fault == "write" ? "old.yaml/last.yaml" : "last.yaml"];
        if (fault == "rename")
            Directory.CreateDirectory(last);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(old, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var source = new CancellationTokenSource();
        if (fault == "cancel")
            await source.CancelAsync();

        Exception failed = await Should.ThrowAsync<Exception>(FileWrites.WriteAsync([(old, "new"), (fresh, "new"), (last, "new")], source.Token));

        (failed is IOException or UnauthorizedAccessException or OperationCanceledException).ShouldBeTrue(failed.ToString());
        failed.Message.ShouldNotContain(fault == "write" ? ".tmp" : "Not all could be put back", customMessage: "what failed first is told");
        File.ReadAllBytes(old).ShouldBe([0xEF, 0xBB, 0xBF, .. "old"u8]);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(old).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, "it is the file that was there, not another one of its content");
        File.Exists(fresh).ShouldBeFalse();
        Directory.EnumerateFiles(_bench.Temp.Path, "*.tmp", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task Line_ends_of_Windows_and_a_byte_order_mark_survive_or_do_no_harm()
    {
        BuiltFile built = await _bench.BuildAsync();
        File.WriteAllText(built.File, "\uFEFF" + File.ReadAllText(built.File).Replace("\n", "\r\n", StringComparison.Ordinal));
        (await _bench.AppliedAsync(built.File)).Deployments[0].Outcome.ShouldBe("created");
        _bench.ChangeFlow(flow => flow["description"] = "Better.");

        await _bench.BuildAsync();

        string text = File.ReadAllText(built.File);
        text.Replace("\r\n", "", StringComparison.Ordinal).ShouldNotContain("\n");
        text.ShouldContain("description: Better.\r\n");
        (await _bench.AppliedAsync(built.File)).Deployments[0].Outcome.ShouldBe("updated");
    }

    [Fact]
    public async Task Options_go_over_the_code_and_over_the_file_and_stay_at_the_next_build()
    {
        BuildRequest options = _bench.Request with
        {
            Name = "daily",
            Version = "7",
            Description = "By hand.",
            Tags = ["a", "b"],
            WorkQueue = "fast",
            WorkPool = "etl",
            Schedule = new ScheduleText { Interval = 900, AnchorDate = "2026-01-01T00:00:00+00:00", Timezone = "Europe/Oslo" },
            Parameters = new Dictionary<string, JsonElement> { ["days"] = JsonElement.Parse("3") },
            Overrides = new Dictionary<string, JsonElement> { ["env.LEVEL"] = JsonElement.Parse("\"debug\""), ["working_dir"] = JsonElement.Parse("\"/srv\"") },
            ConcurrencyLimit = 2,
        };
        BuiltFile built = await _bench.BuildAsync(options);

        string head = File.ReadAllText(built.File).Split("### DO NOT")[0];
        head.ShouldContain("description: By hand.\nversion: '7'\n");
        head.ShouldContain("work_queue_name: fast\nwork_pool_name: etl\ntags:\n- a\n- b\nparameters:\n  city: Seattle\n  days: 3\nschedule:\n  interval: 900\n  anchor_date: '2026-01-01T00:00:00+00:00'\n  timezone: Europe/Oslo\n");
        head.ShouldContain("    LEVEL: debug\n");
        head.ShouldContain("  working_dir: /srv\n");
        head.ShouldContain("  command: sluice flow-run execute\n", customMessage: "a worker's pool reads the command as one text");
        head.ShouldContain("concurrency_limit: 2\n");

        (await _bench.BuildAsync()).File.ShouldBe(built.File);
        File.ReadAllText(built.File).Split("### DO NOT")[0].Split('\n').Where(line => !line.Contains("sha256", StringComparison.Ordinal)).ShouldBe(head.Split('\n').Where(line => !line.Contains("sha256", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Several_deployments_of_a_flow_get_a_file_each_and_a_flow_without_any_needs_a_name()
    {
        BuildResult both = await _bench.RunAsync();
        both.Files.Select(file => (Path.GetFileName(file.File), file.FullName)).ShouldBe(
            [("weather-report-daily-deployment.yaml", "Weather report/daily"), ("weather-report-manual-deployment.yaml", "Weather report/manual")]);
        File.ReadAllText(both.Files[1].File).ShouldContain("concurrency_limit: 2\n");

        (await _bench.BuildAsync(_bench.Request with { Flow = "Build", Name = "nightly" })).FullName.ShouldBe("Weather report/nightly");

        _bench.ChangeFlow(flow => flow["deployments"] = new JsonArray());
        (await _bench.RunAsync()).Diagnostics.ShouldHaveSingleItem().ToString().ShouldContain("error SLC1116: The flow 'Weather report' has no [Deployment]: give the deployment a name by --name.");
    }

    [Theory]
    [InlineData("Buidl", null, null, "SLC1116", "Did you mean 'Build'?")]
    [InlineData(null, "out.json", null, "SLC1116", "ends in .json")]
    [InlineData(null, null, "dayz", "SLC1004", "Did you mean 'days'?")]
    [InlineData(null, null, "city", "SLC1004", "$.city")]
    [InlineData(null, null, "env..LEVEL", "SLC1116", "The override 'env..LEVEL' has an empty part")]
    public async Task What_cannot_be_built_is_said_and_writes_nothing(string? flow, string? output, string? parameter, string code, string words)
    {
        BuildResult result = await _bench.RunAsync(_bench.Request with
        {
            Flow = flow,
            Name = "daily",
            Output = output,
            Parameters = parameter is null or "env..LEVEL" ? null : new Dictionary<string, JsonElement> { [parameter] = JsonElement.Parse("3") },
            Overrides = parameter is not "env..LEVEL" ? null : new Dictionary<string, JsonElement> { [parameter] = JsonElement.Parse("3") },
        });

        DeployError error = result.Diagnostics.ShouldHaveSingleItem();
        error.Code.ShouldBe(code);
        error.Message.ShouldContain(words);
        Directory.EnumerateFiles(_bench.Temp.Path, "*.yaml").ShouldBeEmpty();
        Directory.Exists(_bench.Home.Storage).ShouldBeFalse();
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_stops_the_build_before_anything_is_stored()
    {
        File.WriteAllText(_bench.Temp["weather-report-deployment.yaml"], "name: daily\nname: x\n\n###\n### DO NOT EDIT BELOW THIS LINE\n###\nflow_name: x\n");
        BuildResult result = await _bench.RunAsync(_bench.Request with { Name = "daily" });
        result.Diagnostics.ShouldHaveSingleItem().ToString().ShouldBe($"{_bench.Temp["weather-report-deployment.yaml"]}(2,1): error SLC1112: 'name' stands here and in line 1: keep one.");
        Directory.Exists(_bench.Home.Storage).ShouldBeFalse();
    }

    [Fact]
    public async Task Blocks_and_infrastructure_stand_where_Prefect_has_them()
    {
        string named = File.ReadAllText((await _bench.BuildAsync(_bench.Request with { Name = "daily", Output = "a.yml", InfrastructureBlock = "docker-container/prod", SkipUpload = true, Storage = "s3/prod/flows" })).File);
        named.Split("### DO NOT")[0].ShouldNotContain("infrastructure:");
        named.ShouldContain("storage:\n  _block_type_slug: s3\n  _block_document_name: prod\ninfrastructure:\n  _block_type_slug: docker-container\n  _block_document_name: prod\n");
        named.ShouldContain("# storage: s3/prod/flows\n");
        named.ShouldContain("path: null\n");

        string anonymous = File.ReadAllText((await _bench.BuildAsync(_bench.Request with { Name = "daily", Output = "b.yml", Infrastructure = "kubernetes-job", SkipUpload = true })).File);
        anonymous.Split("### DO NOT")[0].ShouldContain("infrastructure:\n  type: kubernetes-job\n");
    }

    [GeneratedRegex(@"((?:# digest: sha256:)|(?:# lines: )|(?:# declared: ))[^\n]*")]
    private static partial Regex Seal();

    [GeneratedRegex(@"SLUICE_PACKAGE_HOST: ([^\n]*)")]
    private static partial Regex HostLine();
}

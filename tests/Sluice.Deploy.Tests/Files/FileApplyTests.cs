using System.Text.Json;
using Sluice.Deploy.Files;
using Sluice.Orchestration;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Tests.Files;

public sealed class FileApplyTests : IDisposable
{
    private readonly FileBench _bench = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_file_as_it_was_built_gives_the_deployment_that_its_code_declares()
    {
        BuildResult built = await _bench.RunAsync();
        DeployOutcome outcome = await _bench.AppliedAsync([.. built.Files.Select(file => file.File)]);

        outcome.Deployments.Select(one => (one.FullName, one.Outcome)).ShouldBe([("Weather report/daily", "created"), ("Weather report/manual", "created")]);
        outcome.ApiWrites.ShouldBe(1, "all files are one call");
        Deployment daily = (await _bench.LiveAsync("daily"))!;
        daily.Path.ShouldBe(PackageReference.TryParse(built.Files[0].Package!)!.Location.AbsoluteUri);
        daily.Entrypoint.ShouldBe("Weather.dll!Weather.Flows.Build");
        daily.Version.ShouldBe("1.2.0+0123456789ab");
        daily.Tags.ShouldBe(["weather"]);
        daily.Parameters["city"].GetString().ShouldBe("Seattle");
        daily.WorkPoolName.ShouldBe("default-agent-pool");
        daily.WorkQueueName.ShouldBe("default");
        daily.JobVariables["command"].GetString().ShouldBe("sluice flow-run execute");
        daily.JobVariables["env"].GetProperty("SLUICE_PACKAGE").GetString().ShouldBe(built.Files[0].Package);
        daily.Labels.Keys.ShouldNotContain("sluice.app", "a publish must not take it for one of its own that vanished from the code");
        daily.Labels.Keys.ShouldContain("sluice.host");
        DeploymentSchedule schedule = daily.Schedules.ShouldHaveSingleItem();
        (schedule.Slug, schedule.Active, schedule.Schedule.Cron, schedule.Schedule.Timezone).ShouldBe(("schedule-1", true, "0 6 * * *", "Europe/Paris"));
        (await _bench.LiveAsync("manual"))!.ConcurrencyLimit.ShouldBe(2);

        DeployOutcome again = await _bench.AppliedAsync([.. built.Files.Select(file => file.File)]);
        again.Deployments.ShouldAllBe(one => one.Outcome == "unchanged");
        again.ApiWrites.ShouldBe(0);
    }

    [Theory]
    [InlineData("work_queue_name: default", "work_queue: default", 9, 1, "SLC1112", "Did you mean 'work_queue_name'?")]
    [InlineData("tags:\n- weather", "tags: weather", 11, 7, "SLC1113", "tags is a list of texts, and this is 'weather'")]
    [InlineData("  city: Seattle", "  city: [1]", 14, 9, "SLC1004", "$.city")]
    [InlineData("  city: Seattle", "  town: Seattle", 14, 9, "SLC1004", "town")]
    [InlineData("cron: 0 6 * * *", "cron: 0 66 * * *", 16, 11, "SLC1003", "66")]
    [InlineData("timezone: Europe/Paris", "timezone: Europe/Pariss", 17, 13, "SLC1003", "Europe/Pariss")]
    [InlineData("  cron: 0 6 * * *", "  cron: 0 6 * * *\n  interval: 5", 16, 3, "SLC1003", "cron and interval")]
    [InlineData("is_schedule_active: null", "is_schedule_active: maybe", 19, 21, "SLC1113", "true, false or null")]
    [InlineData("is_schedule_active: null", "is_schedule_active: yes", 19, 21, "SLC1113", "true")]
    [InlineData("name: daily", "name: a/b", 5, 7, "SLC1016", "contains '/'")]
    [InlineData("name: daily\n", "", 5, 1, "SLC1113", "name is missing")]
    [InlineData("infra_overrides:\n", "infra_overrides:\n  env: 3\nx:\n", 22, 1, "SLC1112", "no key 'x'")]
    [InlineData("infra_overrides:\n", "infra_overrides:\n  a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a: 1\n", 21, 3, "SLC1113", "17 parts")]
    [InlineData("infra_overrides:\n", "infra_overrides:\n  b: 1\n  env..X: 1\n", 22, 3, "SLC1113", "empty part")]
    [InlineData("infra_overrides:\n", "infra_overrides:\n  b: 1\n  b.c: 1\n", 22, 3, "SLC1113", "'b' has no members")]
    [InlineData("infra_overrides:\n", "infra_overrides:\n  b:\n    c: 1\n  b.c: 2\n", 23, 3, "SLC1113", "said twice")]
    [InlineData("description: Reports.", "description: [a", 6, 14, "SLC1111", "not YAML")]
    [InlineData("  cron: 0 6 * * *", "\tcron: 0 6 * * *", 16, 1, "SLC1111", "tab")]
    public async Task A_fault_is_told_with_its_line_and_column_and_nothing_of_any_file_is_applied(string from, string to, int line, int column, string code, string words)
    {
        BuildResult built = await _bench.RunAsync();
        FileBench.Edit(built.Files[0].File, from, to);

        DeployResult result = await _bench.ApplyAsync(built.Files[1].File, built.Files[0].File);

        result.Outcome.ShouldBeNull();
        DeployError error = result.Diagnostics.First(diagnostic => diagnostic.Message.Contains(words, StringComparison.Ordinal));
        error.ToString().ShouldStartWith($"{built.Files[0].File}({line},{column}): error {code}: ");
        (await _bench.LiveAsync("manual")).ShouldBeNull();
        (await _bench.LiveAsync("daily")).ShouldBeNull();
    }

    [Fact]
    public async Task Every_changed_line_below_the_banner_is_named_even_where_the_digest_above_it_was_taken_out()
    {
        BuiltFile built = await _bench.BuildAsync();
        string[] whole = File.ReadAllLines(built.File);
        string[] bare = [.. whole.Where(line => !line.StartsWith("# digest", StringComparison.Ordinal))];
        foreach (string[] lines in (string[][])[whole, bare])
        {
            int banner = Array.FindIndex(lines, line => line.Contains("DO NOT EDIT", StringComparison.Ordinal));
            for (int i = banner + 2; i < lines.Length; i++)
            {
                // An altered line of marks without the digest tells of the first line whose mark it alters.
                if (lines == bare && i == banner + 2)
                    continue;
                foreach (string[] changed in (string[][])[[.. lines[..i], lines[i] + " ", .. lines[(i + 1)..]], [.. lines[..i], .. lines[(i + 1)..]], [.. lines[..i], "# new", .. lines[i..]]])
                {
                    File.WriteAllLines(built.File, changed);
                    DeployError error = (await _bench.ApplyAsync(built.File)).Diagnostics.ShouldHaveSingleItem($"line {i + 1}: {changed[Math.Min(i, changed.Length - 1)]}");
                    error.Code.ShouldBe("SLC1114");
                    error.Origin.ShouldBe($"{built.File}({Math.Min(i + 1, changed.Length)},1)");
                }
            }
        }
        (await _bench.LiveAsync("daily")).ShouldBeNull();

        // Taken out with the marks, the file still shows that it is ours, and where.
        File.WriteAllLines(built.File, bare.Where(line => !line.StartsWith("# lines", StringComparison.Ordinal)));
        DeployError unsealed = (await _bench.ApplyAsync(built.File)).Diagnostics.ShouldHaveSingleItem();
        (unsealed.Code, unsealed.Origin).ShouldBe(("SLC1114", $"{built.File}({Array.FindIndex(bare, line => line.StartsWith("# lines", StringComparison.Ordinal)) + 1},1)"));
        File.WriteAllLines(built.File, bare.Where(line => !line.StartsWith("###", StringComparison.Ordinal)));
        (await _bench.ApplyAsync(built.File)).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("SLC1114", "no banner, and the marks are there");

        File.WriteAllLines(built.File, bare);
        await _bench.AppliedAsync(built.File);
        (await _bench.LiveAsync("daily"))!.Entrypoint.ShouldBe("Weather.dll!Weather.Flows.Build", "a header that was tidied is no change of what stands below");
        await _bench.BuildAsync();
        File.ReadAllText(built.File).ShouldContain("\n# digest: sha256:", customMessage: "and the next build seals it again");
    }

    [Fact]
    public async Task A_missing_pool_stops_all_files_and_two_files_of_one_deployment_are_told()
    {
        BuildResult built = await _bench.RunAsync();
        FileBench.Edit(built.Files[0].File, "work_pool_name: null", "work_pool_name: etl");
        DeployError pool = (await _bench.ApplyAsync(built.Files[1].File, built.Files[0].File)).Diagnostics.ShouldHaveSingleItem();
        pool.Code.ShouldBe("SLC1005");
        pool.Message.ShouldEndWith("create it (sluice work-pool create etl), or apply with --create-work-pool.", customMessage: "the words of what was run");
        (await _bench.LiveAsync("manual")).ShouldBeNull();

        File.Copy(built.Files[1].File, _bench.Temp["copy.yaml"]);
        DeployError twice = (await _bench.ApplyAsync(built.Files[1].File, _bench.Temp["copy.yaml"])).Diagnostics.ShouldHaveSingleItem();
        (twice.Code, twice.Origin).ShouldBe(("SLC1115", $"{_bench.Temp["copy.yaml"]}(5,7)"));
        (await _bench.ApplyAsync(_bench.Temp["nowhere.yaml"])).Diagnostics.ShouldHaveSingleItem().Message.ShouldStartWith("The file does not exist");
    }

    /// <summary>A file may lie for weeks until it is applied, and nothing names its package meanwhile.</summary>
    [Theory]
    [InlineData("manifests")]
    [InlineData("blobs")]
    public async Task A_file_whose_package_a_cleaning_took_is_refused_unless_the_live_deployment_has_it(string what)
    {
        BuiltFile built = await _bench.BuildAsync();
        string package = PackageReference.TryParse(built.Package!)!.Location.LocalPath;
        string[] lost = what == "manifests" ? Directory.GetFiles(package, "*", SearchOption.AllDirectories) : [.. Directory.GetFiles(_bench.Temp["home/storage/blobs"], "*", SearchOption.AllDirectories).Take(1)];
        lost.ShouldNotBeEmpty();
        byte[][] contents = [.. lost.Select(File.ReadAllBytes)];
        foreach (string one in lost)
            File.Delete(one);

        foreach (bool planOnly in (bool[])[true, false])
        {
            DeployError error = (await _bench.ApplyAsync(new() { Assembly = "", PublishDir = "", PlanOnly = planOnly }, [built.File])).Diagnostics.ShouldHaveSingleItem();
            (error.Code, error.IsWarning, error.Origin).ShouldBe(("SLC1117", false, built.File));
            error.Message.ShouldContain("cannot be run any more");
        }
        (await _bench.LiveAsync("daily")).ShouldBeNull();

        foreach ((string path, byte[] content) in lost.Zip(contents))
            File.WriteAllBytes(path, content);
        await _bench.AppliedAsync(built.File);
        Directory.GetFiles(_bench.Temp["home/storage"], "*hold-*", SearchOption.AllDirectories).ShouldBeEmpty("it was let go when the deployment named it");
        foreach (string one in lost)
            File.Delete(one);
        (await _bench.AppliedAsync(built.File)).Deployments[0].Outcome.ShouldBe("unchanged", "what is live already is not asked for again");
    }

    [Fact]
    public async Task While_a_file_is_applied_a_mark_holds_its_package_against_cleanings()
    {
        BuiltFile built = await _bench.BuildAsync();
        string[] held = [];
        await _bench.ApplyAsync(new() { Assembly = "", PublishDir = "" }, [built.File], before: () =>
        {
            held = Directory.GetFiles(_bench.Temp["home/storage"], "*hold-*", SearchOption.AllDirectories);
            return Task.CompletedTask;
        });
        held.ShouldHaveSingleItem().ShouldContain(PackageReference.TryParse(built.Package!)!.Digest);
        (await _bench.LiveAsync("daily")).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_package_on_the_disk_of_another_machine_cannot_be_asked_for_and_is_applied_with_a_warning()
    {
        BuiltFile built = await _bench.BuildAsync();
        string host = File.ReadLines(built.File).First(line => line.Contains("SLUICE_PACKAGE_HOST", StringComparison.Ordinal));
        FileBench.Edit(built.File, host, "    SLUICE_PACKAGE_HOST: elsewhere");
        Directory.Delete(_bench.Temp["home/storage"], recursive: true);
        DeployResult result = await _bench.ApplyAsync(built.File);
        DeployError warning = result.Diagnostics.ShouldHaveSingleItem();
        (warning.Code, warning.IsWarning).ShouldBe(("SLC1135", true));
        result.Outcome!.Deployments[0].Outcome.ShouldBe("created");
    }

    [Fact]
    public async Task Overrides_within_overrides_are_set_in_whatever_order_the_file_has_them()
    {
        BuiltFile built = await _bench.BuildAsync();
        FileBench.Edit(built.File, "infra_overrides:\n", "infra_overrides:\n  job.spec.x: 1\n  job.spec:\n    y: 2\n");
        await _bench.AppliedAsync(built.File);
        JsonElement spec = (await _bench.LiveAsync("daily"))!.JobVariables["job"].GetProperty("spec");
        (spec.GetProperty("x").GetInt32(), spec.GetProperty("y").GetInt32()).ShouldBe((1, 2));
    }

    [Fact]
    public async Task A_plan_says_what_would_be_done_and_does_nothing()
    {
        BuiltFile built = await _bench.BuildAsync();
        DeployResult plan = await _bench.ApplyAsync(new() { Assembly = "", PublishDir = "", PlanOnly = true }, [built.File]);
        plan.Outcome!.Deployments.ShouldHaveSingleItem().Outcome.ShouldBe("created");
        _bench.Output.ShouldContain("Nothing was stored or applied.");
        (await _bench.LiveAsync("daily")).ShouldBeNull();
    }

    [Fact]
    public async Task What_was_not_uploaded_is_uploaded_by_apply()
    {
        BuiltFile built = await _bench.BuildAsync(_bench.Request with { Name = "daily", SkipUpload = true });
        built.Package.ShouldBeNull();
        (await _bench.ApplyAsync(built.File)).Diagnostics.ShouldHaveSingleItem().ToString().ShouldContain("error SLC1117: Weather report/daily has no package: ");

        DeployResult uploaded = await _bench.ApplyAsync(new() { Assembly = "", PublishDir = "" }, [built.File], upload: true);
        uploaded.Diagnostics.ShouldBeEmpty();
        uploaded.Outcome!.UploadedFiles.ShouldBe(2);
        (await _bench.LiveAsync("daily"))!.JobVariables["env"].GetProperty("SLUICE_PACKAGE").GetString().ShouldBe($"{uploaded.Outcome.PackageUri}#sha256={uploaded.Outcome.PackageSha256}");

        (await _bench.ApplyAsync(built.File)).Outcome!.Deployments[0].Outcome.ShouldBe("unchanged", "the live package stays where the file names none");
        Directory.Delete(_bench.Temp["publish"], recursive: true);
        (await _bench.ApplyAsync(new() { Assembly = "", PublishDir = "" }, [built.File], upload: true)).Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("which is not there");
    }

    [Fact]
    public async Task Several_schedules_and_a_pause_are_what_the_file_says()
    {
        BuiltFile built = await _bench.BuildAsync();
        FileBench.Edit(built.File, "schedule:\n  cron: 0 6 * * *\n  timezone: Europe/Paris\n  day_or: true\nis_schedule_active: null\n", """
            schedules:
            - slug: morning
              schedule: {cron: "0 6 * * *"}
              misfire: run_once
            - schedule: {interval: PT15M, anchor_date: 2026-01-01 00:00:00}
              active: false
              parameters: {days: 2}
            is_schedule_active: false

            """.ReplaceLineEndings("\n"));
        await _bench.AppliedAsync(built.File);

        Deployment live = (await _bench.LiveAsync("daily"))!;
        live.Paused.ShouldBeTrue();
        live.Schedules.OrderBy(one => one.Slug, StringComparer.Ordinal).Select(one => (one.Slug, one.Schedule.Cron, one.Schedule.Interval, one.Active, one.Misfire, one.Parameters.Count))
            .ShouldBe([("morning", "0 6 * * *", null, true, ScheduleMisfire.RunOnce, 0), ("schedule-2", null, 900, false, ScheduleMisfire.Skip, 1)]);
    }

    /// <summary>Who takes a value out of a file wants it gone, not kept.</summary>
    [Fact]
    public async Task What_a_file_no_longer_says_is_cleared_and_stays_where_people_set_it()
    {
        BuiltFile built = await _bench.BuildAsync();
        FileBench.Edit(built.File, "is_schedule_active: null\n", "is_schedule_active: null\nconcurrency_limit: 3\n");
        FileBench.Edit(built.File, "infra_overrides:\n", "infra_overrides:\n  working_dir: /srv\n");
        FileBench.Edit(built.File, "work_queue_name: default", "work_queue_name: slow");
        await _bench.AppliedAsync(built.File);
        Deployment live = (await _bench.LiveAsync("daily"))!;
        (live.Description, live.ConcurrencyLimit, live.WorkQueueName, live.JobVariables.ContainsKey("working_dir")).ShouldBe(("Reports.", 3, "slow", true));

        FileBench.Edit(built.File, "description: Reports.", "description: null");
        FileBench.Edit(built.File, "concurrency_limit: 3", "concurrency_limit: null");
        FileBench.Edit(built.File, "work_queue_name: slow", "work_queue_name: null");
        FileBench.Edit(built.File, "  working_dir: /srv\n", "");
        FileBench.Edit(built.File, "tags:\n- weather\n", "tags: null\n");
        FileBench.Edit(built.File, "parameters:\n  city: Seattle\n", "parameters: null\n");
        FileBench.Edit(built.File, "schedule:\n  cron: 0 6 * * *\n  timezone: Europe/Paris\n  day_or: true\n", "schedule: null\n");
        (await _bench.AppliedAsync(built.File)).Deployments[0].Outcome.ShouldBe("updated");
        live = (await _bench.LiveAsync("daily"))!;
        (live.Description ?? "", live.ConcurrencyLimit, live.WorkQueueName, live.JobVariables.ContainsKey("working_dir")).ShouldBe(("", null, "default", false));
        (live.Tags.Count, live.Parameters.Count, live.Schedules.Count).ShouldBe((0, 0, 0));
        (await _bench.AppliedAsync(built.File)).Deployments[0].Outcome.ShouldBe("unchanged");

        await using (IOrchestrationApi api = await _bench.OpenAsync())
            await api.UpdateDeploymentAsync(live.Id, new() { Description = "Hers.", ConcurrencyLimit = 5 }, Cancel);
        (await _bench.AppliedAsync(built.File)).Deployments[0].Outcome.ShouldBe("unchanged");
        live = (await _bench.LiveAsync("daily"))!;
        (live.Description, live.ConcurrencyLimit).ShouldBe(("Hers.", 5), "the file says nothing of them, and somebody on the server does");
    }
}

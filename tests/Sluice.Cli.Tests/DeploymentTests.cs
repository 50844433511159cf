using System.Text.Json;

namespace Sluice.Cli.Tests;

/// <summary><c>deploy</c>, <c>manifest</c> and <c>deployment …</c> on the embedded API.</summary>
public sealed class DeploymentTests : IAsyncLifetime
{
    private readonly SluiceProgram _sluice = new();

    public async ValueTask InitializeAsync() => await _sluice.DeployAsync();

    public ValueTask DisposeAsync()
    {
        _sluice.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_second_deploy_finds_nothing_to_do_and_a_plan_says_so()
    {
        (await _sluice.RunAsync("deployment", "resume-schedule", "Greet/each-second")).Succeeded();

        SluiceProgram.Outcome again = (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly)).Succeeded();
        again.Output.ShouldContain("0 uploaded");
        again.Output.ShouldContain("8 unchanged");
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--plan", "--exit-code")).Succeeded();
        (await _sluice.RunAsync("deployment", "delete", "Wait/by-hand")).Succeeded();
        (await _sluice.RunAsync("deploy", "--assembly", PacesHome.Assembly, "--plan", "--exit-code")).ExitCode.ShouldBe(3);
        (await _sluice.RunAsync("deployment", "ls", "--output", "json")).Json.GetArrayLength().ShouldBe(7, "a plan does nothing");
    }

    [Fact]
    public async Task A_request_file_deploys_and_its_errors_are_in_the_form_that_msbuild_reads()
    {
        string request = _sluice.Folder.Write("request.json", JsonSerializer.Serialize(new { assembly = PacesHome.Assembly, publish_dir = Path.GetDirectoryName(PacesHome.Assembly), project = "/p/Paces.csproj" }));
        (await _sluice.RunAsync("deploy", "--request", request)).Succeeded().Output.ShouldContain("8 unchanged");

        string wrong = _sluice.Folder.Write("wrong.json", JsonSerializer.Serialize(new { assembly = "/missing.dll", publish_dir = "/", project = "/p/Paces.csproj" }));
        SluiceProgram.Outcome failed = await _sluice.RunAsync("deploy", "--request", wrong);
        failed.ExitCode.ShouldBe(1);
        failed.Error.ShouldStartWith("/p/Paces.csproj : error SLC1001: /missing.dll");

        SluiceProgram.Outcome damaged = await _sluice.RunAsync("deploy", "--request", _sluice.Folder.Write("damaged.json", "{"));
        damaged.ExitCode.ShouldBe(2);
        damaged.Error.ShouldStartWith("sluice : error SLC1000: ");
        damaged.Error.TrimEnd('\n').ShouldNotContain('\n');
    }

    [Fact]
    public async Task The_manifest_of_an_assembly_is_printed_and_written()
    {
        JsonElement manifest = (await _sluice.RunAsync("manifest", PacesHome.Assembly)).Succeeded().Json;
        manifest.GetProperty("manifest_version").GetInt32().ShouldBe(1);
        manifest.Text("assembly").ShouldBe("Paces");
        manifest.GetProperty("flows").Where("name", "Greet").GetProperty("deployments").GetArrayLength().ShouldBe(2);

        string file = _sluice.Folder["manifest.json"];
        (await _sluice.RunAsync("manifest", PacesHome.Assembly, "--output-file", file)).Succeeded().Output.ShouldBeEmpty();
        JsonElement.DeepEquals(JsonDocument.Parse(await File.ReadAllTextAsync(file)).RootElement, manifest).ShouldBeTrue();
        (await _sluice.RunAsync("manifest", "/missing.dll")).FailedWith(1).ShouldContain("/missing.dll does not exist");
    }

    [Fact]
    public async Task Ls_and_inspect_answer_prefects_object_with_the_names_of_flow_and_deployment()
    {
        JsonElement all = (await _sluice.RunAsync("deployment", "ls", "--output", "json")).Succeeded().Json;

        all.EnumerateArray().Select(one => one.Text("full_name")).ShouldBe(["Enter/by-hand", "Fail/by-hand", "Fill/by-hand", "Greet/by-hand", "Greet/each-second", "Use/by-hand", "Vanish/by-hand", "Wait/by-hand"]);
        JsonElement deployment = (await _sluice.RunAsync("deployment", "inspect", "Greet/each-second", "--output", "json")).Succeeded().Json;
        foreach (JsonProperty member in all.Where("full_name", "Greet/each-second").EnumerateObject())
            JsonElement.DeepEquals(deployment.GetProperty(member.Name), member.Value).ShouldBeTrue($"both answer the same {member.Name}");
        deployment.GetProperty("applied").GetProperty("number").GetInt32().ShouldBe(1, "and inspect the version besides");
        deployment.Text("flow_name").ShouldBe("Greet");
        deployment.Text("name").ShouldBe("each-second");
        deployment.GetProperty("paused").GetBoolean().ShouldBeTrue();
        deployment.GetProperty("schedules")[0].GetProperty("schedule").GetRawText().Replace(" ", "").Replace("\n", "").ShouldBe("""{"cron":"******","day_or":true,"timezone":null}""");
        deployment.GetProperty("parameters").Text("name").ShouldBe("clock");
        deployment.Text("work_pool_name").ShouldBe("default-agent-pool");
        deployment.GetProperty("job_variables").GetProperty("env").Text("SLUICE_PACKAGE")!.ShouldContain("#sha256=");
        deployment.TryGetProperty("description", out _).ShouldBeTrue();
        deployment.TryGetProperty("concurrency_limit", out JsonElement unset).ShouldBeTrue("members that are unset are there, as null");
        unset.ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Ls_filters_by_flow_and_tag()
    {
        (await NamesAsync("--flow", "Greet")).ShouldBe(["Greet/by-hand", "Greet/each-second"]);
        (await NamesAsync("--tag", "polite")).ShouldBe(["Greet/by-hand"]);
        (await NamesAsync("--tag", "rude")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Piped_tables_are_plain_text_with_whole_values()
    {
        SluiceProgram.Outcome table = (await _sluice.RunAsync("deployment", "ls")).Succeeded();

        string[] lines = table.Output.TrimEnd('\n').Split('\n');
        lines.Length.ShouldBe(9);
        lines[0].ShouldStartWith("Name ");
        string id = (await _sluice.RunAsync("deployment", "inspect", "Wait/by-hand", "--output", "json")).Json.Text("id")!;
        lines.Single(line => line.StartsWith("Wait/by-hand ", StringComparison.Ordinal)).ShouldEndWith(id);
        lines.Single(line => line.StartsWith("Wait/by-hand ", StringComparison.Ordinal)).ShouldContain("default-agent-pool/slow");
        table.Output.ShouldNotContain('\u001b');
    }

    /// <summary>A name that is not there, and words of the answer.</summary>
    [Theory]
    [InlineData("Greet/by-hend", "there is no deployment 'Greet/by-hend'. Did you mean 'Greet/by-hand'?")]
    [InlineData("each-second", "Did you mean 'Greet/each-second'?")]
    [InlineData("nothing/like-it", "there is no deployment 'nothing/like-it'. 'sluice deployment ls' lists them")]
    [InlineData("01a202e6-ada4-79b6-a42f-89f381eb04bc", "there is no deployment '01a202e6-ada4-79b6-a42f-89f381eb04bc'")]
    public async Task An_unknown_deployment_is_answered_with_what_may_be_meant(string name, string expected)
    {
        foreach (string verb in new[] { "inspect", "run", "delete", "pause-schedule" })
            (await _sluice.RunAsync("deployment", verb, name)).FailedWith(1).ShouldContain(expected);
    }

    [Fact]
    public async Task A_deployment_is_named_by_its_id_too()
    {
        string id = (await _sluice.RunAsync("deployment", "inspect", "Greet/by-hand", "--output", "json")).Json.Text("id")!;

        (await _sluice.RunAsync("deployment", "inspect", id, "--output", "json")).Json.Text("full_name").ShouldBe("Greet/by-hand");
    }

    [Fact]
    public async Task A_schedule_is_set_paused_and_resumed()
    {
        SluiceProgram.Outcome set = (await _sluice.RunAsync("deployment", "set-schedule", "Wait/by-hand", "--cron", "30 7 * * *", "--timezone", "Europe/Paris")).Succeeded();
        set.Output.ShouldContain("07:30");
        JsonElement schedule = (await ScheduleAsync("Wait/by-hand"));
        schedule.Text("slug").ShouldBe("schedule-1");
        schedule.GetProperty("active").GetBoolean().ShouldBeTrue();
        schedule.GetProperty("schedule").Text("cron").ShouldBe("30 7 * * *");

        (await _sluice.RunAsync("deployment", "set-schedule", "Wait/by-hand", "--interval", "PT6H", "--slug", "schedule-1")).Succeeded();
        (await ScheduleAsync("Wait/by-hand")).GetProperty("schedule").GetProperty("interval").GetDouble().ShouldBe(21600);
        (await ScheduleAsync("Wait/by-hand")).Text("id").ShouldBe(schedule.Text("id"), "it is changed, not replaced");

        (await _sluice.RunAsync("deployment", "pause-schedule", "Wait/by-hand", "--slug", "schedule-1")).Succeeded();
        (await ScheduleAsync("Wait/by-hand")).GetProperty("active").GetBoolean().ShouldBeFalse();
        (await _sluice.RunAsync("deployment", "resume-schedule", "Wait/by-hand", "--slug", "schedule-1")).Succeeded();
        (await ScheduleAsync("Wait/by-hand")).GetProperty("active").GetBoolean().ShouldBeTrue();
        (await _sluice.RunAsync("deployment", "pause-schedule", "Wait/by-hand", "--slug", "other")).FailedWith(1).ShouldContain("It has: schedule-1");

        (await _sluice.RunAsync("deployment", "set-schedule", "Wait/by-hand", "--interval", "60", "--slug", "second")).Succeeded();
        (await _sluice.RunAsync("deployment", "set-schedule", "Wait/by-hand", "--interval", "60")).FailedWith(2).ShouldContain("--slug schedule-1 or second");
        (await _sluice.RunAsync("deployment", "set-schedule", "Wait/by-hand", "--cron", "61 * * * *")).FailedWith(2).ShouldContain("'61'");
    }

    [Fact]
    public async Task A_schedule_is_set_with_what_becomes_of_missed_due_times()
    {
        SluiceProgram.Outcome set = (await _sluice.RunAsync("deployment", "set-schedule", "Wait/by-hand", "--cron", "30 7 * * *", "--misfire", "run-all", "--max-misfires", "7", "--dst", "vixie-like")).Succeeded();
        set.Output.ShouldContain("runs at 07:30 every day (UTC); what was missed runs, at most the latest 7; clocks change as in Vixie cron.");
        JsonElement schedule = await ScheduleAsync("Wait/by-hand");
        (schedule.Text("misfire"), schedule.GetProperty("max_misfires").GetInt32(), schedule.Text("dst")).ShouldBe(("run_all", 7, "vixie_like"));

        (await _sluice.RunAsync("deployment", "set-schedule", "Wait/by-hand", "--cron", "45 7 * * *")).Succeeded().Output.ShouldContain("at most the latest 7");
        (await ScheduleAsync("Wait/by-hand")).Text("misfire").ShouldBe("run_all", "what is not given stays");
        (await _sluice.RunAsync("deployment", "set-schedule", "Wait/by-hand", "--cron", "45 7 * * *", "--misfire", "skip", "--dst", "prefect-compatible")).Succeeded();
        (await ScheduleAsync("Wait/by-hand")).Text("misfire").ShouldBe("skip");
        (await _sluice.RunAsync("deployment", "set-schedule", "Wait/by-hand", "--cron", "45 7 * * *", "--max-misfires", "7")).FailedWith(2).ShouldContain("--misfire run-all");
        (await _sluice.RunAsync("deployment", "set-schedule", "Wait/by-hand", "--cron", "45 7 * * *", "--misfire", "run-all", "--max-misfires", "0")).FailedWith(2).ShouldContain("1 to 10000");
    }

    [Fact]
    public async Task A_run_tells_its_name_parameters_due_time_and_how_to_watch_it()
    {
        SluiceProgram.Outcome run = (await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--param", "times=2", "--start-in", "PT90M", "--flow-run-name", "early-bird", "--tag", "test")).Succeeded();
        run.Output.ShouldContain("Flow run early-bird of Greet/by-hand");
        run.Output.ShouldContain("name = \"world\"");
        run.Output.ShouldContain("times = 2");
        run.Output.ShouldContain(", in 1 h ");
        run.Output.ShouldContain("sluice flow-run logs early-bird --follow");
        run.Error.ShouldContain("No worker serves default-agent-pool/default now");

        JsonElement made = (await _sluice.RunAsync("flow-run", "inspect", "early-bird", "--output", "json")).Succeeded().Json;
        made.Text("full_name").ShouldBe("Greet/by-hand");
        made.Text("state_type").ShouldBe("SCHEDULED");
        made.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()).ShouldBe(["polite", "test"], ignoreOrder: true);
        made.GetProperty("auto_scheduled").GetBoolean().ShouldBeFalse();
    }

    /// <summary>Parameters that do not fit, the exit code, and words of the answer.</summary>
    [Theory]
    [InlineData("nam=x", 2, "'Greet/by-hand' has no parameter 'nam'. Did you mean 'name'? It takes: name (string), times (integer)")]
    [InlineData("times=often", 2, "--param times takes integer")]
    [InlineData("times=99999999999", 1, "times")]
    public async Task Parameters_that_do_not_fit_make_no_run(string param, int exitCode, string expected)
    {
        (await _sluice.RunAsync("deployment", "run", "Greet/by-hand", "--param", param)).FailedWith(exitCode).ShouldContain(expected);
        (await _sluice.RunAsync("flow-run", "ls", "--output", "json")).Json.GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_missing_required_parameter_makes_no_run() =>
        (await _sluice.RunAsync("deployment", "run", "Wait/by-hand")).FailedWith(1).ShouldContain("file");

    private async Task<JsonElement> ScheduleAsync(string deployment) =>
        (await _sluice.RunAsync("deployment", "inspect", deployment, "--output", "json")).Succeeded().Json.GetProperty("schedules").EnumerateArray().Single();

    private async Task<IEnumerable<string?>> NamesAsync(params string[] arguments) =>
        (await _sluice.RunAsync(["deployment", "ls", .. arguments, "--output", "json"])).Succeeded().Json.EnumerateArray().Select(one => one.Text("full_name"));
}

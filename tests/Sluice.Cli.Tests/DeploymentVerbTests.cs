using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Testing;
using Sluice.Testing.Prefect;

namespace Sluice.Cli.Tests;

/// <summary>
/// The verbs of deployments as a user types them, on the embedded API (0) and on servers that answer as Prefect 2.10.21 (2) and 3.8.3 (3), which fail the test for each
/// request that does not fit their OpenAPI document.
/// </summary>
public sealed class DeploymentVerbTests : IAsyncDisposable
{
    private readonly SluiceProgram _sluice = new();
    private PrefectServer? _server;
    private IOrchestrationApi _api = null!;

    public async ValueTask DisposeAsync()
    {
        if (_server is null && _api is not null)
            await _api.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        _sluice.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Deployments_are_listed_by_flow_tags_pool_queue_and_pause(int generation)
    {
        await StartAsync(generation);
        await _api.CreateWorkPoolAsync(new() { Name = "etl", Type = "process" }, default);
        await MakeAsync("Load", "east", d => d with { Tags = ["big", "east"], WorkPoolName = "etl", WorkQueueName = "fast" });
        await MakeAsync("Load", "west", d => d with { Tags = ["big", "west"], WorkPoolName = "etl" });
        await MakeAsync("Sweep", "daily", d => d with { Tags = ["east"], Paused = true });

        (await NamesAsync()).ShouldBe(["Load/east", "Load/west", "Sweep/daily"]);
        (await NamesAsync("--by-created")).ShouldBe(["Sweep/daily", "Load/west", "Load/east"]);
        (await NamesAsync("--flow", "Load")).ShouldBe(["Load/east", "Load/west"]);
        (await NamesAsync("--tag", "east")).ShouldBe(["Load/east", "Sweep/daily"]);
        (await NamesAsync("--tag", "big", "-t", "east")).ShouldBe(["Load/east"]);
        (await NamesAsync("--any-tag", "west", "--any-tag", "east")).ShouldBe(["Load/east", "Load/west", "Sweep/daily"]);
        (await NamesAsync("--any-tag", "west", "--any-tag", "east", "--tag", "big", "--flow", "Load")).ShouldBe(["Load/east", "Load/west"]);
        (await NamesAsync("--pool", "etl")).ShouldBe(["Load/east", "Load/west"]);
        (await NamesAsync("--pool", "etl", "--queue", "fast")).ShouldBe(["Load/east"]);
        (await NamesAsync("--paused")).ShouldBe(["Sweep/daily"]);
        (await NamesAsync("--paused", "false")).ShouldBe(["Load/east", "Load/west"]);

        // Where nothing fits, a value that none has is named, with what was probably meant.
        foreach ((string option, string value, string says) in new[]
        {
            ("--pool", "elt", "none has the work pool 'elt'. Did you mean 'etl'?"),
            ("--queue", "fats", "none has the queue 'fats'. Did you mean 'fast'?"),
            ("--flow", "load", "none has the flow 'load'. Did you mean 'Load'?"),
            ("--tag", "wets", "none has the tag 'wets'. Did you mean 'west'?"),
            ("--any-tag", "north", "none has the tag 'north'."),
        })
        {
            SluiceProgram.Outcome none = (await _sluice.RunAsync("deployment", "ls", option, value)).Succeeded();
            (none.Output, none.Error.TrimEnd('\n')).ShouldBe(("", $"No deployment fits: {says}"));
        }
        (await _sluice.RunAsync("deployment", "ls", "--tag", "east", "--tag", "west")).Succeeded().Error.ShouldBe("No deployment fits.\n");
        (await _sluice.RunAsync("deployment", "ls", "--tag", "wets", "--output", "json")).Succeeded().Output.ShouldBe("[]\n");

        // Half of a name is asked back for.
        (await _sluice.RunAsync("deployment", "inspect", "load")).FailedWith(1).ShouldContain("Did you mean 'Load/east' or 'Load/west'?");
        (await _sluice.RunAsync("deployment", "inspect", "daily")).FailedWith(1).ShouldContain("Did you mean 'Sweep/daily'?");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_deployment_is_shown_with_its_schedule_and_parameters_for_people_and_programs(int generation)
    {
        await StartAsync(generation);
        Guid id = await MakeLoadAsync();

        SluiceProgram.Outcome shown = (await _sluice.RunAsync("deployment", "inspect", "Load/east")).Succeeded();
        foreach (string part in new[] { "Deployment Load/east", id.ToString(), "Loads what is new.", "at 06:00 every day (UTC)", "city  string = \"Oslo\"", "days  integer, required", "big" })
            shown.Output.ShouldContain(part);
        shown.Output.ShouldNotContain("Next", customMessage: "it is paused");
        (await _sluice.RunAsync("deployment", "resume-schedule", "Load/east")).Succeeded();
        string[] next = [.. (await _sluice.RunAsync("deployment", "inspect", "Load/east")).Succeeded().Output.Split('\n').SkipWhile(line => !line.Contains("Next", StringComparison.Ordinal)).Take(4)];
        next.Count(line => line.Contains("06:00", StringComparison.Ordinal) && line.Contains("in ", StringComparison.Ordinal)).ShouldBe(3, string.Join('\n', next));
        JsonElement json = (await _sluice.RunAsync("deployment", "inspect", id.ToString(), "--output", "json")).Succeeded().Json;
        (json.Text("full_name"), json.Text("flow_name"), json.GetProperty("id").GetGuid(), json.GetProperty("parameters").Text("city")).ShouldBe(("Load/east", "Load", id, "Oslo"));
        json.GetProperty("schedules").EnumerateArray().Single().GetProperty("schedule").Text("cron").ShouldBe("0 6 * * *");
    }

    /// <summary>Each answers in one line what is wrong and what was probably meant, and changes nothing.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_is_written_wrong_changes_nothing_on_any_server(int generation)
    {
        await StartAsync(generation);
        Guid id = await MakeLoadAsync();
        Deployment before = await ReadAsync(id);

        foreach ((string[] arguments, int exitCode, string says) in new (string[], int, string)[]
        {
            (["inspect", "load/east"], 1, "there is no deployment 'load/east'. Did you mean 'Load/east'?"),
            (["inspect", "Load/esat", "--output", "json"], 1, "Did you mean 'Load/east'?"),
            (["inspect", "01a202e6-ada4-79b6-a42f-89f381eb04bc"], 1, "there is no deployment '01a202e6-ada4-79b6-a42f-89f381eb04bc'"),
            (["inspect", "east"], 1, "'east' is not a deployment's full name, which is written flow/deployment. Did you mean 'Load/east'?"),
            (["run", "Load/esat"], 1, "Did you mean 'Load/east'?"),
            (["run", "Load/east", "-p", "dyas=3"], 2, "'Load/east' has no parameter 'dyas'. Did you mean 'days'? It takes: city (string), days (integer)"),
            (["run", "Load/east", "-p", "days=soon"], 2, "--param days takes integer, and 'soon' is not JSON of that type"),
            (["run", "Load/east", "--params", """{"days": 3, "city" "Oslo"}"""], 2, "--params is not JSON at line 1, character 20: "),
            (["run", "Load/east", "--params", """{"days": 3}""", "-p", "ctiy=Oslo"], 2, "Did you mean 'city'?"),
            (["run", "Load/east", "-p", "days=3", "--start-at", "tomorow at 9"], 2, "--start-at 'tomorow at 9' is not understood at 'tomorow'"),
            (["pause-schedule", "Load/esat"], 1, "Did you mean 'Load/east'?"),
            (["resume-schedule", "Load/east", "--schedule", "dialy"], 1, "'Load/east' has no schedule 'dialy'. It has: "),
            (["set-schedule", "Load/east", "--cron", "61 * * * *"], 2, "minute: '61' is not in 0-59"),
            (["set-schedule", "Load/east", "--cron", "0 6 * * *", "--timezone", "Oslo"], 2, "did you mean 'Europe/Oslo'?"),
            (["schedule", "ls", "Load/esat"], 1, "Did you mean 'Load/east'?"),
            (["schedule", "create", "Load/east", "--rrule", "FREQ=DAYLY"], 2, "'DAYLY' is not one of"),
            (["schedule", "pause", "Load/east", "dialy"], 1, "'Load/east' has no schedule 'dialy'. It has: "),
            (["schedule", "delete", "Load/east", "dialy", "--yes"], 1, "'Load/east' has no schedule 'dialy'. It has: "),
            (["schedule", "clear", "Load/east"], 2, "Nobody can be asked here: write --yes"),
            (["delete", "Load/east", "Load/esat"], 1, "Did you mean 'Load/east'?"),
        })
            (await _sluice.RunAsync(["deployment", .. arguments])).FailedWith(exitCode).ShouldContain(says);

        _server?.Writes.ShouldBeEmpty();
        Deployment after = await ReadAsync(id);
        (after.Updated, after.Paused, after.Schedules.Single().Updated).ShouldBe((before.Updated, before.Paused, before.Schedules.Single().Updated));
        (await _api.CountFlowRunsAsync(new() { FlowRuns = new() { Tags = new() { IsNull = true } } }, default)).ShouldBe(0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_deployment_is_paused_and_resumed_and_the_second_time_it_says_already(int generation)
    {
        await StartAsync(generation);
        Guid id = await MakeAsync("Load", "east", d => d with { Tags = ["kept"], Parameters = Values("{\"n\": 1}"), Schedules = [new() { Schedule = new() { Cron = "0 6 * * *" }, Slug = "one" }] });

        (await _sluice.RunAsync("deployment", "pause-schedule", "Load/east")).Succeeded().Output.ShouldStartWith("Paused 'Load/east'.");
        (await _sluice.RunAsync("deployment", "pause-schedule", "--id", id.ToString())).Succeeded().Output.ShouldBe("'Load/east' is paused already.\n");
        (await ReadAsync(id)).Paused.ShouldBeTrue();
        (await _sluice.RunAsync("deployment", "resume-schedule", "Load/east")).Succeeded().Output.ShouldBe("Resumed 'Load/east'.\n");
        (await _sluice.RunAsync("deployment", "resume-schedule", "Load/east")).Succeeded().Output.ShouldBe("'Load/east' is not paused already.\n");

        Deployment after = await ReadAsync(id);
        (after.Paused, after.Parameters["n"].GetInt32()).ShouldBe((false, 1));
        if (_server is { } server)
            server.Writes.ShouldAllBe(write => write.Method != "PATCH", "no verb writes a whole deployment");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Several_schedules_are_made_listed_paused_and_deleted_each_by_itself(int generation)
    {
        await StartAsync(generation);
        Guid id = await MakeAsync("Load", "east", d => d with { Schedules = [new() { Schedule = new() { Cron = "0 6 * * *" }, Slug = "daily", Parameters = Values("{\"n\": 7}") }] });

        // Made; made again it is there already; another one under its slug is refused.
        (await ScheduleAsync("create", "Load/east", "--interval", "PT6H", "--slug", "often")).Succeeded().Output.ShouldStartWith("Schedule 'often' of 'Load/east' runs every 6 hours");
        (await ScheduleAsync("create", "Load/east", "--interval", "21600", "--slug", "often")).Succeeded().Output.ShouldStartWith("Schedule 'often' of 'Load/east' runs already every 6 hours");
        (await ScheduleAsync("create", "Load/east", "--interval", "60", "--slug", "often")).FailedWith(1).ShouldContain("has a schedule 'often' already, which fires otherwise");
        JsonElement made = (await ScheduleAsync("create", "Load/east", "--rrule", "FREQ=WEEKLY", "--no-active", "--output", "json")).Succeeded().Json;
        (made.Text("slug"), made.GetProperty("active").GetBoolean()).ShouldBe(("schedule-1", false));

        JsonElement list = (await ScheduleAsync("ls", "Load/east", "--output", "json")).Succeeded().Json;
        list.EnumerateArray().Select(one => one.Text("slug")).ShouldBe(["daily", "often", "schedule-1"], ignoreOrder: true);
        SluiceProgram.Outcome table = (await ScheduleAsync("ls", "Load/east")).Succeeded();
        table.Output.ShouldContain("at 06:00 every day");
        table.Output.ShouldContain("n = 7");

        // By slug and by id; what else is in the schedule stays.
        (await ScheduleAsync("pause", "Load/east", "daily")).Succeeded().Output.ShouldBe("Paused schedule 'daily' of 'Load/east'.\n");
        (await ScheduleAsync("pause", "Load/east", list.Where("slug", "daily").Text("id")!)).Succeeded().Output.ShouldBe("The schedule 'daily' of 'Load/east' is paused already.\n");
        (await ReadAsync(id)).Schedules.Single(schedule => schedule.Slug == "daily").Parameters["n"].GetInt32().ShouldBe(7);
        (await _sluice.RunAsync("deployment", "resume-schedule", "Load/east", "--schedule", "daily")).Succeeded().Output.ShouldBe("Resumed schedule 'daily' of 'Load/east'.\n");
        (await ScheduleAsync("resume", "Load/east", "daily")).Succeeded().Output.ShouldBe("The schedule 'daily' of 'Load/east' is active already.\n");
        (await ScheduleAsync("resume", "Load/east")).FailedWith(2).ShouldContain("name one schedule of 'Load/east', or write --all. It has: ");
        (await ScheduleAsync("pause", "Load/east", "--all")).Succeeded();
        (await ReadAsync(id)).Schedules.ShouldAllBe(schedule => !schedule.Active);

        // set-schedule changes when it fires, and neither its pause nor its parameters.
        (await _sluice.RunAsync("deployment", "set-schedule", "Load/east", "--cron", "0 7 * * *", "--slug", "daily")).Succeeded().Output.ShouldStartWith("'Load/east' runs at 07:00 every day");
        DeploymentSchedule daily = (await ReadAsync(id)).Schedules.Single(schedule => schedule.Slug == "daily");
        (daily.Schedule.Cron, daily.Active, daily.Parameters["n"].GetInt32()).ShouldBe(("0 7 * * *", false, 7));
        (await _sluice.RunAsync("deployment", "set-schedule", "Load/east", "--cron", "0 7 * * *", "--slug", "daily")).Succeeded().Output.ShouldStartWith("'Load/east' runs already at 07:00");

        (await _sluice.RunAsync("deployment", "set-schedule", "Load/east", "--cron", "0 7 * * *", "--schedule", Guid.NewGuid().ToString())).FailedWith(1).ShouldContain("'Load/east' has no schedule '");

        // Deleted, once and again.
        (await ScheduleAsync("delete", "Load/east", "often")).FailedWith(2).ShouldContain("Delete schedule 'often' of 'Load/east'? Nobody can be asked here: write --yes");
        (await ScheduleAsync("delete", "Load/east", "often", "--yes")).Succeeded().Output.ShouldBe("Deleted schedule 'often' of 'Load/east'.\n");
        (await ScheduleAsync("delete", "Load/east", "often", "--yes")).FailedWith(1).ShouldContain("has no schedule 'often'. It has: ");
        (await ScheduleAsync("delete", "Load/east", "often", "--yes", "--if-exists")).Succeeded().Output.ShouldContain("deleted already");
        (await ScheduleAsync("clear", "Load/east", "--yes")).Succeeded();
        (await ReadAsync(id)).Schedules.ShouldBeEmpty();
        (await ScheduleAsync("clear", "Load/east", "--yes")).Succeeded().Output.ShouldContain("has no schedules already");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Replacing_leaves_the_one_schedule_that_is_said(int generation)
    {
        await StartAsync(generation);
        Guid id = await MakeAsync("Load", "east", d => d with
        {
            Schedules = [new() { Schedule = new() { Cron = "0 6 * * *" }, Slug = "a", Active = false }, new() { Schedule = new() { Cron = "0 8 * * *" }, Slug = "b" }],
        });

        for (int time = 0; time < 2; time++)
        {
            (await ScheduleAsync("create", "Load/east", "--cron", "0 9 * * *", "--replace")).Succeeded();
            DeploymentSchedule left = (await ReadAsync(id)).Schedules.ShouldHaveSingleItem();
            (left.Schedule.Cron, left.Active, left.Slug).ShouldBe(("0 9 * * *", true, "a"));
        }
        (await ScheduleAsync("create", "Load/east", "--cron", "0 9 * * *", "--replace", "--slug", "new")).Succeeded();
        (await ReadAsync(id)).Schedules.ShouldHaveSingleItem().Slug.ShouldBe("new");
    }

    [Fact]
    public async Task On_prefect_2_a_deployment_has_one_schedule_and_a_second_is_refused_in_one_line()
    {
        await StartAsync(2);
        Guid id = await MakeAsync("Load", "east", d => d with { Tags = ["kept"], Parameters = Values("{\"n\": 1}") });

        (await ScheduleAsync("create", "Load/east", "--cron", "0 6 * * *")).Succeeded();
        (await ScheduleAsync("create", "Load/east", "--cron", "0 7 * * *")).FailedWith(1).ShouldContain("Prefect 2 has one schedule a deployment");
        (await ScheduleAsync("create", "Load/east", "--cron", "0 7 * * *", "--replace")).Succeeded();
        (await _sluice.RunAsync("deployment", "set-schedule", "Load/east", "--interval", "60")).Succeeded();
        (await _sluice.RunAsync("deployment", "set-schedule", "Load/east", "--interval", "60")).Succeeded().Output.ShouldStartWith("'Load/east' runs already every minute");
        (await ScheduleAsync("ls", "Load/east")).Succeeded().Output.ShouldContain("every minute");
        (await ScheduleAsync("pause", "Load/east")).Succeeded();
        Deployment paused = await ReadAsync(id);
        (paused.Paused, paused.Parameters["n"].GetInt32(), paused.Tags.Contains("kept")).ShouldBe((true, 1, true));
        (await ScheduleAsync("resume", "Load/east")).Succeeded();
        (await ScheduleAsync("clear", "Load/east", "--yes")).Succeeded();
        (await ReadAsync(id)).Schedules.ShouldBeEmpty();
        (await _sluice.RunAsync("deployment", "run", "Load/east", "-jv", "env.A=1")).FailedWith(1).ShouldContain("Prefect 2 takes job variables from the deployment only");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Deployments_are_deleted_together_with_their_scheduled_runs(int generation)
    {
        await StartAsync(generation);
        Guid east = await MakeAsync("Load", "east"), west = await MakeAsync("Load", "west"), daily = await MakeAsync("Sweep", "daily");
        (await _sluice.RunAsync("deployment", "run", "Load/east", "--start-at", "next monday 9:30")).Succeeded();

        (await _sluice.RunAsync("deployment", "delete", "Load/east", "Load/esat")).FailedWith(1).ShouldContain("Did you mean 'Load/east'?");
        (await _api.ReadDeploymentAsync(east, default)).ShouldNotBeNull("one wrong name deletes nothing");
        (await _sluice.RunAsync("deployment", "delete", "Load/east", "--id", west.ToString())).Succeeded().Output.ShouldBe("Deleted 'Load/east'.\nDeleted 'Load/west'.\n");
        (await _api.CountFlowRunsAsync(new(), default)).ShouldBe(0);
        (await _sluice.RunAsync("deployment", "delete", "Load/east", "--if-exists")).Succeeded().Output.ShouldContain("deleted already");

        (await _sluice.RunAsync("deployment", "delete", "--all")).FailedWith(2).ShouldContain("Delete all 1 deployment of ");
        (await _api.ReadDeploymentAsync(daily, default)).ShouldNotBeNull();
        (await _sluice.RunAsync("deployment", "delete", "--all", "--yes")).Succeeded().Output.ShouldBe("Deleted 'Sweep/daily'.\n");
        (await _sluice.RunAsync("deployment", "delete", "--all", "--yes")).Succeeded().Error.ShouldContain("No deployments in ");
    }

    /// <summary>Somebody else deletes it between the command's looks: whichever look finds it gone, that is what was asked for.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Deleting_if_it_exists_does_not_mind_that_it_goes_meanwhile(int generation)
    {
        await StartAsync(generation);
        for (int look = 1; look <= 3; look++)
        {
            Guid id = await MakeAsync("Load", "east");
            int seen = 0, gone = look;
            _server!.Fault = request =>
            {
                if (request.Path.StartsWith("/deployments/", StringComparison.Ordinal) && ++seen == gone)
                    _api.DeleteDeploymentAsync(id, default).GetAwaiter().GetResult();
                return null;
            };
            (await _sluice.RunAsync("deployment", "delete", "Load/east", "--if-exists")).Succeeded();
            (await _api.ReadDeploymentAsync(id, default)).ShouldBeNull();
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_run_takes_its_time_in_plain_language_its_parameters_from_standard_input_and_a_key(int generation)
    {
        await StartAsync(generation);
        await MakeAsync("Load", "east");

        await using (ProgramRun run = _sluice.StartWithInput("deployment", "run", "Load/east", "--params", "-", "-p", "days=3", "--start-at", "2031-03-30 02:30 Europe/Paris", "--flow-run-name", "gap", "-t", "by-hand", "--idempotency-key", "once"))
        {
            await run.Process.StandardInput.WriteAsync("""{"city": "Oslo", "days": 1}""");
            run.Process.StandardInput.Close();
            (await run.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(0, run.Error);
            run.Error.ShouldContain("02:30 on 2031-03-30 does not exist in Europe/Paris");
        }

        FlowRun made = (await _api.ListFlowRunsAsync(new() { FlowRuns = new() { Name = new() { Any = ["gap"] } } }, default)).ShouldHaveSingleItem();
        made.ExpectedStartTime!.Value.UtcDateTime.ShouldBe(new DateTime(2031, 3, 30, 1, 30, 0));
        (made.Parameters["city"].GetString(), made.Parameters["days"].GetInt32()).ShouldBe(("Oslo", 3));
        made.Tags.ShouldContain("by-hand");
        (await _sluice.RunAsync("deployment", "run", "Load/east", "--idempotency-key", "once", "--output", "json")).Succeeded().Json.Text("id").ShouldBe(made.Id.ToString());

        SluiceProgram.Outcome late = (await _sluice.RunAsync("deployment", "run", "Load/east", "--start-at", "2020-01-01 08:00 UTC")).Succeeded();
        late.Error.ShouldContain("2020-01-01T08:00:00Z is over (");
        (await _sluice.RunAsync("deployment", "run", "Load/east", "--start-in", "an hour and a half")).Succeeded().Output.ShouldContain(", in 1 h ");
        if (generation != 2)
        {
            JsonElement varied = (await _sluice.RunAsync("deployment", "run", "Load/east", "-jv", "env.LEVEL=1", "-jv", "stream_output=false", "--work-queue", "fast", "--output", "json")).Succeeded().Json;
            varied.GetProperty("job_variables").GetProperty("env").Text("LEVEL").ShouldBe("1");
            varied.GetProperty("job_variables").GetProperty("stream_output").GetBoolean().ShouldBeFalse();
            varied.Text("work_queue_name").ShouldBe("fast");
        }
    }

    /// <summary>Many processes at once: each schedule is there once, and what one changes the others keep.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Commands_at_once_lose_nothing_of_each_other(int generation)
    {
        await StartAsync(generation);
        Guid id = await MakeAsync("Load", "east", d => d with { Schedules = [new() { Schedule = new() { Cron = "0 6 * * *" }, Slug = "daily", Parameters = Values("{\"n\": 7}") }] });

        SluiceProgram.Outcome[] ends = await Task.WhenAll(
            ScheduleAsync("create", "Load/east", "--cron", "0 1 * * *"),
            ScheduleAsync("create", "Load/east", "--cron", "0 2 * * *"),
            ScheduleAsync("create", "Load/east", "--cron", "0 2 * * *"),
            ScheduleAsync("pause", "Load/east", "daily"),
            _sluice.RunAsync("deployment", "set-schedule", "Load/east", "--slug", "daily", "--cron", "0 7 * * *"),
            _sluice.RunAsync("deployment", "pause-schedule", "Load/east"));

        ends.ShouldAllBe(end => end.ExitCode == 0, string.Join("\n", ends.Select(end => end.ToString())));
        Deployment after = await ReadAsync(id);
        after.Paused.ShouldBeTrue();
        DeploymentSchedule daily = after.Schedules.Single(schedule => schedule.Slug == "daily");
        (daily.Schedule.Cron, daily.Active, daily.Parameters["n"].GetInt32()).ShouldBe(("0 7 * * *", false, 7));
        string[] others = [.. after.Schedules.Where(schedule => schedule != daily).Select(schedule => schedule.Schedule.Cron!).Order(StringComparer.Ordinal)];
        others.Distinct().ShouldBe(["0 1 * * *", "0 2 * * *"]);
        others.Length.ShouldBe(2, "the same schedule twice at once is one");
    }

    private async Task StartAsync(int generation)
    {
        if (generation == 0)
        {
            _api = await _sluice.OpenApiAsync();
            return;
        }
        _server = generation == 2 ? await Prefect2Server.StartAsync(new()) : await Prefect3Server.StartAsync(new());
        _api = _server.Store;
        _sluice.With("PREFECT_API_URL", _server.Url.AbsoluteUri);
    }

    private async Task<Guid> MakeAsync(string flow, string name, Func<DeploymentCreate, DeploymentCreate>? change = null)
    {
        Flow of = await _api.EnsureFlowAsync(new() { Name = flow }, default);
        DeploymentCreate create = new() { Name = name, FlowId = of.Id, WorkQueueName = "default", Schedules = [] };
        return (await _api.UpsertDeploymentAsync(change?.Invoke(create) ?? create, default)).Id;
    }

    private Task<Guid> MakeLoadAsync() => MakeAsync("Load", "east", d => d with
    {
        Description = "Loads what is new.",
        Tags = ["big"],
        Parameters = Values("""{"city": "Oslo"}"""),
        ParameterOpenapiSchema = JsonElement.Parse("""{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city","days"]}"""),
        Schedules = [new() { Schedule = new() { Cron = "0 6 * * *", Timezone = "UTC" }, Slug = "daily" }],
        Paused = true,
    });

    private async Task<Deployment> ReadAsync(Guid id) => (await _api.ReadDeploymentAsync(id, default)).ShouldNotBeNull();

    private Task<SluiceProgram.Outcome> ScheduleAsync(string verb, params string[] arguments) => _sluice.RunAsync(["deployment", "schedule", verb, .. arguments]);

    private static Dictionary<string, JsonElement> Values(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.Clone());
    }

    private async Task<IEnumerable<string?>> NamesAsync(params string[] arguments) =>
        (await _sluice.RunAsync(["deployment", "ls", .. arguments, "--output", "json"])).Succeeded().Json.EnumerateArray().Select(one => one.Text("full_name"));
}

using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Testing;

namespace Sluice.Cli.Tests;

/// <summary><c>schedule preview</c>: its three ways to ask. What the grammars accept is tested with Sluice.Schedules.</summary>
public sealed class SchedulePreviewTests : IDisposable
{
    private readonly SluiceProgram _sluice = new();

    public void Dispose() => _sluice.Dispose();

    [Fact]
    public async Task For_people_it_explains_the_schedule_and_shows_due_times_in_utc_and_in_its_zone()
    {
        SluiceProgram.Outcome answer = (await _sluice.RunAsync(
            "schedule", "preview", "--cron", "0 6 * * 1-5", "--timezone", "Europe/Paris", "--from", "2026-03-27T00:00:00Z", "--count", "2")).Succeeded();

        string[] lines = answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(4, answer.ToString());
        lines[0].ShouldContain("06:00");
        lines[0].ShouldContain("Europe/Paris");
        lines[1].ShouldStartWith("UTC ");
        lines[2].ShouldStartWith("2026-03-27T05:00:00Z  Fri 2026-03-27 06:00:00 +01:00  ");
        lines[3].ShouldStartWith("2026-03-30T04:00:00Z  Mon 2026-03-30 06:00:00 +02:00  ");
    }

    [Fact]
    public async Task The_change_of_clocks_is_noted_where_it_touches_the_schedule()
    {
        string[] Lines(SluiceProgram.Outcome answer) => answer.Succeeded().Output.TrimEnd('\n').Split('\n');
        string[] prefect = Lines(await _sluice.RunAsync("schedule", "preview", "--cron", "30 2 * * *", "--timezone", "Europe/Paris", "--from", "2027-03-27T00:00:00Z", "--count", "2"));
        string[] vixie = Lines(await _sluice.RunAsync("schedule", "preview", "--cron", "30 2 * * *", "--timezone", "Europe/Paris", "--from", "2027-03-27T12:00:00Z", "--count", "1", "--dst", "vixie-like"));
        string[] none = Lines(await _sluice.RunAsync("schedule", "preview", "--cron", "30 2 * * *", "--timezone", "Asia/Tokyo", "--count", "1"));

        prefect[3].ShouldStartWith("2027-03-28T01:30:00Z  Sun 2027-03-28 03:30:00 +02:00  ");
        prefect.Skip(4).ShouldAllBe(line => line.StartsWith("Note: ", StringComparison.Ordinal));
        prefect[4].ShouldContain("2027-03-28");
        vixie[0].ShouldEndWith("; clocks change as in Vixie cron");
        vixie[2].ShouldStartWith("2027-03-28T01:00:00Z  Sun 2027-03-28 03:00:00 +02:00  ");
        none.Length.ShouldBe(3, string.Join('\n', none));
    }

    [Fact]
    public async Task The_clock_of_this_machine_is_shown_where_it_is_a_third_one()
    {
        string[] lines = (await _sluice.With("TZ", "Asia/Kolkata").RunAsync(
            "schedule", "preview", "--cron", "0 6 * * *", "--timezone", "Europe/Paris", "--from", "2026-03-27T00:00:00Z", "--count", "1")).Succeeded().Output.Split('\n');
        lines[2].ShouldStartWith("2026-03-27T05:00:00Z  Fri 2026-03-27 06:00:00 +01:00  Fri 2026-03-27 10:30:00 +05:30  ");
        (await _sluice.RunAsync("schedule", "preview", "--cron", "0 6 * * *", "--timezone", "Asia/Kolkata", "--count", "1")).Succeeded().Output.ShouldNotContain("Here");
    }

    [Theory]
    [InlineData("--cron|0 0 31 2 *", "It never fires.")]
    [InlineData("--cron|0 0 1 1 * 0 2020", "It never fires again; the last time was 2020-01-01T00:00:00Z.")]
    public async Task A_schedule_without_due_times_says_so(string arguments, string expected) =>
        (await _sluice.RunAsync(["schedule", "preview", .. arguments.Split('|')])).Succeeded().Output.ShouldEndWith($"\n{expected}\n");

    [Fact]
    public async Task A_deployments_schedules_are_shown_all()
    {
        await using (IOrchestrationApi api = await _sluice.OpenApiAsync())
        {
            await api.ApplyAsync(new() { Deployments = [new()
            {
                FlowName = "Weather report",
                Deployment = new()
                {
                    Name = "daily", FlowId = default,
                    Schedules =
                    [
                        new() { Slug = "schedule-1", Schedule = new() { Cron = "0 6 * * *", Timezone = "Europe/Paris" }, Misfire = ScheduleMisfire.RunOnce },
                        new() { Slug = "hourly", Schedule = new() { Interval = 3600, AnchorDate = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) }, Active = false },
                    ],
                },
            }] }, default);
        }
        string text = (await _sluice.RunAsync("schedule", "preview", "Weather report/daily", "--from", "2026-12-01", "--count", "1")).Succeeded().Output;
        text.ShouldContain("schedule-1: at 06:00 every day (Europe/Paris); what was missed runs once\n");
        text.ShouldContain("2026-12-01T05:00:00Z  Tue 2026-12-01 06:00:00 +01:00  ");
        text.ShouldContain("hourly: every hour");
        text.ShouldContain(" (paused)\n");
        JsonElement json = (await _sluice.RunAsync("schedule", "preview", "Weather report/daily", "--from", "2026-12-01", "--count", "1", "--output", "json")).Succeeded().Json;
        json[0].GetRawText().Replace(" ", "").Replace("\n", "").ShouldBe("""{"slug":"schedule-1","active":true,"valid":true,"next":["2026-12-01T05:00:00Z"]}""");
        json[1].GetProperty("active").GetBoolean().ShouldBeFalse();

        (await _sluice.RunAsync("schedule", "preview", "Weather report/dayly")).FailedWith(1).ShouldContain("Did you mean 'Weather report/daily'?");
        string inspect = (await _sluice.RunAsync("deployment", "inspect", "Weather report/daily")).Succeeded().Output;
        inspect.ShouldContain("schedule-1: at 06:00 every day (Europe/Paris); what was missed runs once");
        inspect.ShouldMatch(@"Next +\d{4}-\d\d-\d\dT\d\d:00:00Z, (in|now)");
        await using (IOrchestrationApi api = await _sluice.OpenApiAsync())
        {
            Guid id = (await api.FindDeploymentAsync("Weather report", "daily", default))!.Id;
            await api.CreateDeploymentRunAsync(id, new() { Name = "makes-up", Context = JsonElement.Parse("""{"missed":6,"missed_since":"2026-06-01T10:00:00Z"}""") }, default);
            await api.CreateDeploymentRunAsync(id, new() { Name = "means-else", Context = JsonElement.Parse("""{"missed":"a bus","missed_since":8}""") }, default);
        }
        (await _sluice.RunAsync("flow-run", "inspect", "means-else")).Succeeded().Output.ShouldNotContain("Stands for");
        (await _sluice.RunAsync("flow-run", "inspect", "makes-up")).Succeeded().Output.ShouldMatch("Stands for +6 due times missed since 2026-06-01T10:00:00Z\n");
        string[] list = (await _sluice.With("TZ", "Asia/Kolkata").RunAsync("deployment", "ls")).Succeeded().Output.Split('\n');
        list[0].ShouldMatch("^Name +Schedule +Status +Next +At +Pool/Queue +Id$");
        list[1].ShouldMatch(@"at 06:00 every day \(Europe/Paris\) \(\+1 more\) .*  in .*  \d{4}-\d\d-\d\d 1[01]:30:00 \+05:30 \(\d{4}-\d\d-\d\dT0[45]:00:00Z\)");
        JsonElement live = (await _sluice.RunAsync("deployment", "inspect", "Weather report/daily", "--output", "json")).Succeeded().Json.GetProperty("schedules");
        (live[0].Text("misfire"), live[1].Text("misfire"), live[0].Text("dst")).ShouldBe(("run_once", "skip", "prefect_compatible"));
    }

    /// <summary>Arguments that contradict each other, and a word of the answer.</summary>
    [Theory]
    [InlineData("--input|-|--cron|* * * * *", "--input reads")]
    [InlineData("--input|-|--count|3", "--input reads")]
    [InlineData("a/b|--cron|* * * * *", "not both")]
    [InlineData("--count|3", "a deployment as flow/deployment, or --input FILE")]
    [InlineData("--timezone|Europe/Paris", "exactly one of --cron, --interval and --rrule")]
    [InlineData("--interval|60|--dst|vixie-like", "an interval is exact")]
    [InlineData("--cron|* * * * *|--dst|quartz", "quartz")]
    [InlineData("--cron|* * * * *|--from|soon", "'soon'")]
    [InlineData("--cron|* * * * *|--count|0", "1 to 10000")]
    [InlineData("--cron|* * * * *|--interval|5", "exactly one")]
    [InlineData("--cron|* * * * *|--timezone|Europe/Pariss", "time zone 'Europe/Pariss' cannot be used: 'Europe/Pariss' is not an IANA time zone id")]
    [InlineData("--cron|61 * * * *|--timezone|Europe/Pariss", "cron expression '61 * * * *' is invalid from character 1")]
    public async Task What_contradicts_itself_is_bad_usage(string arguments, string expected) =>
        (await _sluice.RunAsync(["schedule", "preview", .. arguments.Split('|')])).FailedWith(2).ShouldContain(expected);

    /// <summary>Files as editors and other systems write them.</summary>
    [Theory]
    [InlineData("utf-8", "\n", true)]
    [InlineData("utf-8", "\r\n", false)]
    [InlineData("utf-16", "\r\n", true)]
    public async Task Input_is_read_with_a_byte_order_mark_and_with_windows_line_ends(string encoding, string lineEnd, bool last)
    {
        string input = _sluice.Folder["lines.jsonl"];
        string text = """{"cron":"0 6 * * *","from":"2026-07-01T00:00:00Z","count":1}""" + lineEnd + lineEnd + """{"cron":"30 2 * * *","timezone":"Europe/Paris","dst":"vixie_like","from":"2027-03-28T00:30:00Z","count":1}""";
        await File.WriteAllTextAsync(input, last ? text + lineEnd : text, System.Text.Encoding.GetEncoding(encoding));
        string[] lines = (await _sluice.RunAsync("schedule", "preview", "--input", input)).Succeeded().Output.TrimEnd('\n').Split('\n');
        lines.Length.ShouldBe(3);
        lines[0].ShouldBe("""{"valid":true,"next":["2026-07-01T06:00:00Z"]}""");
        lines[1].ShouldStartWith("""{"valid":false,""");
        lines[2].ShouldBe("""{"valid":true,"next":["2027-03-28T01:00:00Z"]}""");
    }

    [Fact]
    public async Task A_program_may_ask_line_by_line_and_go_away()
    {
        await using ProgramRun sluice = _sluice.StartWithInput("schedule", "preview", "--input", "-");
        for (int i = 0; i < 3; i++)
        {
            await sluice.Process.StandardInput.WriteLineAsync($$"""{"cron":"{{i}} 6 * * *","from":"2026-01-01T00:00:00Z","count":1}""");
            await sluice.Process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            await sluice.WaitForLineAsync(line => line == $$"""{"valid":true,"next":["2026-01-01T06:0{{i}}:00Z"]}""", SluiceProgram.Bound);
        }
        sluice.Process.Send(Signal.Interrupt);
        (await sluice.WaitForExitAsync(SluiceProgram.Bound)).ShouldBe(130);
    }

    /// <summary>Arguments, and the answer to a program.</summary>
    [Theory]
    [InlineData("--cron|0 6 * * *|--from|2026-01-01T06:00:00Z|--count|2", """{"valid":true,"next":["2026-01-01T06:00:00Z","2026-01-02T06:00:00Z"]}""")]
    [InlineData("--cron|0 0 31 2 *", """{"valid":true,"next":[]}""")]
    [InlineData("--cron|0 0 13 * 5|--day-or|false|--from|2026-01-01|--count|1", """{"valid":true,"next":["2026-02-13T00:00:00Z"]}""")]
    [InlineData("--interval|PT15M|--anchor|2026-01-01T00:07:00Z|--from|2026-01-01T00:00:00Z|--count|2", """{"valid":true,"next":["2026-01-01T00:07:00Z","2026-01-01T00:22:00Z"]}""")]
    [InlineData("--interval|0.5|--anchor|2026-01-01T00:00:00Z|--from|2026-01-01T00:00:00Z|--count|2", """{"valid":true,"next":["2026-01-01T00:00:00Z","2026-01-01T00:00:00.5Z"]}""")]
    public async Task For_programs_it_answers_one_object(string arguments, string expected) =>
        (await _sluice.RunAsync(["schedule", "preview", .. arguments.Split('|'), "--output", "json"])).Succeeded().Output.ShouldBe(expected + "\n");

    [Fact]
    public async Task An_invalid_schedule_exits_2_with_the_place()
    {
        SluiceProgram.Outcome answer = await _sluice.RunAsync("schedule", "preview", "--cron", "0 25 * * *", "--output", "json");

        answer.FailedWith(2).ShouldContain("'0 25 * * *' is invalid from character 3");
        answer.Json.GetProperty("valid").GetBoolean().ShouldBeFalse();
        answer.Json.GetProperty("error").GetProperty("offset").GetInt32().ShouldBe(2);
        answer.Json.GetProperty("error").GetProperty("length").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task Every_line_of_input_gets_one_compact_answer_in_order_and_the_exit_code_is_0()
    {
        string input = _sluice.Folder["lines.jsonl"];
        await File.WriteAllLinesAsync(input,
        [
            """{"cron":"0 6 * * *","timezone":"Europe/Paris","from":"2026-07-01T00:00:00Z","count":1}""",
            """{"cron":"0 25 * * *"}""",
            """{"interval":3600,"from":"2026-01-01T00:00:00Z","count":1,"rrule":null}""",
            """{"interval":"PT1H","timezone":"Nowhere/X"}""",
            """{"cron":"* * * * *","interval":60}""",
            """{"cron":7}""",
            """{"cron":"* * * * *","count":0}""",
            """{"cron":"* * * * *","from":"soon"}""",
            "nonsense",
            "[]",
            "",
            """{"cron":"\ud800"}""",
            """{"\udc00":1}""",
        ]);

        SluiceProgram.Outcome answer = (await _sluice.RunAsync("schedule", "preview", "--input", input)).Succeeded();

        string[] lines = answer.Output.TrimEnd('\n').Split('\n');
        lines.Length.ShouldBe(13);
        lines[0].ShouldBe("""{"valid":true,"next":["2026-07-01T04:00:00Z"]}""");
        lines[2].ShouldBe("""{"valid":true,"next":["2026-01-01T00:00:00Z"]}""");
        foreach ((int line, string part) in new[]
        {
            (1, "'25'"), (3, "Nowhere/X"), (4, "exactly one of"), (5, "\\\"cron\\\" is a number: a text is expected"), (6, "\\\"count\\\" is 0"),
            (7, "\\\"from\\\" is 'soon'"), (8, "not JSON"), (9, "an array"), (10, "not JSON"), (11, "half of a surrogate pair"), (12, "half of a surrogate pair"),
        })
        {
            lines[line].ShouldStartWith("""{"valid":false,"error":{"offset":""");
            lines[line].ShouldContain(part);
        }
    }

    [Fact]
    public async Task A_missing_input_file_is_named() =>
        (await _sluice.RunAsync("schedule", "preview", "--input", "missing.jsonl")).FailedWith(1).ShouldContain("missing.jsonl");

    /// <summary>The cases recorded from Prefect's own classes, all at once through the program.</summary>
    [Fact]
    public async Task It_agrees_with_the_recorded_answers_of_prefect()
    {
        JsonElement[] cases = [.. File.ReadLines(Path.Combine(Repository.Root, "tests", "data", "schedules.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement)];
        string input = _sluice.Folder["cases.jsonl"];
        await File.WriteAllLinesAsync(input, cases.Select(Question));

        SluiceProgram.Outcome answer = (await _sluice.RunAsync("schedule", "preview", "--input", input)).Succeeded();

        string[] lines = answer.Output.TrimEnd('\n').Split('\n');
        lines.Length.ShouldBe(cases.Length);
        cases.Length.ShouldBeGreaterThan(2000);
        string[] disagreements = [.. cases.Zip(lines).Where(pair => !Agrees(pair.First, pair.Second)).Select(pair => $"{pair.First}\n  {pair.Second}")];
        disagreements.ShouldBeEmpty();
    }

    private static string Question(JsonElement recorded)
    {
        bool isCron = recorded.GetProperty("kind").GetString() == "cron";
        var members = recorded.EnumerateObject()
            .Where(member => member.Name is "cron" or "interval" or "rrule" or "anchor_date" or "timezone" || (isCron && member.Name == "day_or"))
            .Select(member => $"\"{member.Name}\":{member.Value.GetRawText()}")
            .Append($"\"from\":{recorded.GetProperty("start").GetRawText()}");
        return $"{{{string.Join(',', members)}}}";
    }

    private static bool Agrees(JsonElement recorded, string line)
    {
        using JsonDocument answer = JsonDocument.Parse(line);
        bool valid = recorded.GetProperty("valid").GetBoolean();
        return answer.RootElement.GetProperty("valid").GetBoolean() == valid
            && (!valid || answer.RootElement.GetProperty("next").EnumerateArray().Select(time => time.GetString())
                .SequenceEqual(recorded.GetProperty("next").EnumerateArray().Select(time => time.GetString())));
    }
}

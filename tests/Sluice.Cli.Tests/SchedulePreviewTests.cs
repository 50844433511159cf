using System.Text.Json;
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
        ]);

        SluiceProgram.Outcome answer = (await _sluice.RunAsync("schedule", "preview", "--input", input)).Succeeded();

        string[] lines = answer.Output.TrimEnd('\n').Split('\n');
        lines.Length.ShouldBe(11);
        lines[0].ShouldBe("""{"valid":true,"next":["2026-07-01T04:00:00Z"]}""");
        lines[2].ShouldBe("""{"valid":true,"next":["2026-01-01T00:00:00Z"]}""");
        foreach ((int line, string part) in new[]
        {
            (1, "'25'"), (3, "Nowhere/X"), (4, "exactly one of"), (5, "\\\"cron\\\" is a number: a text is expected"), (6, "\\\"count\\\" is 0"),
            (7, "\\\"from\\\" is 'soon'"), (8, "not JSON"), (9, "an array"), (10, "not JSON"),
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

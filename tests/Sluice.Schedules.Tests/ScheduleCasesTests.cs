using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Sluice.Schedules.Tests;

/// <summary>What Prefect's own schedule classes answered, case by case (tests/data).</summary>
public sealed class ScheduleCasesTests
{
    [Theory]
    [InlineData("schedules.jsonl", "cron", 1745)]
    [InlineData("schedules.jsonl", "interval", 264)]
    [InlineData("schedules.jsonl", "rrule", 480)]
    [InlineData("schedules_more.jsonl", "cron", 350)]
    [InlineData("schedules_more.jsonl", "rrule", 350)]
    public void Every_recorded_case_is_answered_as_Prefect_answers_it(string file, string kind, int cases)
    {
        var disagreements = new StringBuilder();
        int seen = 0;
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, file)))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement recorded = document.RootElement;
            if (recorded.GetProperty("kind").GetString() != kind)
                continue;
            seen++;
            string answer = Answer(recorded, out string expected);
            if (answer != expected)
                disagreements.AppendLine(line).Append("   we say ").AppendLine(answer);
        }
        seen.ShouldBe(cases);
        disagreements.ToString().ShouldBeEmpty();
    }

    private static string Answer(JsonElement recorded, out string expected)
    {
        bool valid = recorded.GetProperty("valid").GetBoolean();
        expected = valid ? string.Join(' ', recorded.GetProperty("next").EnumerateArray().Select(x => x.GetString())) : "invalid";
        string? zone = recorded.GetProperty("timezone").GetString();
        Occurrences? schedule;
        ScheduleError? error;
        bool parsed = recorded.GetProperty("kind").GetString() switch
        {
            "cron" => Occurrences.TryParseCron(recorded.GetProperty("cron").GetString()!, recorded.GetProperty("day_or").GetBoolean(), zone, out schedule, out error),
            "interval" => Occurrences.TryParseInterval(recorded.GetProperty("interval").GetDouble(), recorded.GetProperty("anchor_date").GetDateTimeOffset(), zone, out schedule, out error),
            _ => Occurrences.TryParseRRule(recorded.GetProperty("rrule").GetString()!, zone, out schedule, out error),
        };
        if (!parsed)
            return valid ? "invalid: " + error!.Message : "invalid";
        IReadOnlyList<DateTime> due = schedule!.Take(recorded.GetProperty("start").GetDateTime(), 5);
        return string.Join(' ', due.Select(x => x.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)));
    }
}

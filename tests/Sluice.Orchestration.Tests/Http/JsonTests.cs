using System.Text.Json;
using Sluice.Orchestration.Json;

namespace Sluice.Orchestration.Tests.Http;

public sealed class JsonTests
{
    private static readonly OrchestrationJson Json = OrchestrationJson.Default;

    [Theory]
    [InlineData("2026-11-22T02:51:38.857131Z", "2026-11-22T02:51:38.857131Z")]
    [InlineData("2026-11-22T02:51:38Z", "2026-11-22T02:51:38.000000Z")]
    [InlineData("2026-11-22 02:51:45.221694+00:00", "2026-11-22T02:51:45.221694Z")]
    [InlineData("2026-11-22T02:51:38", "2026-11-22T02:51:38.000000Z")]
    [InlineData("2026-11-22T02:51:38.1234567Z", "2026-11-22T02:51:38.123456Z")]
    [InlineData("2026-01-01T00:00:00+05:30", "2026-01-01T00:00:00.000000+05:30")]
    [InlineData("2026-01-01", "2026-01-01T00:00:00.000000Z")]
    public void Times_are_read_as_Prefect_writes_them_and_written_in_microseconds(string read, string written)
    {
        LogFilter filter = JsonSerializer.Deserialize($$"""{"timestamp":{"after_":"{{read}}"} }""", Json.LogFilter)!;
        JsonElement again = JsonSerializer.SerializeToElement(filter, Json.LogFilter);
        again.GetProperty("timestamp").GetProperty("after_").GetString().ShouldBe(written);
    }

    [Theory]
    [InlineData("22 November 2026"), InlineData("12:00"), InlineData(""), InlineData("2026-13-01T00:00:00Z"), InlineData("yyyy-mm-dd")]
    public void What_is_no_time_is_refused(string text) => UtcTimeConverter.TryParse(text, out _).ShouldBeFalse();

    public static TheoryData<Schedule, string> Schedules => new()
    {
        { new() { Cron = "0 6 * * *", Timezone = "Europe/Paris", DayOr = true }, """{"cron":"0 6 * * *","day_or":true,"timezone":"Europe/Paris"}""" },
        { new() { Cron = "0 6 * * *" }, """{"cron":"0 6 * * *"}""" },
        { new() { Interval = 900, AnchorDate = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) }, """{"interval":900,"anchor_date":"2026-01-01T00:00:00.000000Z"}""" },
        { new() { Rrule = "FREQ=DAILY", Timezone = "UTC" }, """{"rrule":"FREQ=DAILY","timezone":"UTC"}""" },
    };

    [Theory, MemberData(nameof(Schedules))]
    public void A_schedule_is_one_of_Prefects_three_shapes(Schedule schedule, string json)
    {
        string written = JsonSerializer.Serialize(schedule, Json.Schedule);
        written.ShouldBe(json);
        JsonSerializer.Deserialize(written, Json.Schedule).ShouldBe(schedule);
    }

    [Fact]
    public void Prefects_concurrency_limit_is_read_where_it_keeps_it()
    {
        string json = """{"id":"8d7d2149-03d4-47de-a411-fd9caac3b515","name":"d","flow_id":"8d7d2149-03d4-47de-a411-fd9caac3b515","concurrency_limit":null,"global_concurrency_limit":{"id":"e5b2b6bd-6d6b-4c38-9a0a-4bbfb4d3d3f1","limit":3,"active":true}}""";
        JsonSerializer.Deserialize(json, Json.Deployment).ShouldNotBeNull().ConcurrencyLimit.ShouldBe(3);
    }
}

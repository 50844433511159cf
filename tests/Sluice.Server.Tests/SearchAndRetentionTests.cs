using System.Globalization;
using Sluice.Orchestration;

namespace Sluice.Server.Tests;

/// <summary>What a search in logs finds, and how long events stay.</summary>
public sealed class SearchAndRetentionTests
{
    [Theory]
    [InlineData("Über", "Die Über-Nacht, ÜBERALL")]
    [InlineData("über", "Die Über-Nacht, ÜBERALL")]
    [InlineData("ÜBERALL", "Die Über-Nacht, ÜBERALL")]
    [InlineData("-Über", "Noon")]
    [InlineData("noon über", "Die Über-Nacht, ÜBERALL;Noon")]
    [InlineData("+ÉTÉ", "")]
    public async Task A_search_in_logs_does_not_heed_case_in_any_script(string words, string found)
    {
        await using Home home = await Home.OpenAsync();
        await home.Api.CreateLogsAsync([.. new[] { "Die Über-Nacht, ÜBERALL", "Noon" }.Select((message, i) => new LogCreate { Name = "log", Level = 20, Message = message, Timestamp = Home.Start.AddSeconds(i) })], default);
        IReadOnlyList<Log> logs = await home.Api.ListLogsAsync(new() { Logs = new() { Text = new() { Query = words } } }, default);
        string.Join(';', logs.Select(log => log.Message)).ShouldBe(found);
    }

    [Fact]
    public async Task Events_stay_for_a_week_after_they_came_whatever_time_they_say()
    {
        await using Home home = await Home.OpenAsync();
        await SendAsync(home, Home.Start.AddYears(70), "future");
        await SendAsync(home, Home.Start.AddDays(-30), "past");
        await FillAsync(home, 600);
        home.Sql("SELECT COUNT(*) FROM event WHERE event IN ('future', 'past')").ShouldBe(2L);
        home.Clock.Advance(TimeSpan.FromDays(8));
        await FillAsync(home, 900);
        home.Sql("SELECT COUNT(*) FROM event WHERE event IN ('future', 'past')").ShouldBe(0L);
        home.Sql("SELECT COUNT(*) FROM event").ShouldBe(900L);
    }

    private static Task FillAsync(Home home, int count) =>
        home.Api.CreateEventsAsync([.. Enumerable.Range(0, count).Select(i => Event(home.Clock.GetUtcNow(), i.ToString(CultureInfo.InvariantCulture)))], default);

    private static Task SendAsync(Home home, DateTimeOffset occurred, string name) => home.Api.CreateEventsAsync([Event(occurred, name)], default);

    private static EventCreate Event(DateTimeOffset occurred, string name) => new()
    {
        Id = Guid.NewGuid(),
        Event = name,
        Occurred = occurred,
        Resource = new Dictionary<string, string> { ["prefect.resource.id"] = "r" },
    };
}

using System.Globalization;

namespace Sluice.Schedules.Tests;

public sealed class CronTests
{
    [Theory]
    // croniter's readings that differ from other crons
    [InlineData("* * * * * 30", "2026-01-01T00:00:30Z 2026-01-01T00:01:30Z")] // seconds come last
    [InlineData("0 0 1 1 * 0 2030-2031", "2030-01-01T00:00:00Z 2031-01-01T00:00:00Z")]
    [InlineData("0 0 1 1 * 0 2090", "")] // more than 50 years ahead
    [InlineData("0 0 1 1 * 0 2020", "")]
    [InlineData("0 0 31 2 *", "")]
    [InlineData("0 0 29 2 *", "2028-02-29T00:00:00Z 2032-02-29T00:00:00Z")]
    [InlineData("*/90 * * * *", "2026-01-01T00:00:00Z 2026-01-01T01:00:00Z")]
    [InlineData("5/15 * * * *", "2026-01-01T00:05:00Z 2026-01-01T00:20:00Z 2026-01-01T00:35:00Z 2026-01-01T00:50:00Z 2026-01-01T01:05:00Z")]
    [InlineData("0 22-2/2 * * *", "2026-01-01T00:00:00Z 2026-01-01T02:00:00Z 2026-01-01T22:00:00Z")]
    [InlineData("0 0 * * fri-mon", "2026-01-02T00:00:00Z 2026-01-03T00:00:00Z 2026-01-04T00:00:00Z 2026-01-05T00:00:00Z 2026-01-09T00:00:00Z")]
    [InlineData("0 0 * * 3-3", "2026-01-01T00:00:00Z 2026-01-02T00:00:00Z")] // low == high is the whole week
    [InlineData("0 0 * * 1-7", "2026-01-01T00:00:00Z 2026-01-02T00:00:00Z")]
    [InlineData("0 0 L * *", "2026-01-31T00:00:00Z 2026-02-28T00:00:00Z")]
    [InlineData("0 0 1,L * *", "2026-01-01T00:00:00Z 2026-01-31T00:00:00Z 2026-02-01T00:00:00Z")]
    [InlineData("0 0 28-L * *", "2026-01-28T00:00:00Z 2026-01-29T00:00:00Z")]
    [InlineData("0 0 * * L5", "2026-01-30T00:00:00Z 2026-02-27T00:00:00Z")]
    [InlineData("0 0 * * fri#2,MON#1", "2026-01-05T00:00:00Z 2026-01-09T00:00:00Z 2026-02-02T00:00:00Z")]
    [InlineData("0 0 ? * ?", "2026-01-01T00:00:00Z 2026-01-02T00:00:00Z")]
    [InlineData("@WEEKLY", "2026-01-04T00:00:00Z 2026-01-11T00:00:00Z")]
    [InlineData("0 0 13 * 5", "2026-01-02T00:00:00Z 2026-01-09T00:00:00Z 2026-01-13T00:00:00Z 2026-01-16T00:00:00Z")]
    [InlineData("0 0 13 * 5", "2026-02-13T00:00:00Z 2026-03-13T00:00:00Z 2026-11-13T00:00:00Z", false)]
    [InlineData("0 0 */2 * 1", "2026-01-05T00:00:00Z 2026-01-19T00:00:00Z", false)]
    public void Expressions_fire_as_in_croniter(string cron, string due, bool dayOr = true) =>
        Take(cron, "UTC", "2026-01-01T00:00:00Z", Math.Max(1, due.Split(' ').Length), dayOr).ShouldBe(due);

    [Theory]
    // New York: clocks go forward on 8 March at 02:00, back on 1 November at 02:00
    [InlineData("30 2 * * *", "America/New_York", "2026-03-08T00:00:00Z", "2026-03-08T07:30:00Z 2026-03-09T06:30:00Z")]
    [InlineData("0 * * * *", "America/New_York", "2026-03-08T05:00:00Z", "2026-03-08T05:00:00Z 2026-03-08T06:00:00Z 2026-03-08T07:00:00Z 2026-03-08T08:00:00Z")]
    [InlineData("0 * * * *", "America/New_York", "2026-11-01T04:00:00Z", "2026-11-01T04:00:00Z 2026-11-01T05:00:00Z 2026-11-01T07:00:00Z 2026-11-01T08:00:00Z")]
    [InlineData("30 1 * * *", "America/New_York", "2026-11-01T04:00:00Z", "2026-11-01T05:30:00Z 2026-11-02T06:30:00Z")]
    // Lord Howe: half an hour
    [InlineData("*/15 2 * * *", "Australia/Lord_Howe", "2026-10-03T15:00:00Z", "2026-10-03T15:30:00Z 2026-10-03T15:45:00Z 2026-10-04T15:00:00Z")]
    // Apia skipped 30 December 2011
    [InlineData("0 12 * * *", "Pacific/Apia", "2011-12-29T12:00:00Z", "2011-12-29T22:00:00Z 2011-12-30T22:00:00Z 2011-12-31T22:00:00Z")]
    public void Wall_times_in_a_gap_are_shifted_and_repeated_ones_fire_once(string cron, string zone, string from, string due) =>
        Take(cron, zone, from, due.Split(' ').Length).ShouldBe(due);

    [Fact]
    public void Next_is_never_before_the_asked_time_and_misses_nothing_around_changes_of_clocks()
    {
        foreach (string zone in new[] { "America/New_York", "Europe/Paris", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "Africa/Casablanca" })
        {
            foreach (string cron in new[] { "*/7 * * * *", "15 2 * * *", "10,35 1-3 * * *", "0 0 * * *" })
            {
                Occurrences schedule = Parse(cron, zone);
                foreach (int month in new[] { 2, 3, 4, 10, 11 })
                {
                    var begin = new DateTime(2026, month, 1, 0, 0, 0, DateTimeKind.Utc);
                    List<DateTime> all = schedule.Take(begin.AddDays(-2), 40 * 24 * 9).Where(x => x >= begin && x < begin.AddDays(30)).ToList();
                    int at = 0;
                    for (DateTime from = begin; at < all.Count; from = from.AddMinutes(11))
                    {
                        while (at < all.Count && all[at] < from)
                            at++;
                        if (at < all.Count)
                            schedule.Next(from).ShouldBe(all[at], $"{cron} in {zone} from {from:u}");
                    }
                }
            }
        }
    }

    [Fact]
    public void Random_text_is_answered_and_never_thrown_at()
    {
        var random = new Random(20261122);
        const string alphabet = "0123456789*,-/?#LlWhHrR()@ \tabcfrimonjsunéİ٣\u2028";
        for (int i = 0; i < 200_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(0, 24)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            if (random.Next(2) == 0)
                text = string.Join(' ', Enumerable.Range(0, random.Next(5, 8)).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => alphabet[random.Next(40)]))));
            bool valid = Occurrences.TryParseCron(text, random.Next(2) == 0, null, out Occurrences? schedule, out ScheduleError? error);
            valid.ShouldBe(schedule != null);
            valid.ShouldBe(error == null);
            if (error != null)
                (error.Offset >= 0 && error.Length >= 0 && error.Offset + error.Length <= text.Length).ShouldBeTrue(text);
            schedule?.Next(DateTime.UnixEpoch);
            schedule?.Explain().ShouldNotBeEmpty();
        }
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00")]
    [InlineData("9999-12-31T23:59:59")]
    public void The_ends_of_the_calendar_are_no_trouble(string from)
    {
        DateTime time = DateTime.Parse(from, CultureInfo.InvariantCulture);
        foreach (string zone in new[] { "UTC", "Pacific/Kiritimati", "Etc/GMT+12" })
        {
            _ = Parse("0 0 29 2 *", zone).Next(time);
            Occurrences.TryParseInterval(86_400 * 365.0 * 900, null, zone, out Occurrences? interval, out _).ShouldBeTrue();
            interval!.Take(time, 20).Count.ShouldBeLessThan(20);
        }
    }

    internal static Occurrences Parse(string cron, string zone, bool dayOr = true)
    {
        Occurrences.TryParseCron(cron, dayOr, zone, out Occurrences? schedule, out ScheduleError? error).ShouldBeTrue(error?.Message);
        return schedule!;
    }

    private static string Take(string cron, string zone, string from, int count, bool dayOr = true) =>
        string.Join(' ', Parse(cron, zone, dayOr).Take(DateTimeOffset.Parse(from, CultureInfo.InvariantCulture).UtcDateTime, count).Select(x => x.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)));
}

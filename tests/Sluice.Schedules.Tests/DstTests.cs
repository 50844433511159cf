using System.Globalization;

namespace Sluice.Schedules.Tests;

/// <summary>Changes of clocks: the two policies, and the notes on them.</summary>
public sealed class DstTests
{
    [Theory]
    // New York, 8 March 2026, 02:00 to 03:00 (07:00 UTC); fixed times run once right after the gap
    [InlineData("cron", "30 2 * * *", "America/New_York", "2026-03-08T00:00:00Z", "2026-03-08T07:00:00Z 2026-03-09T06:30:00Z")]
    [InlineData("cron", "0,20,40 2 * * *", "America/New_York", "2026-03-08T00:00:00Z", "2026-03-08T07:00:00Z 2026-03-09T06:00:00Z")]
    [InlineData("cron", "30 1-3 * * *", "America/New_York", "2026-03-08T00:00:00Z", "2026-03-08T06:30:00Z 2026-03-08T07:00:00Z 2026-03-08T07:30:00Z 2026-03-09T05:30:00Z")]
    [InlineData("cron", "0 3 * * *", "America/New_York", "2026-03-08T00:00:00Z", "2026-03-08T07:00:00Z 2026-03-09T07:00:00Z")]
    [InlineData("cron", "0 2,3 * * *", "America/New_York", "2026-03-08T00:00:00Z", "2026-03-08T07:00:00Z 2026-03-09T06:00:00Z")]
    // by the clock: nothing is made up for
    [InlineData("cron", "*/15 2 * * *", "America/New_York", "2026-03-08T00:00:00Z", "2026-03-09T06:00:00Z")]
    [InlineData("cron", "*/30 * * * *", "America/New_York", "2026-03-08T06:30:00Z", "2026-03-08T06:30:00Z 2026-03-08T07:00:00Z 2026-03-08T07:30:00Z")]
    [InlineData("cron", "0 * * * *", "America/New_York", "2026-03-08T06:00:00Z", "2026-03-08T06:00:00Z 2026-03-08T07:00:00Z 2026-03-08T08:00:00Z")]
    // 1 November 2026, 02:00 to 01:00 (06:00 UTC); fixed times run in the first turn only
    [InlineData("cron", "30 1 * * *", "America/New_York", "2026-11-01T00:00:00Z", "2026-11-01T05:30:00Z 2026-11-02T06:30:00Z")]
    [InlineData("cron", "0,30 0-2 * * *", "America/New_York", "2026-11-01T04:30:00Z", "2026-11-01T04:30:00Z 2026-11-01T05:00:00Z 2026-11-01T05:30:00Z 2026-11-01T07:00:00Z")]
    [InlineData("cron", "0 1-1/3 * * *", "America/New_York", "2026-11-01T04:30:00Z", "2026-11-01T08:00:00Z")] // croniter: 1-1 is every hour
    [InlineData("cron", "0-59/20 1 * * *", "America/New_York", "2026-11-01T05:30:00Z", "2026-11-01T05:40:00Z 2026-11-02T06:00:00Z")]
    // by the clock: both turns
    [InlineData("cron", "*/30 1 * * *", "America/New_York", "2026-11-01T05:30:00Z", "2026-11-01T05:30:00Z 2026-11-01T06:00:00Z 2026-11-01T06:30:00Z 2026-11-02T06:00:00Z")]
    [InlineData("cron", "0 * * * *", "America/New_York", "2026-11-01T05:00:00Z", "2026-11-01T05:00:00Z 2026-11-01T06:00:00Z 2026-11-01T07:00:00Z")]
    [InlineData("cron", "30 */2 * * *", "America/New_York", "2026-11-01T04:30:00Z", "2026-11-01T04:30:00Z 2026-11-01T07:30:00Z")]
    [InlineData("cron", "*/30 1 1 11 * 0 2026", "America/New_York", "2026-11-01T05:31:00Z", "2026-11-01T06:00:00Z 2026-11-01T06:30:00Z")] // the last wall times come again
    // Paris and Lord Howe (half an hour)
    [InlineData("cron", "30 2 * * *", "Europe/Paris", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z 2026-03-30T00:30:00Z")]
    [InlineData("cron", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T15:00:00Z", "2026-10-03T15:30:00Z 2026-10-04T15:15:00Z")]
    // A day left out is a correction: nothing is made up for
    [InlineData("cron", "0 12 * * *", "Pacific/Apia", "2011-12-29T12:00:00Z", "2011-12-29T22:00:00Z 2011-12-30T22:00:00Z")]
    [InlineData("rrule", "FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "America/New_York", "2026-03-08T00:00:00Z", "2026-03-08T07:00:00Z 2026-03-09T06:30:00Z")]
    [InlineData("rrule", "FREQ=MINUTELY;INTERVAL=30", "America/New_York", "2026-11-01T05:30:00Z", "2026-11-01T05:30:00Z 2026-11-01T06:00:00Z 2026-11-01T06:30:00Z 2026-11-01T07:00:00Z")]
    public void Like_Vixie_cron(string kind, string text, string zone, string from, string due)
    {
        Occurrences schedule = PreviousTests.Parse(kind, text, zone, DstPolicy.VixieLike);
        IReadOnlyList<DateTime> times = schedule.Take(DateTimeOffset.Parse(from, CultureInfo.InvariantCulture).UtcDateTime, due.Split(' ').Length);
        string.Join(' ', times.Select(x => x.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture))).ShouldBe(due);
    }

    [Theory]
    [InlineData("cron", "30 2 * * *", "America/New_York", false, "Moved 02:30 2026-03-08T07:00Z On 2026-03-08 clocks in America/New_York go forward from 02:00 to 03:00: 02:30 does not exist and runs at 03:30.")]
    [InlineData("cron", "30 2 * * *", "America/New_York", true, "Moved 02:30 2026-03-08T07:00Z On 2026-03-08 clocks in America/New_York go forward from 02:00 to 03:00: 02:30 does not exist and runs at 03:00.")]
    [InlineData("cron", "30 1 * * *", "America/New_York", false, "Skipped 01:30 2026-11-01T06:00Z On 2026-11-01 clocks in America/New_York go back from 02:00 to 01:00: 01:30 comes twice and runs the first time only.")]
    [InlineData("cron", "*/10 * * * *", "America/New_York", false, "Skipped 01:00 2026-11-01T06:00Z On 2026-11-01 clocks in America/New_York go back from 02:00 to 01:00: 01:00, 01:10, 01:20 and later ones come twice and run the first time only.")]
    [InlineData("cron", "*/30 1 * * *", "America/New_York", true, "Repeated 01:00 2026-11-01T06:00Z On 2026-11-01 clocks in America/New_York go back from 02:00 to 01:00: 01:00 and 01:30 come twice and run both times.")]
    [InlineData("cron", "*/30 2 * * *", "America/New_York", true, "Skipped 02:00 2026-03-08T07:00Z On 2026-03-08 clocks in America/New_York go forward from 02:00 to 03:00: 02:00 and 02:30 do not exist and do not run.")]
    [InlineData("cron", "0 12 * * *", "America/New_York", false)]
    [InlineData("cron", "30 2 * * *", "UTC", false)]
    [InlineData("rrule", "FREQ=DAILY;BYHOUR=2;BYMINUTE=15,45", "Europe/Paris", false,
        "Moved 02:15 2026-03-29T01:00Z On 2026-03-29 clocks in Europe/Paris go forward from 02:00 to 03:00: 02:15 and 02:45 do not exist and run at 03:15 and 03:45.",
        "Skipped 02:15 2026-10-25T01:00Z On 2026-10-25 clocks in Europe/Paris go back from 03:00 to 02:00: 02:15 and 02:45 come twice and run the first time only.")]
    [InlineData("interval", "3600", "America/New_York", false)]
    public void A_years_changes_of_clocks_are_noted(string kind, string text, string zone, bool vixie, params string[] notes)
    {
        Occurrences schedule = PreviousTests.Parse(kind, text, zone, vixie ? DstPolicy.VixieLike : DstPolicy.PrefectCompatible);
        IReadOnlyList<DstNote> noted = schedule.DstNotes(Utc(2026, 1, 1), Utc(2027, 1, 1));
        noted.Select(x => FormattableString.Invariant($"{x.Kind} {x.WallTime:HH:mm} {x.Transition:yyyy-MM-ddTHH:mm}Z {x.Message}")).ShouldBe(notes);
    }

    [Fact]
    public void An_interval_of_days_that_steps_into_a_gap_is_noted()
    {
        Occurrences.TryParseInterval(86_400, new DateTimeOffset(2026, 1, 1, 2, 30, 0, TimeSpan.FromHours(-5)), "America/New_York", out Occurrences? daily, out _).ShouldBeTrue();
        daily!.DstNotes(Utc(2026, 1, 1), Utc(2027, 1, 1)).ShouldHaveSingleItem().Message.ShouldBe("On 2026-03-08 clocks in America/New_York go forward from 02:00 to 03:00: 02:30 does not exist and runs at 03:30.");
    }

    [Fact]
    public void Only_changes_in_the_window_count()
    {
        Occurrences schedule = PreviousTests.Parse("cron", "30 2 * * *", "America/New_York");
        schedule.DstNotes(Utc(2026, 3, 8).AddHours(7), Utc(2026, 3, 8).AddHours(8)).Count.ShouldBe(1);
        schedule.DstNotes(Utc(2026, 3, 8).AddHours(7).AddTicks(1), Utc(2026, 6, 1)).ShouldBeEmpty();
        schedule.DstNotes(Utc(2026, 3, 1), Utc(2026, 3, 8).AddHours(7)).ShouldBeEmpty();
        schedule.DstNotes(Utc(2026, 3, 8), Utc(2025, 1, 1)).ShouldBeEmpty();
        schedule.DstNotes(DateTime.MinValue, DateTime.MaxValue).Count.ShouldBeLessThan(200);
    }

    private static DateTime Utc(int year, int month, int day) => new(year, month, day, 0, 0, 0, DateTimeKind.Utc);
}

namespace Sluice.Schedules.Tests;

/// <summary>The next due time is sought, not walked to: what lies far away or never comes is found with little allocated and in few steps.</summary>
public sealed class SeekTests
{
    [Theory]
    [InlineData("cron", "0 0 31 2 *")]
    [InlineData("cron", "0 0 30 2 1")]
    [InlineData("cron", "* * 20 * 1#1", false)]
    [InlineData("cron", "* * * * * * 2099")]
    [InlineData("rrule", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")]
    [InlineData("rrule", "FREQ=MINUTELY;BYMONTH=13")]
    [InlineData("rrule", "FREQ=HOURLY;INTERVAL=14;BYDAY=MO;BYHOUR=2")]
    [InlineData("rrule", "FREQ=WEEKLY;BYYEARDAY=366;BYMONTH=1")]
    [InlineData("rrule", "FREQ=DAILY;BYWEEKNO=60")]
    [InlineData("rrule", "FREQ=YEARLY;BYWEEKNO=20;BYYEARDAY=1")]
    public async Task What_never_fires_is_found_out_in_bounded_time(string kind, string text, bool dayOr = true)
    {
        Occurrences? schedule;
        bool parsed = kind == "cron" ? Occurrences.TryParseCron(text, dayOr, "Europe/Paris", out schedule, out _) : Occurrences.TryParseRRule(text, "Europe/Paris", out schedule, out _);
        parsed.ShouldBeTrue();
        Task<DateTime?> next = Task.Run(() => schedule!.Next(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)));
        // Not a measurement: a walk would take hours.
        (await next.WaitAsync(TimeSpan.FromSeconds(60))).ShouldBeNull();
    }

    [Fact]
    public void A_far_start_costs_no_walk()
    {
        Occurrences.TryParseRRule("DTSTART:00020101T000000\nRRULE:FREQ=SECONDLY;INTERVAL=7", null, out Occurrences? schedule, out _).ShouldBeTrue();
        var from = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        schedule!.Next(from);
        long before = GC.GetAllocatedBytesForCurrentThread();
        DateTime? next = schedule.Next(from);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(10_000);
        ((next!.Value - new DateTime(2, 1, 1)).TotalSeconds % 7).ShouldBe(0);
    }
}

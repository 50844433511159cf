namespace Sluice.Schedules.Tests;

/// <summary>The next due time is sought, not walked to: what lies far away or never comes is found in few steps and with little allocated.</summary>
public sealed class SeekTests
{
    private static readonly DateTime _from = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    // Never
    [InlineData("0 0 31 2 *", 1_000)]
    [InlineData("0 0 30 2 1", 1_000)]
    [InlineData("* * 20 * 1#1", 3_000, false)]
    [InlineData("* * * * * * 2020", 10)]
    [InlineData("* * * * * * 2099", 100)]
    [InlineData("0 0 31 4,6,9,11 * 0 2000-2099", 2_000)]
    // Far away
    [InlineData("0 0 29 2 *", 60)]
    [InlineData("0 0 29 2 1", 500, false)]
    [InlineData("59 23 31 12 * 59 2075", 60)]
    public void A_cron_expression_takes_few_steps(string cron, int most, bool dayOr = true)
    {
        CronParser.TryParse(cron, dayOr, out CronExpression? expression, out _).ShouldBeTrue();
        int steps = 0;
        expression!.Next(_from, ref steps);
        steps.ShouldBeInRange(1, most);
    }

    /// <summary>The calendar is looked at to 9998.</summary>
    [Theory]
    [InlineData("YEARLY")]
    [InlineData("MONTHLY")]
    [InlineData("WEEKLY")]
    [InlineData("DAILY")]
    [InlineData("HOURLY")]
    [InlineData("MINUTELY")]
    [InlineData("SECONDLY")]
    public void A_rule_that_begins_in_the_calendars_last_year_never_fires(string frequency)
    {
        foreach (int interval in (int[])[1, 7, 86_400])
        foreach (string parts in (string[])["", ";BYDAY=MO", ";BYMONTH=2", ";BYSETPOS=-1;BYDAY=TU", ";COUNT=3;BYDAY=MO", ";UNTIL=99991231T235959;BYYEARDAY=-1"])
        foreach (string start in (string[])["99990101T000000", "99991231T235959"])
        {
            string text = $"DTSTART:{start}\nRRULE:FREQ={frequency};INTERVAL={interval}{parts}";
            Occurrences.TryParseRRule(text, null, out Occurrences? rule, out _).ShouldBeTrue(text);
            rule!.Next(_from).ShouldBeNull(text);
            rule.Previous(DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc)).ShouldBeNull(text);
            rule.Take(_from, 3).ShouldBeEmpty(text);
        }
    }

    [Theory]
    // Never: days that no year has are found out in one cycle of 400 years
    [InlineData("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", 401)]
    [InlineData("FREQ=MINUTELY;BYMONTH=13", 401)]
    [InlineData("FREQ=DAILY;BYWEEKNO=60", 401)]
    [InlineData("FREQ=YEARLY;BYWEEKNO=20;BYYEARDAY=1", 401)]
    [InlineData("FREQ=WEEKLY;BYYEARDAY=366;BYMONTH=1", 401)]
    [InlineData("FREQ=YEARLY;BYEASTER=0;BYMONTH=6", 401)]
    [InlineData("FREQ=SECONDLY;INTERVAL=30;BYMONTH=2;BYMONTHDAY=30", 402)]
    [InlineData("FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=31;BYMONTH=2,4", 4_801)]
    [InlineData("FREQ=WEEKLY;INTERVAL=3;BYMONTHDAY=32", 20_872)]
    [InlineData("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", 4_802)]
    // Never: steps of the interval that do not meet the days or times
    [InlineData("FREQ=DAILY;INTERVAL=7;BYDAY=MO", 21_000)] // from a Wednesday
    [InlineData("FREQ=HOURLY;INTERVAL=14;BYDAY=MO;BYHOUR=2", 45_000)]
    [InlineData("FREQ=SECONDLY;INTERVAL=315;BYDAY=MO;BYHOUR=0,1,2;BYMINUTE=3,6,9;BYSECOND=45", 60_000)]
    [InlineData("FREQ=MINUTELY;INTERVAL=10080;BYDAY=TH", 45_000)]
    // Far away, sparse or dense
    [InlineData("FREQ=MINUTELY;INTERVAL=5", 2)]
    [InlineData("FREQ=SECONDLY;INTERVAL=30", 2)]
    [InlineData("FREQ=SECONDLY;INTERVAL=7", 3)]
    [InlineData("DTSTART:00020101T000000\nRRULE:FREQ=SECONDLY;INTERVAL=7", 3)]
    [InlineData("DTSTART:00020101T000000\nRRULE:FREQ=WEEKLY;INTERVAL=7", 3)]
    [InlineData("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=3;BYMINUTE=0;BYSECOND=7", 4)]
    [InlineData("FREQ=SECONDLY;INTERVAL=7;BYMONTH=2;BYMONTHDAY=29;BYHOUR=3;BYMINUTE=0;BYSECOND=7", 100)]
    [InlineData("FREQ=MINUTELY;BYMINUTE=0,30;BYSETPOS=1", 2)]
    [InlineData("FREQ=YEARLY;INTERVAL=4;BYEASTER=1", 3)]
    [InlineData("FREQ=DAILY;INTERVAL=97;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", 30_000)]
    public void A_rule_takes_few_steps(string rrule, int most)
    {
        RRuleParser.TryParse(rrule, out RRuleSet? set, out ScheduleError? error).ShouldBeTrue(error?.Message);
        set!.Rules.ShouldHaveSingleItem().Next(_from, out int steps);
        steps.ShouldBeInRange(0, most);
    }

    [Theory]
    [InlineData("FREQ=DAILY;COUNT=1000000000")]
    [InlineData("FREQ=MINUTELY;INTERVAL=5;COUNT=1000000000")]
    [InlineData("FREQ=SECONDLY;BYHOUR=9;COUNT=1000000000")]
    [InlineData("RRULE:FREQ=SECONDLY\nEXRULE:FREQ=SECONDLY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11")]
    [InlineData("RRULE:FREQ=SECONDLY\nEXRULE:FREQ=SECONDLY")]
    public void Long_counts_and_exclusions_are_no_walk_either(string rrule)
    {
        Occurrences schedule = PreviousTests.Parse("rrule", rrule, "UTC");
        schedule.Next(_from);
        long before = GC.GetAllocatedBytesForCurrentThread();
        schedule.Next(_from);
        schedule.Previous(_from);
        // A search allocates some hundred bytes: a walk of a month by seconds would be gigabytes.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(8_000_000);
    }

    [Theory]
    [InlineData("*/5 * * * *", "UTC")]
    [InlineData("*/5 * * * *", "Europe/Paris")]
    [InlineData("0 0 29 2 *", "Europe/Paris")]
    [InlineData("0 0 * * L5", "Europe/Paris")]
    [InlineData("0 0 13 * 5", "America/New_York")]
    [InlineData("30 2 * * * 15 2020-2090", "America/New_York")]
    public void Next_of_a_cron_expression_allocates_nothing(string cron, string zone)
    {
        Occurrences schedule = CronTests.Parse(cron, zone);
        // The first answers in a year of a zone make that year's table.
        Walk(schedule);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Walk(schedule);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static void Walk(Occurrences schedule)
    {
        DateTime time = _from;
        for (int i = 0; i < 100; i++)
            time = schedule.Next(time.AddTicks(1)) ?? _from;
    }
}

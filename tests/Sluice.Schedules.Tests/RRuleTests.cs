using System.Globalization;
using Sluice.Testing;

namespace Sluice.Schedules.Tests;

/// <summary>Recurrence rules in dateutil's reading; the expected times were checked against dateutil 2.9.</summary>
public sealed class RRuleTests
{
    [Theory]
    [InlineData("FREQ=DAILY", "2026-01-01T00:00:00Z 2026-01-02T00:00:00Z")]
    [InlineData("rrule:freq=daily;byhour=9", "2026-01-01T09:00:00Z 2026-01-02T09:00:00Z")]
    [InlineData("FREQ=WEEKLY;BYDAY=MO,FR;BYHOUR=9;BYMINUTE=30", "2026-01-02T09:30:00Z 2026-01-05T09:30:00Z")]
    [InlineData("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO", "2026-01-06T00:00:00Z 2026-01-11T00:00:00Z 2026-01-20T00:00:00Z")]
    [InlineData("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", "2026-01-04T00:00:00Z 2026-01-06T00:00:00Z 2026-01-18T00:00:00Z")]
    [InlineData("FREQ=MONTHLY;BYDAY=-1FR", "2026-01-30T00:00:00Z 2026-02-27T00:00:00Z")]
    [InlineData("FREQ=MONTHLY;BYDAY=FR(-1)", "2026-01-30T00:00:00Z 2026-02-27T00:00:00Z")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=-1,31", "2026-01-31T00:00:00Z 2026-02-28T00:00:00Z")]
    [InlineData("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-30T00:00:00Z 2026-02-27T00:00:00Z")]
    [InlineData("FREQ=YEARLY;BYDAY=20MO", "2026-05-18T00:00:00Z 2027-05-17T00:00:00Z")]
    [InlineData("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "2027-01-04T00:00:00Z 2028-01-03T00:00:00Z 2029-01-01T00:00:00Z 2029-12-31T00:00:00Z")]
    [InlineData("FREQ=YEARLY;BYYEARDAY=-1,100", "2026-04-10T00:00:00Z 2026-12-31T00:00:00Z")]
    [InlineData("FREQ=YEARLY;BYEASTER=-2", "2026-04-03T00:00:00Z 2027-03-26T00:00:00Z")]
    [InlineData("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2028-02-29T00:00:00Z 2032-02-29T00:00:00Z")]
    [InlineData("FREQ=HOURLY;INTERVAL=5;BYDAY=MO", "2026-01-05T01:00:00Z 2026-01-05T06:00:00Z 2026-01-05T11:00:00Z")]
    [InlineData("FREQ=SECONDLY;INTERVAL=7;BYMINUTE=59;BYHOUR=23", "2026-01-01T23:59:06Z 2026-01-01T23:59:13Z")]
    [InlineData("FREQ=DAILY;COUNT=3", "")]
    [InlineData("DTSTART:20260101T080000\nRRULE:FREQ=DAILY;COUNT=3", "2026-01-01T08:00:00Z 2026-01-02T08:00:00Z 2026-01-03T08:00:00Z")]
    [InlineData("FREQ=MINUTELY;COUNT=3156481", "2026-01-01T00:00:00Z")] // the very last one
    [InlineData("FREQ=DAILY;UNTIL=20260102T000000", "2026-01-01T00:00:00Z 2026-01-02T00:00:00Z")]
    [InlineData("FREQ=DAILY;COUNT=0", "")]
    [InlineData("FREQ=MONTHLY;BYDAY=MO,1FR", "")] // both are asked for
    [InlineData("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "")]
    [InlineData("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "")]
    [InlineData("FREQ=MINUTELY;INTERVAL=120;BYMINUTE=0;BYHOUR=9", "")] // even hours only
    [InlineData("FREQ=SECONDLY;BYSETPOS=2", "")]
    // Sets
    [InlineData("DTSTART:20260101T080000 RRULE:FREQ=DAILY EXDATE:20260102T080000 RDATE:20260101T120000", "2026-01-01T08:00:00Z 2026-01-01T12:00:00Z 2026-01-03T08:00:00Z")]
    [InlineData("RRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY;BYDAY=SA,SU", "2026-01-01T00:00:00Z 2026-01-02T00:00:00Z 2026-01-05T00:00:00Z")]
    [InlineData("RRULE:FREQ=MONTHLY\nRRULE:FREQ=MONTHLY;BYMONTHDAY=2", "2026-01-01T00:00:00Z 2026-01-02T00:00:00Z 2026-02-01T00:00:00Z")]
    [InlineData("RDATE:20260301T000000,20260201T000000", "2026-02-01T00:00:00Z 2026-03-01T00:00:00Z")]
    [InlineData("EXDATE:20260301T000000", "")]
    // What dateutil lets pass
    [InlineData("FREQ=MONTHLY;BYDAY=MO(1X", "2026-01-05T00:00:00Z 2026-02-02T00:00:00Z")]
    [InlineData("FREQ=MONTHLY;BYDAY=MO(2)(3)", "2026-01-12T00:00:00Z 2026-02-09T00:00:00Z")]
    [InlineData("EXRULE:RRULE:FREQ=DAILY", "")]
    [InlineData(" RRULE:RRULE:FREQ=DAILY", "2026-01-01T00:00:00Z 2026-01-02T00:00:00Z")]
    public void Rules_fire_as_in_dateutil(string rrule, string due) =>
        Take(rrule, "UTC", "2026-01-01T00:00:00Z", Math.Max(1, due.Split(' ').Length)).ShouldBe(due);

    [Theory]
    [InlineData("DTSTART:20260101T090000\nRRULE:FREQ=DAILY", "2026-06-01T07:00:00Z")]
    [InlineData("DTSTART:20260101T090000Z\nRRULE:FREQ=DAILY", "2026-06-01T07:00:00Z")]
    [InlineData("DTSTART;TZID=America/New_York:20260101T090000\nRRULE:FREQ=DAILY", "2026-06-01T07:00:00Z")]
    [InlineData("FREQ=DAILY", "2026-06-01T22:00:00Z")]
    public void All_times_are_wall_clock_of_the_schedules_zone(string rrule, string due) => Take(rrule, "Europe/Paris", "2026-06-01T00:00:00Z", 1).ShouldBe(due);

    [Theory]
    [InlineData("FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "2026-03-08T00:00:00Z", "2026-03-08T07:30:00Z 2026-03-09T06:30:00Z")]
    [InlineData("FREQ=HOURLY", "2026-03-08T06:00:00Z", "2026-03-08T06:00:00Z 2026-03-08T07:00:00Z 2026-03-08T08:00:00Z")]
    [InlineData("FREQ=HOURLY", "2026-11-01T04:00:00Z", "2026-11-01T04:00:00Z 2026-11-01T05:00:00Z 2026-11-01T07:00:00Z")]
    public void Changes_of_clocks_are_read_as_for_cron(string rrule, string from, string due) => Take(rrule, "America/New_York", from, due.Split(' ').Length).ShouldBe(due);

    [Theory]
    [InlineData("", "", "it needs a FREQ")]
    [InlineData("INTERVAL=2", "INTERVAL=2", "FREQ is missing")]
    [InlineData("FREQ=FORTNIGHTLY", "FORTNIGHTLY", "FREQ: 'FORTNIGHTLY' is not one of YEARLY, MONTHLY")]
    [InlineData("FRQ=DAILY", "FRQ", "'FRQ' is not known; the parts are FREQ, INTERVAL")]
    [InlineData("FREQ=DAILY;BYFOO=1", "BYFOO", "'BYFOO' is not known")]
    [InlineData("FREQ=DAILY;", "", "a part is missing between semicolons")]
    [InlineData("FREQ=DAILY;COUNT", "COUNT", "'COUNT' is not a part of a rule")]
    [InlineData("FREQ=DAILY;INTERVAL=0", "0", "INTERVAL: 0 is below 1")]
    [InlineData("FREQ=DAILY;INTERVAL=two", "two", "INTERVAL: 'TWO' is not a whole number")]
    [InlineData("FREQ=DAILY;BYHOUR=9,24", "24", "BYHOUR: 24 is above 23")]
    [InlineData("FREQ=WEEKLY;BYDAY=MON", "MON", "BYDAY: 'MON' is not one of MO")]
    [InlineData("FREQ=WEEKLY;BYDAY=1_0MO", "_0MO", "is not one of MO")]
    [InlineData("FREQ=WEEKLY;BYDAY=\u0661MO", "\u0661MO", "is not one of MO")]
    [InlineData("FREQ=WEEKLY;BYDAY=MO(", "", "is not a whole number")]
    [InlineData("FREQ=WEEKLY;BYDAY=12", "", "is not one of MO")]
    [InlineData("FREQ=WEEKLY;INTERVAL=-1", "-1", "INTERVAL: -1 is below 1")]
    [InlineData("RDATE;RDATE:20260101T000000", "RDATE", "RDATE takes VALUE=DATE-TIME only")]
    [InlineData("RRULE:RRULE:FREQ=DAILY", ":", "a rule has no colon")]
    [InlineData("FREQ=MONTHLY;BYDAY=0MO", "0MO", "counts from 0")]
    [InlineData("FREQ=MONTHLY;BYSETPOS=0", "0", "0 is not a position")]
    [InlineData("FREQ=DAILY;UNTIL=tomorrow", "tomorrow", "UNTIL: 'TOMORROW' is not a date")]
    [InlineData("FREQ=DAILY;UNTIL=20260230", "20260230", "is not a date")]
    [InlineData("DTSTART:20260101T000000\nRRULE:FREQ=DAILY;UNTIL=20260201T000000Z", "FREQ=DAILY;UNTIL=20260201T000000Z", "UNTIL may not have a Z")]
    [InlineData("DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY;UNTIL=20260201T000000", "FREQ=DAILY;UNTIL=20260201T000000", "UNTIL needs a Z")]
    [InlineData("DTSTART:20260101T000000", "DTSTART:20260101T000000", "there is no RRULE")]
    [InlineData("DTSTART:20260101,20260102\nFREQ=DAILY", "20260101,20260102", "DTSTART is one date")]
    [InlineData("EXDATE;FOO=1:20260101\nFREQ=DAILY", "FOO=1", "'FOO=1' is not a parameter here")]
    [InlineData("FOO:FREQ=DAILY", "FOO", "'FOO' is not known; use RRULE")]
    [InlineData("DTSTART:20241001T054200\nRRULE:FREQ=MINUTELY;INTERVAL=2;BYMINUTE=7", "FREQ=MINUTELY;INTERVAL=2;BYMINUTE=7", "every 2 minutes from 42 never meets a value of BYMINUTE")]
    public void An_invalid_rule_names_the_place_and_the_reason(string rrule, string place, string reason)
    {
        Occurrences.TryParseRRule(rrule, null, out _, out ScheduleError? error).ShouldBeFalse();
        rrule.Substring(error!.Offset, error.Length).ShouldBe(place);
        error.Message.ShouldContain(reason);
    }

    [Theory]
    [InlineData(6500, null)]
    [InlineData(6501, "6501 characters; at most 6500")]
    [InlineData(7000, "7000 characters; at most 6500")]
    public void A_rule_of_more_than_6500_characters_is_refused(int length, string? says)
    {
        string text = ("RDATE:" + string.Join(',', Enumerable.Repeat("20260101T000000", 405))).PadRight(length);
        Occurrences.TryParseRRule(text, null, out _, out ScheduleError? error).ShouldBe(says is null);
        (error?.Offset, error?.Length).ShouldBe(says is null ? (null, null) : (6500, length - 6500));
        (error?.Message ?? "").ShouldContain(says ?? "");
    }

    /// <summary>A pair of surrogates is one character to Python: what is wrong with these is what they say, not how long they are.</summary>
    [Theory]
    [InlineData(6489, "is not a part of a rule", 11)]
    [InlineData(6490, "6501 characters", 12_989)]
    public void Characters_are_counted_as_Python_does(int pairs, string says, int offset)
    {
        Occurrences.TryParseRRule("FREQ=DAILY;" + string.Concat(Enumerable.Repeat("\U0001F600", pairs)), null, out _, out ScheduleError? error).ShouldBeFalse();
        error!.Message.ShouldContain(says);
        error.Offset.ShouldBe(offset);
    }

    /// <summary>Counted to the end, however far: checked against counting by hand. Dates of dateutil where it gets there.</summary>
    [Theory]
    [InlineData("20200101T000000", "FREQ=SECONDLY;BYSETPOS=1;COUNT=4000000", "2020-02-16T07:06:39Z")]
    [InlineData("20200101T000000", "FREQ=SECONDLY;INTERVAL=7;BYDAY=MO,TU,WE,TH,FR,SA,SU;COUNT=4000000", "2020-11-20T01:46:33Z")]
    [InlineData("20200101T000000", "FREQ=SECONDLY;INTERVAL=7;BYDAY=MO,TU,WE,TH,FR,SA,SU;COUNT=1000000000", "2241-10-27T12:26:33Z")]
    [InlineData("20200101T000030", "FREQ=MINUTELY;BYSECOND=0,30;BYSETPOS=1,-1;COUNT=4000000", "2023-10-20T21:20:00Z")]
    [InlineData("20200101T000000", "FREQ=DAILY;INTERVAL=2;BYHOUR=9,10;BYSETPOS=-1;COUNT=1000000", "7495-10-23T10:00:00Z")]
    public void The_last_of_a_large_count_is_the_last(string start, string rule, string last)
    {
        Occurrences schedule = Parse($"DTSTART:{start}\nRRULE:{rule}", "UTC");
        DateTime end = DateTimeOffset.Parse(last, CultureInfo.InvariantCulture).UtcDateTime;
        schedule.Previous(new DateTime(9998, 12, 31, 0, 0, 0, DateTimeKind.Utc)).ShouldBe(end);
        schedule.Next(end).ShouldBe(end);
        schedule.Next(end.AddSeconds(1)).ShouldBeNull();
    }

    [Fact]
    public void The_last_of_a_count_is_the_one_that_a_walk_without_it_comes_to()
    {
        var random = new Random(Fuzz.Seed);
        string[] ends = ["", ";BYSETPOS=1", ";BYSETPOS=-1,1", ";BYSETPOS=2,-1,7"];
        string[] days = ["", ";BYDAY=MO,WE,SU", ";BYMONTHDAY=-1,15", ";BYWEEKNO=3,-2"];
        string[] times = ["", ";BYHOUR=3,9,21", ";BYMINUTE=0,10,59", ";BYSECOND=7,30;BYMINUTE=5", ";BYHOUR=1,2;BYSECOND=0,1,2"];
        for (int round = 0; round < Fuzz.Count(400); round++)
        {
            string frequency = new[] { "YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY" }[random.Next(7)];
            int interval = new[] { 1, 2, 7, 13, 60, 500, 86_400, 100_000 }[random.Next(frequency is "YEARLY" or "MONTHLY" ? 3 : 8)];
            string rule = $"DTSTART:2020{random.Next(1, 13):00}{random.Next(1, 29):00}T{random.Next(24):00}{random.Next(60):00}{random.Next(60):00}\nRRULE:FREQ={frequency};INTERVAL={interval}{days[random.Next(4)]}{times[random.Next(5)]}{ends[random.Next(4)]}";
            if (!Occurrences.TryParseRRule(rule, null, out Occurrences? walked, out _))
                continue;
            List<DateTime> due = [.. walked!.Take(new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc), random.Next(1, 200))];
            if (due.Count == 0)
                continue;
            Occurrences counted = Parse($"{rule};COUNT={due.Count}", "UTC");
            counted.Previous(new DateTime(9998, 12, 31, 0, 0, 0, DateTimeKind.Utc)).ShouldBe(due[^1], $"{rule};COUNT={due.Count} (seed {Fuzz.Seed})");
            counted.Next(due[^1].AddSeconds(1)).ShouldBeNull();
        }
    }

    [Theory]
    [InlineData("FREQ=DAILY;BYHOUR=6", "every day at 06:00 (UTC)")]
    [InlineData("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;BYHOUR=9;BYMINUTE=0", "every 2 weeks on Monday and Friday at 09:00 (UTC)")]
    [InlineData("FREQ=MONTHLY;BYDAY=-1FR;COUNT=5", "every month on the last Friday at 00:00, 5 times (UTC)")]
    [InlineData("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "every month on Monday to Friday at 00:00 (of these the last of each month) (UTC)")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=1,-2;BYMONTH=3", "every month on the 1st and 2nd to last day of the month in March at 00:00 (UTC)")]
    [InlineData("FREQ=HOURLY;BYHOUR=9,10,11,12", "every hour in hours 9 to 12 (UTC)")]
    [InlineData("DTSTART:20260214T083000\nRRULE:FREQ=YEARLY;UNTIL=20300101", "every year on February 14 at 08:30, until 2030-01-01, from 2026-02-14 08:30:00 (UTC)")]
    [InlineData("RRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY;BYDAY=SA,SU\nEXDATE:20260101", "every day at 00:00, except every week on Saturday and Sunday at 00:00 and 1 date (UTC)")]
    [InlineData("FREQ=MINUTELY;INTERVAL=5", "every 5 minutes (UTC)")]
    [InlineData("FREQ=SECONDLY;INTERVAL=30;BYHOUR=9,10", "every 30 seconds in hours 9 and 10 (UTC)")]
    [InlineData("FREQ=YEARLY;BYEASTER=-2", "every year 2 days before Easter at 00:00 (UTC)")]
    [InlineData("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "every year on Monday in the 1st week of the year at 00:00 (UTC)")]
    [InlineData("FREQ=DAILY;COUNT=1", "every day at 00:00, once (UTC)")]
    [InlineData("RDATE:20260301T000000", "on 1 date of its own (UTC)")]
    [InlineData("FREQ=DAILY;UNTIL=20301231T000000Z", "never, as Prefect fails on this rule: every day at 00:00, until 2030-12-31 (UTC)")]
    [InlineData("FREQ=HOURLY;BYMINUTE=60", "never, as Prefect fails on this rule: every hour (UTC)")]
    public void A_rule_is_put_into_words(string rrule, string words) => Parse(rrule, "UTC").Explain().ShouldBe(words);

    [Fact]
    public void Random_rules_are_answered_and_never_thrown_at()
    {
        var random = new Random(5545);
        string[] pieces = ["FREQ=", "DAILY", "SECONDLY", "YEARLY", "MONTHLY", "WEEKLY", ";", ";", "BYDAY=", "MO", "-1FR", "BYMONTH=", "13", "0", "-1", ",", "1", "99999999999", "INTERVAL=", "COUNT=", "UNTIL=", "20260101T000000", "Z", "\n", "RRULE:", "DTSTART:", "RDATE:", "00010101", "99991231T235959", "EXRULE:", "BYSETPOS=", "BYWEEKNO=", "53", "BYYEARDAY=", "BYEASTER=", "BYHOUR=", "=", ":", "(", ")", "\u0130"];
        int valid = 0;
        for (int i = 0; i < 60_000; i++)
        {
            string head = random.Next(3) == 0 ? "" : "FREQ=" + new[] { "DAILY", "HOURLY", "YEARLY", "MONTHLY", "WEEKLY" }[random.Next(5)];
            string text = head + string.Concat(Enumerable.Range(0, random.Next(0, 9)).Select(_ => pieces[random.Next(pieces.Length)]));
            if (Occurrences.TryParseRRule(text, null, out Occurrences? schedule, out ScheduleError? error))
            {
                valid++;
                schedule!.Explain().ShouldNotBeEmpty();
                schedule.Next(new DateTime(9990 + random.Next(9), 5, 5));
                schedule.Next(DateTime.MinValue);
            }
            else
            {
                (error!.Offset >= 0 && error.Length >= 0 && error.Offset + error.Length <= text.Length).ShouldBeTrue(text);
            }
        }
        valid.ShouldBeGreaterThan(4_000);
    }

    private static Occurrences Parse(string rrule, string zone)
    {
        Occurrences.TryParseRRule(rrule, zone, out Occurrences? schedule, out ScheduleError? error).ShouldBeTrue(error?.Message);
        return schedule!;
    }

    private static string Take(string rrule, string zone, string from, int count) =>
        string.Join(' ', Parse(rrule, zone).Take(DateTimeOffset.Parse(from, CultureInfo.InvariantCulture).UtcDateTime, count).Select(x => x.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)));
}

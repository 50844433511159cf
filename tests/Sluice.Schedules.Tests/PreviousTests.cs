using System.Globalization;
using Sluice.Testing;

namespace Sluice.Schedules.Tests;

/// <summary>Looking back mirrors looking ahead.</summary>
public sealed class PreviousTests
{
    private static readonly string[] _zones = ["UTC", "America/New_York", "Europe/Paris", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "America/Sao_Paulo", "Asia/Kathmandu"];

    [Theory]
    [InlineData("cron", "0 6 * * *", "UTC", "2026-01-01T06:00:00Z", "2025-12-31T06:00:00Z")] // strictly before
    [InlineData("cron", "0 6 * * *", "UTC", "2026-01-01T06:00:01Z", "2026-01-01T06:00:00Z")]
    [InlineData("cron", "0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2024-02-29T00:00:00Z")]
    [InlineData("cron", "0 0 L * *", "UTC", "2026-03-15T00:00:00Z", "2026-02-28T00:00:00Z")]
    [InlineData("cron", "0 0 * * L5", "UTC", "2026-02-01T00:00:00Z", "2026-01-30T00:00:00Z")]
    [InlineData("cron", "0 0 13 * 5", "UTC", "2026-01-15T00:00:00Z", "2026-01-13T00:00:00Z")]
    [InlineData("cron", "0 0 1 1 * 0 2020", "UTC", "2026-01-15T00:00:00Z", "2020-01-01T00:00:00Z")]
    [InlineData("cron", "0 0 31 2 *", "UTC", "2026-01-15T00:00:00Z", "")]
    [InlineData("cron", "0 0 1 1 * 0 2030", "UTC", "2026-01-15T00:00:00Z", "")]
    // 02:30 ran at 03:30, 07:30 UTC; of the repeated hour only the first turn counts
    [InlineData("cron", "30 2 * * *", "America/New_York", "2026-03-08T12:00:00Z", "2026-03-08T07:30:00Z")]
    [InlineData("cron", "*/30 * * * *", "America/New_York", "2026-11-01T07:00:00Z", "2026-11-01T05:30:00Z")]
    [InlineData("cron", "*/30 * * * *", "America/New_York", "2026-11-01T05:10:00Z", "2026-11-01T05:00:00Z")]
    [InlineData("cron", "0 12 * * *", "Pacific/Apia", "2011-12-31T12:00:00Z", "2011-12-30T22:00:00Z")]
    [InlineData("rrule", "FREQ=DAILY;BYHOUR=9", "UTC", "2026-01-01T00:00:00Z", "2025-12-31T09:00:00Z")]
    [InlineData("rrule", "FREQ=DAILY", "UTC", "2020-01-01T00:00:00Z", "")] // nothing before the start
    [InlineData("rrule", "FREQ=DAILY", "UTC", "2020-01-01T00:00:01Z", "2020-01-01T00:00:00Z")]
    [InlineData("rrule", "FREQ=DAILY;COUNT=3", "UTC", "2026-01-01T00:00:00Z", "2020-01-03T00:00:00Z")]
    [InlineData("rrule", "FREQ=DAILY;UNTIL=20200110T120000", "UTC", "2026-01-01T00:00:00Z", "2020-01-10T00:00:00Z")]
    [InlineData("rrule", "RRULE:FREQ=DAILY\nEXDATE:20251231T000000,20251230T000000\nRDATE:20251229T180000", "UTC", "2026-01-01T00:00:00Z", "2025-12-29T18:00:00Z")]
    [InlineData("rrule", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=3;BYMINUTE=0;BYSECOND=7", "UTC", "2027-01-01T00:00:00Z", "2024-02-29T03:00:07Z")]
    [InlineData("rrule", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "UTC", "2026-01-01T00:00:00Z", "")]
    [InlineData("rrule", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "UTC", "2026-01-01T00:00:00Z", "2025-12-31T00:00:00Z")]
    [InlineData("interval", "3600", "UTC", "2026-01-01T00:00:00Z", "2025-12-31T23:00:00Z")]
    [InlineData("interval", "86400", "UTC", "2019-01-01T10:00:00Z", "2019-01-01T00:00:00Z")] // also before the anchor
    public void The_last_due_time_before_is_found(string kind, string text, string zone, string before, string due) =>
        (Parse(kind, text, zone).Previous(Utc(before))?.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "").ShouldBe(due);

    [Fact]
    public void Next_and_previous_are_inverse()
    {
        int seed = Fuzz.Seed;
        var random = new Random(seed);
        for (int i = 0; i < Fuzz.Count(3_000); i++)
        {
            (string kind, string text) = Schedule(random);
            string zone = _zones[random.Next(_zones.Length)];
            DstPolicy policy = (DstPolicy)random.Next(2);
            Occurrences schedule = Parse(kind, text, zone, policy);
            // Mostly near a change of clocks.
            DateTime at = (zone == "Pacific/Apia" ? new DateTime(2011, 12, 28) : new DateTime(2026, new[] { 3, 4, 10, 11, 7 }[random.Next(5)], 1)).AddSeconds(random.Next(86_400 * 33));
            at = DateTime.SpecifyKind(at, DateTimeKind.Utc);
            string what = $"{kind} {text} in {zone}, {policy}, at {at:O}, seed {seed}";
            if (schedule.Next(at) is { } next && schedule.Next(next) == next)
                schedule.Previous(next.AddTicks(1)).ShouldBe(next, what);
            if (schedule.Previous(at) is not { } previous)
                continue;
            previous.ShouldBeLessThan(at, what);
            schedule.Next(previous).ShouldBe(previous, what);
            // Nothing due in between: a candidate that Next finds there would answer itself.
            if (schedule.Next(previous.AddTicks(1)) is { } between && between < at)
                schedule.Next(between).ShouldNotBe(between, what);
        }
    }

    [Fact]
    public void A_walk_back_meets_what_the_walk_ahead_met()
    {
        int seed = Fuzz.Seed + 1;
        var random = new Random(seed);
        for (int i = 0; i < Fuzz.Count(300); i++)
        {
            string zone = _zones[random.Next(_zones.Length)];
            (string kind, string text) = random.Next(2) == 0 ? ("cron", Cron(random, maxDay: 28)) : ("rrule", RRule(random));
            DstPolicy policy = (DstPolicy)random.Next(2);
            Occurrences schedule = Parse(kind, text, zone, policy);
            DateTime from = DateTime.SpecifyKind(zone == "Pacific/Apia" ? new DateTime(2011, 12, 28) : new DateTime(2026, random.Next(2) == 0 ? 3 : 10, 20), DateTimeKind.Utc);
            var ahead = new List<DateTime>();
            for (DateTime? next = schedule.Next(from); next is { } time && ahead.Count < 60; next = schedule.Next(time.AddTicks(1)))
                ahead.Add(time);
            if (ahead.Count == 0)
                continue;
            var back = new List<DateTime>();
            for (DateTime? previous = schedule.Previous(ahead[^1].AddTicks(1)); previous >= from && back.Count < 61; previous = schedule.Previous(previous.Value))
                back.Add(previous.Value);
            back.Reverse();
            back.ShouldBe(ahead, $"{kind} {text} in {zone}, {policy}, seed {seed}");
        }
    }

    internal static (string Kind, string Text) Schedule(Random random) => random.Next(3) switch
    {
        0 => ("cron", Cron(random, 31)),
        1 => ("rrule", RRule(random)),
        _ => ("interval", new[] { "900", "3600", "5400", "86400", "604800", "90000", "0.5", "172800" }[random.Next(8)]),
    };

    internal static string Cron(Random random, int maxDay)
    {
        string[] fields =
        [
            Pick(random, "*", "*/5", "30", "0,30", "7-43/9"),
            Pick(random, "*", "*/6", "2", "1-3", "0,2,23"),
            Pick(random, "*", "*", "1", "L", "15,L", "*/2", "28") is var day && maxDay < 31 && day.Contains('L') ? "10" : maxDay == 31 ? Pick(random, "*", "L", "31", "1,31", "29", "*/2") : "10-20",
            Pick(random, "*", "*", "2", "3,11", "*/4"),
            Pick(random, "*", "*", "0", "1-5", "fri#2", "L5"),
        ];
        string cron = string.Join(' ', fields);
        return random.Next(4) switch { 0 => cron + " " + Pick(random, "0", "*/20", "30"), 1 when maxDay == 31 => cron + " 0 " + Pick(random, "*", "2020-2028", "2026"), _ => cron };
    }

    internal static string RRule(Random random)
    {
        string rule = "FREQ=" + Pick(random, "YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY");
        void Maybe(int one, string part)
        {
            if (random.Next(one) == 0)
                rule += ";" + part;
        }
        Maybe(2, "INTERVAL=" + Pick(random, "2", "3", "5", "7", "30"));
        Maybe(4, "BYMONTH=" + Pick(random, "3", "10,11", "2,3,4", "12"));
        Maybe(5, "BYMONTHDAY=" + Pick(random, "-1", "8,29", "1,15"));
        Maybe(4, "BYDAY=" + Pick(random, "MO", "SU,SA", "2SU,-1SU"));
        Maybe(8, "BYWEEKNO=" + Pick(random, "1", "10,44", "-1"));
        Maybe(8, "BYYEARDAY=" + Pick(random, "67,-61", "100"));
        Maybe(8, "BYEASTER=" + Pick(random, "0", "-2,50"));
        Maybe(3, "BYHOUR=" + Pick(random, "2", "1,2,3", "0,23"));
        Maybe(3, "BYMINUTE=" + Pick(random, "0", "30", "0,15,45"));
        Maybe(8, "BYSETPOS=" + Pick(random, "1", "-1", "2,-2"));
        string start = "";
        switch (random.Next(6))
        {
            case 0: rule += ";UNTIL=20260308T023000"; break;
            case 1: rule += ";COUNT=" + Pick(random, "1", "10", "2000"); break;
            case 2: start = "DTSTART:" + Pick(random, "20100304T013000", "20260301T020500", "20111229T120000") + "\n"; break;
        }
        string sets = random.Next(5) switch { 0 => "\nEXDATE:20260308T023000,20261101T013000", 1 => "\nRDATE:20260308T021500,20111230T080000", 2 => "\nEXRULE:FREQ=WEEKLY;BYDAY=SU", _ => "" };
        return $"{start}RRULE:{rule}{sets}";
    }

    internal static Occurrences Parse(string kind, string text, string zone, DstPolicy policy = DstPolicy.PrefectCompatible)
    {
        Occurrences? schedule;
        ScheduleError? error;
        _ = kind switch
        {
            "cron" => Occurrences.TryParseCron(text, null, zone, policy, out schedule, out error),
            "rrule" => Occurrences.TryParseRRule(text, zone, policy, out schedule, out error),
            _ => Occurrences.TryParseInterval(double.Parse(text, CultureInfo.InvariantCulture), null, zone, out schedule, out error),
        };
        // A step of the interval may never meet the rule's own hour or minute: then any other rule does as well.
        return schedule ?? (error!.Message.Contains("never meets") ? Parse("rrule", "FREQ=DAILY;BYHOUR=2", zone, policy) : throw new InvalidOperationException($"{text}: {error.Message}"));
    }

    private static string Pick(Random random, params string[] choices) => choices[random.Next(choices.Length)];

    private static DateTime Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcDateTime;
}

using System.Globalization;

namespace Sluice.Schedules.Tests;

/// <summary>Dates as dateutil 2.9 reads them: each was read by it, twice, on different days.</summary>
public sealed class RRuleDateTests
{
    [Theory]
    [InlineData("20260131", "2026-01-31T00:00:00")]
    [InlineData("20260131T060000Z", "2026-01-31T06:00:00Z")]
    [InlineData("20260131T0600", "2026-01-31T06:00:00")]
    [InlineData("202601310600", "2026-01-31T06:00:00")]
    [InlineData("20260131060059", "2026-01-31T06:00:59")]
    [InlineData("20260131T060059,5", "2026-01-31T06:00:59")]
    [InlineData("2026-01-31T06:00:59.25", "2026-01-31T06:00:59")]
    [InlineData("2026/1/31", "2026-01-31T00:00:00")]
    [InlineData("2026.01.31", "2026-01-31T00:00:00")]
    [InlineData("12/31/2026", "2026-12-31T00:00:00")]
    [InlineData("31/12/2026", "2026-12-31T00:00:00")] // no month has this number
    [InlineData("1/2/26", "2026-01-02T00:00:00")]
    [InlineData("261231", "2031-12-26T00:00:00")] // the year first only where it can be no day
    [InlineData("321231", "2032-12-31T00:00:00")]
    [InlineData("120131", "2031-12-01T00:00:00")] // what could be a month is one
    [InlineData("1/2/75", "2075-01-02T00:00:00")]
    [InlineData("1/2/77", "1977-01-02T00:00:00")]
    [InlineData("31DEC2026", "2026-12-31T00:00:00")]
    [InlineData("31-DEC-2026", "2026-12-31T00:00:00")]
    [InlineData("DEC-31-2026", "2026-12-31T00:00:00")]
    [InlineData("DEC.31.2026", "2026-12-31T00:00:00")]
    [InlineData("2026-SEPT-3", "2026-09-03T00:00:00")]
    [InlineData("1JANUARY2026", "2026-01-01T00:00:00")]
    [InlineData("FRI,31DEC2026", "2026-12-31T00:00:00")] // a Thursday: the word says nothing
    [InlineData("20260101T06AM", "2026-01-01T06:00:00")]
    [InlineData("20260101T6PM", "2026-01-01T18:00:00")]
    [InlineData("20260101T12AM", "2026-01-01T00:00:00")]
    [InlineData("20260101T10:30PM", "2026-01-01T22:30:00")]
    [InlineData("20260101T06H30M", "2026-01-01T06:30:00")]
    [InlineData("20260101T06H30", "2026-01-01T06:30:00")]
    [InlineData("20260101T06H30M15S", "2026-01-01T06:30:15")]
    [InlineData("20260101T6.5H", "2026-01-01T06:30:00")]
    [InlineData("20261231T235959EST", "2026-12-31T23:59:59")] // names of zones are passed over
    [InlineData("20261231T235959GMT", "2026-12-31T23:59:59Z")]
    [InlineData("20261231T235959-05:00", "2026-12-31T23:59:59Z")]
    [InlineData("20261231T235959EST+5", "2026-12-31T23:59:59Z")]
    [InlineData("20261231T235959+0530", "2026-12-31T23:59:59Z")]
    [InlineData("\u0662\u0660\u0662\u0666\u0660\u0661\u0663\u0661", "2026-01-31T00:00:00")]
    [InlineData("", "is not a date")]
    [InlineData("TOMORROW", "is not a date")]
    [InlineData("20260230", "is not a date")]
    [InlineData("20260101T24", "is not a date")]
    [InlineData("20260101T2359+2400", "is not a date")]
    [InlineData("20260101T13AM", "is not a date")]
    [InlineData("20260101T13:00AM", "is not a date")]
    [InlineData("20260101T10:30.P", "is not a date")]
    [InlineData("13/13/2026", "is not a date")]
    [InlineData("JAN31DEC2026", "is not a date")]
    [InlineData("31DEC2026INF", "is not a date")]
    [InlineData("2026", "is not a whole date")]
    [InlineData("2026-12", "is not a whole date")]
    [InlineData("DEC2026", "is not a whole date")]
    [InlineData("10:00", "is not a whole date")]
    [InlineData("MONDAY", "is not a whole date")]
    public void Dates_are_read_as_dateutil_reads_them(string text, string reading)
    {
        string? fault = RRuleDate.Read(text, out DateTime date, out bool hasOffset);
        if (fault != null)
            (fault + " (").ShouldStartWith(reading + " (");
        else
            (date.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture) + (hasOffset ? "Z" : "")).ShouldBe(reading);
    }

    [Theory]
    [InlineData("FREQ=DAILY;UNTIL=12/31/2026", "2026-12-31T00:00:00Z")]
    [InlineData("FREQ=DAILY;BYHOUR=23;UNTIL=20261231T235959EST", "2026-12-31T23:00:00Z")]
    [InlineData("DTSTART:20260101T06AM\nRRULE:FREQ=DAILY;COUNT=2", "2026-01-02T06:00:00Z")]
    [InlineData("DTSTART:20260101T06H30M RDATE:31DEC2026T10:30PM", "2026-12-31T22:30:00Z")]
    [InlineData("RDATE:20260101,12/31/26 EXDATE:DEC-31-2026", "2026-01-01T00:00:00Z")]
    public void Every_property_takes_them(string rrule, string last)
    {
        Occurrences.TryParseRRule(rrule, null, out Occurrences? schedule, out ScheduleError? error).ShouldBeTrue(error?.Message);
        schedule!.Previous(new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc)).ShouldBe(DateTimeOffset.Parse(last, CultureInfo.InvariantCulture).UtcDateTime);
    }

    /// <summary>Pieces of dates in any order: an answer, and never an exception.</summary>
    [Fact]
    public void Random_dates_are_answered_and_never_thrown_at()
    {
        var random = new Random(Sluice.Testing.Fuzz.Seed);
        string[] heads = ["20260101T", "12/31/2026T", "31-DEC-2026", "20260101T10:30", "1/2/26", "DEC.31.2026", ""];
        string[] pieces = ["2026", "26", "12", "31", "0", "20260101", "T", "-", "/", ".", ":", ",", "JAN", "SEPT", "MON", "AM", "P", "H", "M", "S", "Z", "EST", "+", "0300", "235959.5", "6.5", "999999999999999999999999999999999", ".99999999999999999999999999999999999", "X", "\0", "\u0663", "\ud83d", "é"];
        int read = 0, rounds = Sluice.Testing.Fuzz.Count(50_000);
        for (int i = 0; i < rounds; i++)
        {
            string text = heads[random.Next(heads.Length)] + string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => pieces[random.Next(pieces.Length)]));
            read += RRuleDate.Read(text, out _, out _) is null ? 1 : 0;
        }
        read.ShouldBeInRange(rounds / 20, rounds - 1);
    }
}

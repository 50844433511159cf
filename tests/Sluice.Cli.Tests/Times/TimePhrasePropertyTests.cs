using Sluice.Cli.Times;
using Sluice.Testing;

namespace Sluice.Cli.Tests.Times;

/// <summary>What holds for every phrase of the grammar, whenever and wherever it is said.</summary>
public sealed class TimePhrasePropertyTests
{
    // With changes of clocks by an hour, by half an hour, at midnight, and none.
    private static readonly string[] s_zones = ["UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Asia/Kolkata", "Pacific/Chatham"];

    private static readonly string[] s_clocks =
    [
        "9am", "12am", "12pm", "5:45 pm", "0:00", "2:30", "3:00", "17:30:10", "23:59", "24:00", "noon", "midnight", "half past nine", "quarter to one", "ten past 11", "9 o'clock", "at 9", "at 1730", "at 17h30", "9 in the evening", "3 in the morning",
    ];

    // None of them names a day that is over: not today, tonight, yesterday, a year, or this month's.
    private static readonly string[] s_days =
    [
        "tomorrow", "tomorrow morning", "tomorrow afternoon", "tomorrow evening", "tomorrow night", "day after tomorrow", "next week", "next month", "next year", "next week on monday", "friday next week",
        "monday", "tue", "on wednesday", "this friday", "coming saturday", "next sunday", "the 1st", "the 15th", "the 29th", "the 31st", "the 15th of next month",
        "january 1", "february 29", "1st of march", "june the 30th", "dec 31", "end of the day", "end of tomorrow", "end of week", "end of the month", "end of the year", "end of next week", "end of february",
        "start of the week", "start of next month", "beginning of the month", "beginning of november", "first day of the year", "first day of the month", "last day of the month", "last day of june", "last day of next year",
        "first monday of the month", "2nd tuesday of january", "the last friday of the month", "last sunday of march", "fifth sunday of the month", "third thursday of next month", "a week from friday", "3 days after tomorrow",
    ];

    private static readonly string[] s_lengths = ["in 10 minutes", "2h30m", "in an hour and a half", "half an hour from now", "in 0 seconds", "in 3 days", "in 2 weeks", "in a month", "in 1 year and 2 months", "in a fortnight", "1.5 days from now"];

    [Fact]
    public void What_names_nothing_that_is_over_lies_in_the_future_or_is_refused()
    {
        Random random = new(Fuzz.Seed);
        int understood = 0, all = Fuzz.Count(20_000);
        for (int i = 0; i < all; i++)
        {
            TimeZoneInfo zone = TimeZoneInfo.FindSystemTimeZoneById(Any(s_zones));
            DateTimeOffset now = Said(zone);
            string day = Any(s_days), clock = Any(s_clocks), length = Any(s_lengths);
            string phrase = random.Next(6) switch
            {
                0 => clock,
                1 => day,
                2 => length,
                3 => $"{length} {clock}",
                4 => $"{clock} {day}",
                _ => $"{day} {(clock.StartsWith("at ", StringComparison.Ordinal) || random.Next(2) == 0 ? "" : "at ")}{clock}",
            };
            if (!TimePhrase.TryParse(phrase, now, zone, out PhraseTime time, out string? error))
            {
                error.ShouldNotBeNullOrEmpty();
                continue;
            }
            understood++;
            string said = $"'{phrase}' said at {now:O} in {zone.Id} (seed {Fuzz.Seed}): {time.Time:O}";
            (time.Time >= now).ShouldBeTrue(said);
            // The 29th of February is the rarest day.
            (time.Time - now).TotalDays.ShouldBeLessThan(8 * 366, said);
        }
        understood.ShouldBeGreaterThan(all / 2);

        string Any(string[] words) => words[random.Next(words.Length)];

        // Any second of four years; often around a midnight, the end of a month, or a change of clocks.
        DateTimeOffset Said(TimeZoneInfo zone)
        {
            DateTimeOffset time = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(random.Next(4 * 365 * 24 * 3600));
            switch (random.Next(4))
            {
                case 0:
                    return time;
                case 1:
                    return WallClock.ToTime(WallClock.At(time, zone).Date, zone).Time.AddSeconds(random.Next(-60, 61));
                case 2:
                    DateTime wall = WallClock.At(time, zone);
                    return WallClock.ToTime(new DateTime(wall.Year, wall.Month, 1), zone).Time.AddSeconds(random.Next(-100_000, 100_000));
                default:
                    TimeSpan offset = zone.GetUtcOffset(time);
                    DateTimeOffset change = time;
                    for (int hour = 0; hour < 366 * 24 && zone.GetUtcOffset(change) == offset; hour += 12)
                        change = change.AddHours(12);
                    for (int minute = 0; minute < 12 * 60 && zone.GetUtcOffset(change.AddMinutes(-1)) != offset; minute++)
                        change = change.AddMinutes(-1);
                    return change.AddSeconds(random.Next(-7200, 7200));
            }
        }
    }
}

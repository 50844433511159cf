using Sluice.CodeFixes;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests.Fixes;

/// <summary>Code fixes of schedules, applied; each row is rule, title, and the attribute's arguments before and after.</summary>
public class ScheduleFixTests
{
    public static TheoryData<string, string, string, string> Rows => new()
    {
        // Jenkins's H and croniter's R; names written out; Quartz's last Friday.
        { "SLC0402", "Change to \"0 6 * * *\"", "Cron = \"H 6 * * *\"", "Cron = \"0 6 * * *\"" },
        { "SLC0402", "Change to \"*/15 6 * * *\"", "Cron = @\"H/15 6 * * *\"", "Cron = @\"*/15 6 * * *\"" },
        { "SLC0402", "Change to \"0 6 * * *\"", "Cron = \"R 6 * * *\"", "Cron = \"0 6 * * *\"" },
        { "SLC0402", "Change to \"10 6 * * *\"", "Cron = \"\"\"R(10-20) 6 * * *\"\"\"", "Cron = \"\"\"10 6 * * *\"\"\"" },
        { "SLC0402", "Change to \"0 6 * * mon\"", "Cron = \"0 6 * * monday\"", "Cron = \"0 6 * * mon\"" },
        { "SLC0403", "Change to \"PT15M\"", "Interval = \"15 min\"", "Interval = \"PT15M\"" },
        { "SLC0403", "Change to \"5\"", "Interval = @\"-5\"", "Interval = @\"5\"" },
        { "SLC0404", "Change to \"FREQ=WEEKLY;BYDAY=MO,TU,WE\"", "RRule = \"FREQ=WEEKLY;BYDAY=MON,Tuesday,WE\"", "RRule = \"FREQ=WEEKLY;BYDAY=MO,TU,WE\"" },
        { "SLC0404", "Change to \"FREQ=DAILY;INTERVAL=2\"", "RRule = \"\"\"FREQ=DAYLY;INTERVALL=2\"\"\"", "RRule = \"\"\"FREQ=DAILY;INTERVAL=2\"\"\"" },
        { "SLC0406", "Change to \"2026-01-05T06:00:00\"", "Interval = \"PT6H\", AnchorDate = \"2026/1/5 6:00\"", "Interval = \"PT6H\", AnchorDate = \"2026-01-05T06:00:00\"" },
        { "SLC0407", "Change to \"0 0 L 2 *\"", "Cron = \"0 0 31 2 *\"", "Cron = \"0 0 L 2 *\"" },
        { "SLC0431", "Set MaxMisfires to 1", "Cron = \"0 6 * * *\", Misfire = MisfirePolicy.RunAll, MaxMisfires = -3", "Cron = \"0 6 * * *\", Misfire = MisfirePolicy.RunAll, MaxMisfires = 1" },
        { "SLC0431", "Set MaxMisfires to 10000", "Cron = \"0 6 * * *\", Misfire = MisfirePolicy.RunAll, MaxMisfires = 99999", "Cron = \"0 6 * * *\", Misfire = MisfirePolicy.RunAll, MaxMisfires = 10000" },
        { "SLC0405", "Change to \"Europe/Paris\"", "Cron = \"0 6 * * *\", TimeZone = \"Romance Standard Time\"", "Cron = \"0 6 * * *\", TimeZone = \"Europe/Paris\"" },
        { "SLC0405", "Change to \"Europe/Berlin\"", "Cron = \"0 6 * * *\", TimeZone = @\"W. Europe Standard Time\"", "Cron = \"0 6 * * *\", TimeZone = @\"Europe/Berlin\"" },
        { "SLC0405", "Change to \"Europe/Paris\"", "Cron = \"0 6 * * *\", TimeZone = \"\"\"Europe/Pariss\"\"\"", "Cron = \"0 6 * * *\", TimeZone = \"\"\"Europe/Paris\"\"\"" },
        { "SLC0405", "Change to \"America/New_York\"", "Cron = \"0 6 * * *\", TimeZone = \"america/new_york\"", "Cron = \"0 6 * * *\", TimeZone = \"America/New_York\"" },
        { "SLC0411", "Change to \"3 * * * *\"", "Cron = \"3-3 * * * *\"", "Cron = \"3 * * * *\"" },
        { "SLC0411", "Change to \"3 * * * *\"", "Cron = \"\\u0033-3 * * * *\"", "Cron = \"\\u0033 * * * *\"" },
        { "SLC0412", "Change to \"0 * * * *\"", "Cron = \"*/90 * * * *\"", "Cron = \"0 * * * *\"" },
        { "SLC0413", "Change to \"0 6 * * *\"", "Cron = \"0 0 6 * * ?\"", "Cron = \"0 6 * * *\"" },
        { "SLC0413", "Change to \"15 10 * * mon-fri\"", "Cron = @\"0 15 10 ? * MON-FRI\"", "Cron = @\"15 10 * * mon-fri\"" },
        { "SLC0413", "Change to \"*/5 * * * *\"", "Cron = \"0 */5 * * * *\"", "Cron = \"*/5 * * * *\"" },
        { "SLC0414", "Change to \"30 6 * * *\"", "Cron = \"Cron.Daily(6, 30)\"", "Cron = \"30 6 * * *\"" },
        { "SLC0414", "Change to \"0 0 * * *\"", "Cron = \"\"\"Cron.Daily()\"\"\"", "Cron = \"\"\"0 0 * * *\"\"\"" },
        { "SLC0415", "Change to \"DTSTART:20200101T000000 RRULE:FREQ=DAILY;INTERVAL=2\"", "RRule = \"FREQ=DAILY;INTERVAL=2\"", "RRule = \"DTSTART:20200101T000000\\nRRULE:FREQ=DAILY;INTERVAL=2\"" },
        { "SLC0415", "Change to \"DTSTART:20200101T000000 RRULE:FREQ=DAILY;INTERVAL=2\"", "RRule = @\"FREQ=DAILY;INTERVAL=2\"", "RRule = \"DTSTART:20200101T000000\\nRRULE:FREQ=DAILY;INTERVAL=2\"" },
        { "SLC0415", "Change to \"DTSTART:20200101T000000 RRULE:FREQ=DAILY;INTERVAL=2\"", "RRule = \"\"\"FREQ=DAILY;INTERVAL=2\"\"\"", "RRule = \"DTSTART:20200101T000000\\nRRULE:FREQ=DAILY;INTERVAL=2\"" },
        { "SLC0415", "Change to \"DTSTART:20200101T000000 RRULE:FREQ=DAILY;INTERVAL=2\"", "RRule = \"\"\"\n        RRULE:FREQ=DAILY;INTERVAL=2\n        \"\"\"",
            "RRule = \"\"\"\n        DTSTART:20200101T000000\n        RRULE:FREQ=DAILY;INTERVAL=2\n        \"\"\"" },
        { "SLC0416", "Add AnchorDate = \"2020-01-01T00:00:00Z\"", "Interval = \"PT7H\"", "Interval = \"PT7H\", AnchorDate = \"2020-01-01T00:00:00Z\"" },
        { "SLC0416", "Add AnchorDate = \"2020-01-01T00:00:00+01:00\"", "Interval = \"P2D\",\n        TimeZone = \"Europe/Paris\"", "Interval = \"P2D\",\n        TimeZone = \"Europe/Paris\",\n        AnchorDate = \"2020-01-01T00:00:00+01:00\"" },
        // Constants are mended where they are declared, as many names as there are between.
        { "SLC0405", "Change the constant Paris to \"Europe/Paris\"", "Cron = \"0 6 * * *\", TimeZone = Zones.Alias/**/", "Cron = \"0 6 * * *\", TimeZone = Zones.Alias" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public Task A_fix_of_a_schedule_changes_what_it_says_in_the_literals_own_form(string id, string title, string before, string after) =>
        CodeFixTest.Apply(
            id, title, Source(before.Replace("/**/", ""), before.Contains("/**/") ? "Romance Standard Time" : "Europe/Paris"), Source(after, "Europe/Paris"));

    [Theory]
    [InlineData("SLC0411", "Change to \"3 5-5 * * *\"", "Cron = \"3-3 5-5 * * *\"", "Cron = \"3 5 * * *\"")]
    [InlineData("SLC0412", "Change to \"0 */30 * * *\"", "Cron = \"*/90 */30 * * *\"", "Cron = \"0 0 * * *\"")]
    public Task Fix_all_leaves_none(string id, string title, string before, string after) => CodeFixTest.ApplyToAll(id, title, Source(before, "UTC"), Source(after, "UTC"));

    [Theory]
    [InlineData("Cron = \"0 6 * * \" + Zones.Day")]
    [InlineData("Cron = $\"0 6 * * {Zones.Day}\"")]
    [InlineData("Cron = nameof(Zones)")]
    [InlineData("Cron = \"0 6 * * 99\"")]
    [InlineData("Interval = \"soon\"")]
    public async Task Where_nothing_is_obvious_nothing_is_offered(string argument)
    {
        CodeFixTest test = await CodeFixTest.Of(Source(argument, "UTC"));
        (await test.Actions(test.Problems.Where(problem => problem.Id is "SLC0402" or "SLC0403").ShouldHaveSingleItem())).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("15m", "PT15M")]
    [InlineData("1h", "PT1H")]
    [InlineData("every 5 minutes", "PT5M")]
    [InlineData("2 days", "P2D")]
    [InlineData("1w", "P1W")]
    [InlineData("pt15m", "PT15M")]
    [InlineData("-PT5M", "PT5M")]
    [InlineData("-00:15:00", "00:15:00")]
    [InlineData("1h30m", "PT1H30M")]
    [InlineData("soon", null)]
    [InlineData("0", null)]
    [InlineData("", null)]
    public void Durations_of_other_tools_are_understood(string written, string? corrected) => DurationCodeFix.Interval(written).ShouldBe(corrected);

    [Theory]
    [InlineData("2026-1-5", "2026-01-05")]
    [InlineData("2026.01.05 18:30:15 +0200", "2026-01-05T18:30:15+02:00")]
    [InlineData("2026-01-05 06:00z", "2026-01-05T06:00:00Z")]
    [InlineData("1/2/2026", null)]
    [InlineData("2026-13-01", null)]
    public void Dates_with_the_year_first_are_understood(string written, string? corrected) => DurationCodeFix.Anchor(written).ShouldBe(corrected);

    private static string Source(string arguments, string zone) =>
        $"public static class F\n{{\n    [Flow]\n    [Deployment(\"a\", {arguments})]\n    public static void Run() {{ }}\n}}\n"
            + $"public static class Zones {{ private const string Paris = \"{zone}\"; public const string Alias = (Paris); public const string Day = \"monday\"; }}\n";
}

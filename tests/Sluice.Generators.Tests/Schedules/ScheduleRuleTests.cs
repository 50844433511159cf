using Microsoft.CodeAnalysis;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests.Schedules;

/// <summary>Each rule on schedules: the characters it marks, what it says, and what it offers instead.</summary>
public class ScheduleRuleTests
{
    /// <summary>An expression with the marked fault, the message, and the expression offered instead (null: none).</summary>
    public static TheoryData<string, string, string?> Crons => new()
    {
        { "0 {|SLC0402:25|} * * *", "Invalid cron expression: hour: '25' is not in 0-23.", null },
        { "0 0 0-{|SLC0402:32|} * *", "Invalid cron expression: day of month: '32' is not in 1-31.", null },
        { "0 0 * * mon,{|SLC0402:monday|}", "Invalid cron expression: day of week: 'monday' is not a name; names have three letters: mon.", "0 0 * * mon,mon" },
        { "0 0 * * {|SLC0402:5L|}", "Invalid cron expression: day of week: '5L' is not a weekday; the last one of the month is written L5.", "0 0 * * L5" },
        { "{|SLC0402:R|} * * * *", "Invalid cron expression: minute: 'R' is a random or hashed value, which schedules do not support; give a number.", "0 * * * *" },
        { "0 {|SLC0402:H|} * * *", "Invalid cron expression: hour: 'H' is a random or hashed value, which schedules do not support; give a number.", "0 0 * * *" },
        { "{|SLC0402:H/15|} * * * *", "Invalid cron expression: minute: 'H/15' is a random or hashed value, which schedules do not support; give a number.", "*/15 * * * *" },
        { "{|SLC0402:R(10-20)|} * * * *", "Invalid cron expression: minute: 'R(10-20)' is a random or hashed value, which schedules do not support; give a number.", "10 * * * *" },
        { "{|SLC0402:R(10-20)/5|} * * * *", "Invalid cron expression: minute: 'R(10-20)/5' is a random or hashed value, which schedules do not support; give a number.", "10-20/5 * * * *" },
        { "{|SLC0402:0 6 * *|}", "Invalid cron expression: it has 4 fields; a cron expression has 5 (minute hour day month weekday), 6 (and second) or 7 (and year).", null },
        { "{|SLC0407:0 0 31 2 *|}", "'0 0 31 2 *' never fires", null },
        { "{|SLC0407:0 0 1 1 * 0 2020|}", "'0 0 1 1 * 0 2020' never fires", null },

        { "0 0 * * {|SLC0411:3-3|}", "day of week: '3-3' stands for the whole range 0-6 or sun-sat, since it ends where it begins; for that value alone write 3", "0 0 * * 3" },
        { "0 0 1,{|SLC0411:5-5|} * *", "day of month: '5-5' stands for the whole range 1-31, since it ends where it begins; for that value alone write 5", "0 0 1,5 * *" },
        { "0 0 * {|SLC0411:jan-1|} *", "month: 'jan-1' stands for the whole range 1-12 or jan-dec, since it ends where it begins; for that value alone write jan", "0 0 * jan *" },
        { "{|SLC0411:59/15|} * * * *", "minute: '59/15' stands for the whole range 0-59 in steps of 15, since it ends where it begins; for that value alone write 59", "59 * * * *" },
        { "0 0 * * {|SLC0411:7-7|}", "day of week: '7-7' stands for the whole range 0-6 or sun-sat, since it ends where it begins; for that value alone write 7", "0 0 * * 7" },
        { "0 0 * * {|SLC0411:mon-mon|}#2", "day of week: 'mon-mon' stands for the whole range 0-6 or sun-sat, since it ends where it begins; for that value alone write mon", "0 0 * * mon#2" },

        { "{|SLC0412:*/90|} * * * *", "minute: the step of '*/90' goes beyond 0-59, so that only 0 matches; for every 90 minutes use Interval = \"PT90M\"", "0 * * * *" },
        { "{|SLC0412:*/60|} * * * *", "minute: the step of '*/60' goes beyond 0-59, so that only 0 matches", "0 * * * *" },
        { "0 0 {|SLC0412:10-20/15|} * *", "day of month: the step of '10-20/15' goes beyond 10-20, so that only 10 matches", "0 0 10 * *" },
        { "0 {|SLC0412:22-2/9|} * * *", "hour: the step of '22-2/9' goes beyond 22-2, so that only 22 matches", "0 22 * * *" },
        { "0 0 * * {|SLC0412:fri/4|}", "day of week: the step of 'fri/4' goes beyond fri-6, so that only fri matches", "0 0 * * fri" },
        { "0 0 * * * {|SLC0412:*/99999999999|}", "second: the step of '*/99999999999' goes beyond 0-59, so that only 0 matches", "0 0 * * * 0" },

        { "{|SLC0413:0 */5 * * * *|}", "'0 */5 * * * *': it seems to have seconds first, as in NCrontab and Quartz; here the first field is minutes and seconds come sixth; write '*/5 * * * *' (every 5 minutes every day (UTC))", "*/5 * * * *" },
        { "{|SLC0413:*/30 * * * * *|}", "'*/30 * * * * *': it seems to have seconds first, as in NCrontab and Quartz; here the first field is minutes and seconds come sixth; write '* * * * * */30' (at seconds 0 and 30 of every minute every day (UTC))", "* * * * * */30" },
        { "{|SLC0413:0 15 9 * * 1-5|}", "'0 15 9 * * 1-5': it seems to have seconds first, as in NCrontab and Quartz; here the first field is minutes and seconds come sixth; write '15 9 * * 1-5' (at 09:15 on Monday to Friday (UTC))", "15 9 * * 1-5" },
        { "{|SLC0413:0 15 9 * * 1|}", "'0 15 9 * * 1': it seems to have seconds first, as in NCrontab and Quartz; here the first field is minutes and seconds come sixth; write '15 9 * * 1' (at 09:15 on Monday (UTC))", "15 9 * * 1" },
        { "{|SLC0413:0 10 * * ? *|}", "'0 10 * * ? *': it is an EventBridge expression, whose sixth field is the year; here it is seconds; write '0 10 * * *' (at 10:00 every day (UTC))", "0 10 * * *" },
        { "{|SLC0413:0 6 ? * 1|}", "'0 6 ? * 1': '?' is Quartz's; here it is '*'; write '0 6 * * 1' (at 06:00 on Monday (UTC))", "0 6 * * 1" },
    };

    /// <summary>Expressions that are read as croniter reads them without a word.</summary>
    public static TheoryData<string> Silent =>
    [
        "0 6 * * *", "@daily", "*/15 9-17 * * mon-fri", "0 0 * * 0-7", "0 0 * * sun-7", "22-2 * * * *", "0 0 L * *", "0 0 * * L5", "0 0 * * fri#2",
        "0 6 * * * 0", "0 6 * * * 30", "0 6 * * * 0,30", "* * * * * */10", "* 6 * * * *", "* * * * * *", "0 0 1 1 * 0 2050", "0 6 * * * 5", "*/5 * * * * 0,30", "0 9 * * 1 15",
        "0 */23 * * *", "5/15 * * * *", "0 0 1/30 * *",
    ];

    /// <summary>Expressions of other schedulers that are invalid here, each with what it means.</summary>
    public static TheoryData<string, string?> Foreign => new()
    {
        { "0 0 12 * * ?", "0 12 * * *" },
        { "0 0/5 14 * * ?", "0/5 14 * * *" },
        { "0/10 * * * * ?", "* * * * * 0/10" },
        { "30 0 12 ? * 2-6", "0 12 * * mon-fri 30" },
        { "0 15 10 ? * 6L", "15 10 * * L5" },
        { "0 15 10 ? * 6#3", "15 10 * * fri#3" },
        { "0 15 10 ? * L", "15 10 * * sat" },
        { "0 15 10 ? * FRIL", "15 10 * * L5" },
        { "0 15 10 * * ? 2085", "15 10 * * * 0 2085" },
        { "0 15 10 L * ?", "15 10 L * *" },
        { "0 15 10 15W * ?", null },
        { "0 30 9 * * MON-FRI", "30 9 * * MON-FRI" },
        { "0 30 9 * * *", "30 9 * * *" },
        { "15 30 9 * * 7", "30 9 * * 0 15" },
        { "0 12 * ? * MON", "12 * * * mon" },
        { "0 0 12 * * MON *", "0 12 * * MON" },
        { "0 10 * * ? 2085", "0 10 * * * 0 2085" },
        { "cron(0 10 ? * MON-FRI *)", "0 10 * * mon-fri" },
    };

    /// <summary>What Hangfire's helpers return, by its documentation.</summary>
    public static TheoryData<string, string?> Hangfire => new()
    {
        { "Cron.Minutely()", "* * * * *" },
        { "Cron.Hourly()", "0 * * * *" },
        { "Cron.Hourly(30)", "30 * * * *" },
        { "Cron.Daily()", "0 0 * * *" },
        { "Cron.Daily", "0 0 * * *" },
        { "Hangfire.Cron.Daily(6);", "0 6 * * *" },
        { "Cron.Daily(6, 30)", "30 6 * * *" },
        { "Cron.Daily(minute: 30, hour: 6)", "30 6 * * *" },
        { "Cron.Weekly()", "0 0 * * 1" },
        { "Cron.Weekly(DayOfWeek.Sunday, 6, 15)", "15 6 * * 0" },
        { "Cron.Monthly()", "0 0 1 * *" },
        { "Cron.Monthly(15, 6)", "0 6 15 * *" },
        { "Cron.Yearly()", "0 0 1 1 *" },
        { "Cron.Yearly(3, 15, 6, 30)", "30 6 15 3 *" },
        { "Cron.MinuteInterval(5)", "*/5 * * * *" },
        { "Cron.HourInterval(4)", "0 */4 * * *" },
        { "Cron.DayInterval(2)", "0 0 */2 * *" },
        { "Cron.MonthInterval(3)", "0 0 1 */3 *" },
        { "Cron.Never()", null },
        { "Cron.Daily(six)", null },
        { "Cron.Daily(6", null },
        { "Cron.Daily(25)", null },
        { "Cron.Daily(1, 2, 3, 4)", null },
    };

    public static TheoryData<string, string, string?> Others => new()
    {
        { "Cron = \"0 6 * * *\", TimeZone = \"{|SLC0405:Romance Standard Time|}\"", "Unknown time zone: 'Romance Standard Time' is not an IANA time zone id but a Windows one; did you mean 'Europe/Paris'?", "Europe/Paris" },
        { "Cron = \"0 6 * * *\", TimeZone = \"{|SLC0405:india standard time|}\"", "Unknown time zone: 'india standard time' is not an IANA time zone id but a Windows one; did you mean 'Asia/Kolkata'?", "Asia/Kolkata" },
        { "Cron = \"0 6 * * *\", TimeZone = @\"{|SLC0405:Europe/Pariss|}\"", "Unknown time zone: 'Europe/Pariss' is not an IANA time zone id; did you mean 'Europe/Paris'?", "Europe/Paris" },
        { "Cron = \"0 6 * * *\", TimeZone = \"{|SLC0405:Middle-earth|}\"", "Unknown time zone: 'Middle-earth' is not an IANA time zone id (as Europe/Paris or UTC).", null },
        { "Cron = \"0 6 * * *\", TimeZone = \"{|SLC0405:utc|}\"", "Unknown time zone: 'utc' is not an IANA time zone id; did you mean 'UTC'?", "UTC" },
        { "Cron = \"0 6 * * *\", TimeZone = \"{|SLC0405:GMT+1|}\"", "Unknown time zone: 'GMT+1' is not an IANA time zone id; did you mean 'Etc/GMT-1'?", "Etc/GMT-1" },
        { "Cron = \"0 6 * * *\", TimeZone = \"{|SLC0405:UTC-05:00|}\"", "Unknown time zone: 'UTC-05:00' is not an IANA time zone id; did you mean 'Etc/GMT+5'?", "Etc/GMT+5" },
        { "Interval = \"{|SLC0403:-5|}\"", "Invalid interval: an interval of -5 seconds is not possible; it must be above 0 and below 900000000000.", null },
        { "Interval = {|SLC0416:\"P1D\"|}", "Without AnchorDate the server decides the time of day of 'P1D'; give the time to count from", "AnchorDate=2020-01-01T00:00:00Z" },
        { "Interval = {|SLC0416:\"P2W\"|}, TimeZone = \"Europe/Paris\"", "Without AnchorDate the server decides the weekday and the time of day of 'P2W'; give the time to count from", "AnchorDate=2020-01-01T00:00:00+01:00" },
        { "Interval = {|SLC0416:\"P2D\"|}, TimeZone = \"America/New_York\"", "Without AnchorDate the server decides the day and the time of day of 'P2D'; give the time to count from", "AnchorDate=2020-01-01T00:00:00-05:00" },
        { "Interval = {|SLC0416:\"PT7H\"|}", "Without AnchorDate the server decides the hours of 'PT7H'; give the time to count from", "AnchorDate=2020-01-01T00:00:00Z" },
        { "Interval = \"PT6H\"", "", null },
        { "Interval = \"PT7M\"", "", null },
        { "Interval = \"P1D\", AnchorDate = \"2026-01-01T06:00:00Z\"", "", null },
        { "RRule = {|SLC0415:\"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO\"|}", "Without DTSTART the rule starts on 2020-01-01: it decides which weeks INTERVAL=2 falls on; write the DTSTART that is meant", "DTSTART:20200101T000000\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO" },
        { "RRule = {|SLC0415:\"FREQ=WEEKLY\"|}", "Without DTSTART the rule starts on 2020-01-01: it falls on Wednesdays; write the DTSTART that is meant", "DTSTART:20200101T000000\nRRULE:FREQ=WEEKLY" },
        { "RRule = {|SLC0415:\"RRULE:FREQ=MONTHLY\"|}", "Without DTSTART the rule starts on 2020-01-01: it falls on the 1st of the month; write the DTSTART that is meant", "DTSTART:20200101T000000\nRRULE:FREQ=MONTHLY" },
        { "RRule = {|SLC0415:\"FREQ=YEARLY;UNTIL=20900101T000000\"|}", "Without DTSTART the rule starts on 2020-01-01: it falls on the 1st of January; write the DTSTART that is meant", "DTSTART:20200101T000000\nRRULE:FREQ=YEARLY;UNTIL=20900101T000000" },
        { "RRule = {|SLC0407:\"FREQ=DAILY;UNTIL=20900101T000000Z\"|}", "'FREQ=DAILY;UNTIL=20900101T000000Z' never fires: where UNTIL has a Z, Prefect needs a DTSTART with one", "DTSTART:20200101T000000Z\nRRULE:FREQ=DAILY;UNTIL=20900101T000000Z" },
        { "RRule = {|SLC0415:\"FREQ=DAILY;COUNT=20000\"|}", "Without DTSTART the rule starts on 2020-01-01: the 20000 times of COUNT are counted from then; write the DTSTART that is meant", "DTSTART:20200101T000000\nRRULE:FREQ=DAILY;COUNT=20000" },
        { "RRule = {|SLC0415:\"FREQ=HOURLY;INTERVAL=7\"|}", "Without DTSTART the rule starts on 2020-01-01: it decides which hours INTERVAL=7 falls on; write the DTSTART that is meant", "DTSTART:20200101T000000\nRRULE:FREQ=HOURLY;INTERVAL=7" },
        { "RRule = \"FREQ=WEEKLY;BYDAY=MO\"", "", null },
        { "RRule = \"FREQ=DAILY;BYHOUR=9\"", "", null },
        { "RRule = \"FREQ=MINUTELY;INTERVAL=5\"", "", null },
        { "RRule = \"FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1\"", "", null },
        { "RRule = \"DTSTART:20260101T060000\\nRRULE:FREQ=WEEKLY;INTERVAL=2\"", "", null },
    };

    [Theory]
    [MemberData(nameof(Crons))]
    public async Task A_cron_expression_is_judged_as_croniter_reads_it(string cron, string message, string? replacement)
    {
        string whole = cron.StartsWith("{|", StringComparison.Ordinal) && cron.EndsWith("|}", StringComparison.Ordinal) && !cron.Contains("SLC0402", StringComparison.Ordinal)
            ? cron.Insert(cron.IndexOf(':', StringComparison.Ordinal) + 1, "\"").Insert(cron.Length - 1, "\"") : $"\"{cron}\"";
        Diagnostic found = (await Found($"Cron = {whole}")).ShouldHaveSingleItem();
        Message(found).ShouldBe(message);
        Offered(found).ShouldBe(replacement);
    }

    [Theory]
    [MemberData(nameof(Silent))]
    public async Task What_croniter_reads_as_anybody_would_is_not_reported(string cron) => (await Found($"Cron = \"{cron}\"")).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task An_expression_of_another_scheduler_is_converted(string cron, string? expected)
    {
        IReadOnlyList<Diagnostic> found = await AnalyzerTest.Of(Source($"Cron = \"{cron}\""));
        found.ShouldContain(diagnostic => diagnostic.Id == "SLC0402", "it is invalid here");
        Diagnostic? foreign = found.SingleOrDefault(diagnostic => diagnostic.Id == "SLC0413");
        (foreign is null ? null : Offered(foreign)).ShouldBe(expected);
    }

    [Theory]
    [MemberData(nameof(Hangfire))]
    public async Task A_call_of_Hangfire_is_replaced_by_what_it_returns(string call, string? expected) =>
        Offered((await AnalyzerTest.Only("SLC0414", Source($"Cron = {{|SLC0414:\"{call}\"|}}"))).ShouldHaveSingleItem()).ShouldBe(expected);

    [Theory]
    [MemberData(nameof(Others))]
    public async Task Zones_intervals_and_rules_are_judged(string arguments, string message, string? offered)
    {
        IReadOnlyList<Diagnostic> found = await Found(arguments);
        string.Join("\n", found.Select(Message)).ShouldBe(message);
        found.Select(Offered).FirstOrDefault().ShouldBe(offered);
    }

    private static Task<IReadOnlyList<Diagnostic>> Found(string arguments) => AnalyzerTest.Marked(Source(arguments));

    private static string Source(string arguments) => $"public class C {{ [Flow] [Deployment(\"a\", {arguments})] public static void Run() {{ }} }}";

    private static string Message(Diagnostic diagnostic) => diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture);

    private static string? Offered(Diagnostic diagnostic) =>
        diagnostic.Properties.TryGetValue("replacement", out string? text) ? text
        : diagnostic.Properties.TryGetValue("argument", out string? name) ? $"{name}={diagnostic.Properties["value"]}" : null;
}

using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests.Schedules;

/// <summary>What is judged by due times: coincidence, density, words; and where runs go.</summary>
public class ScheduleSetTests
{
    public static TheoryData<string, string> Sets => new()
    {
        { """[Deployment("a", Cron = "0 6 * * *")] [Schedule("a", RRule = {|SLC0417:"FREQ=DAILY;BYHOUR=6"|})]""", "Its next 1,000 due times are those of the deployment's Cron = \"0 6 * * *\" too, so that each starts two runs; remove one of the schedules" },
        { """[Deployment("a")] [Schedule("a", Cron = "0 6 * * 1")] [Schedule("a", Cron = "0 7 * * 1")] [Schedule("a", Cron = {|SLC0417:"0 6 * * mon"|})]""", "Its next 1,000 due times are those of the deployment's Cron = \"0 6 * * 1\" too, so that each starts two runs; remove one of the schedules" },
        { """[Deployment("a", Cron = "0 * * * *")] [Schedule("a", Interval = {|SLC0417:"PT1H"|}, AnchorDate = "2020-01-01")]""", "Its next 1,000 due times are those of the deployment's Cron = \"0 * * * *\" too, so that each starts two runs; remove one of the schedules" },
        { """[Deployment("a", Interval = "PT1H")] [Schedule("a", Interval = {|SLC0417:"3600"|})]""", "Its next 1,000 due times are those of the deployment's Interval = \"PT1H\" too, so that each starts two runs; remove one of the schedules" },
        { """[Deployment("a", Cron = "0 0 1 1 * 0 2040,2041")] [Schedule("a", RRule = {|SLC0417:"DTSTART:20400101T000000\nRRULE:FREQ=YEARLY;COUNT=2"|})]""", "All 2 due times are those of the deployment's Cron = \"0 0 1 1 * 0 2040,2041\" too, so that each starts two runs; remove one of the schedules" },
        { """[Deployment("a", Cron = "0 6 * * *", TimeZone = "Europe/Paris")] [Schedule("a", Cron = {|SLC0417:"0 6 * * *"|}, TimeZone = "Europe/Brussels")]""", "Its next 1,000 due times are those of the deployment's Cron = \"0 6 * * *\" too, so that each starts two runs; remove one of the schedules" },
        { """[Deployment("a", Cron = "0 6 * * *")] [Schedule("a", Cron = "0 6 * * *", TimeZone = "Europe/Paris")]""", "" },
        { """[Deployment("a", Cron = "0 6 * * *")] [Schedule("a", Cron = "0 6 * * mon-fri")]""", "" },
        { """[Deployment("a", Cron = "0 6 * * *")] [Schedule("a", Cron = "0 6 * * *", Parameters = "{\"n\": 2}")]""", "" },
        { """[Deployment("a", Cron = "0 * * * *")] [Schedule("a", Interval = "PT1H")]""", "" },
        { """[Deployment("a", Cron = "0 6 * * *")] [Deployment("b", Cron = "0 6 * * *")]""", "" },
    };

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task Schedules_that_coincide_are_told(string attributes, string message) =>
        string.Join("\n", await AnalyzerTest.Run(Source(attributes))).ShouldBe(message);

    [Theory]
    [InlineData("Cron = {|SLC0419:\"* * * * * *\"|}", "Fires more often than once a minute: every second of every minute every day (UTC)")]
    [InlineData("Cron = {|SLC0419:\"0 6 * * * 0,30\"|}", null)]
    [InlineData("Interval = {|SLC0419:\"PT59S\"|}", null)]
    [InlineData("RRule = {|SLC0419:\"FREQ=SECONDLY;INTERVAL=30\"|}", null)]
    [InlineData("Interval = \"PT1M\"", null)]
    [InlineData("Cron = \"* * * * *\"", null)]
    [InlineData("Cron = \"0 6 * * * *\"", null)]
    public async Task A_schedule_of_seconds_is_told(string schedule, string? message)
    {
        IReadOnlyList<Diagnostic> found = await AnalyzerTest.Only("SLC0419", Source($"[Deployment(\"a\", {schedule})]"));
        found.ShouldAllBe(diagnostic => diagnostic.Severity == DiagnosticSeverity.Info);
        if (message is not null)
            Message(found.ShouldHaveSingleItem()).ShouldBe(message);
    }

    [Theory]
    [InlineData("[Deployment({|SLC0420:\"a\"|}, Cron = \"0 6 * * *\")]")]
    [InlineData("[Deployment(\"b\")] [Deployment({|SLC0420:\"a\"|})] [Schedule(\"a\", Interval = \"60\")]")]
    [InlineData("[Deployment(\"a\", Cron = \"0 6 * * *\", WorkQueue = \"q\")]")]
    [InlineData("[Deployment(\"a\", Cron = \"0 6 * * *\", WorkPool = \"p\")]")]
    [InlineData("[Deployment(\"a\")]")]
    public async Task A_schedule_that_goes_to_the_defaults_names_them(string attributes)
    {
        foreach (Diagnostic found in await AnalyzerTest.Only("SLC0420", Source(attributes)))
            Message(found).ShouldBe("'a' names neither WorkQueue nor WorkPool: its runs go to the queue 'default' of the pool 'default-agent-pool'");
    }

    [Fact]
    public async Task The_projects_pool_is_no_default() =>
        (await AnalyzerTest.Only("SLC0420", Source("[Deployment(\"a\", Cron = \"0 6 * * *\")]"), ("SluiceWorkPool", "kubernetes"))).ShouldBeEmpty();

    [Theory]
    [InlineData("Cron = {|SLC0418:\"30 2 * * *\"|}", "go forward from 02:00 to 03:00: 02:30 does not exist and runs at 03:30.", "go back from 03:00 to 02:00: 02:30 comes twice and runs the first time only.")]
    [InlineData("RRule = {|SLC0418:\"FREQ=DAILY;BYHOUR=2\"|}", "go forward from 02:00 to 03:00: 02:00 does not exist and runs at 03:00.", "go back from 03:00 to 02:00: 02:00 comes twice and runs the first time only.")]
    [InlineData("Cron = {|SLC0418:\"0 * * * *\"|}", null, "go back from 03:00 to 02:00: 02:00 comes twice and runs the first time only.")]
    [InlineData("Cron = {|SLC0418:\"30 * * * *\"|}, Dst = DstPolicy.VixieLike", "go forward from 02:00 to 03:00: 02:30 does not exist and does not run.", "go back from 03:00 to 02:00: 02:30 comes twice and runs both times.")]
    [InlineData("Cron = {|SLC0418:\"30 2 * 3 *\"|}", "go forward from 02:00 to 03:00: 02:30 does not exist and runs at 03:30.", null)]
    public async Task Changes_of_clocks_within_thirteen_months_are_told_with_their_dates(string schedule, string? spring, string? autumn)
    {
        Diagnostic found = (await AnalyzerTest.Only("SLC0418", Source($"[Deployment(\"a\", {schedule}, TimeZone = \"Europe/Paris\")]"))).ShouldHaveSingleItem();
        found.Severity.ShouldBe(DiagnosticSeverity.Info);
        DateTime from = DateTime.UtcNow.Date, to = from.AddMonths(13);
        // Clocks change at 01:00 UTC on the last Sundays of March and October.
        Message(found).ShouldBe(string.Join(" ", Enumerable.Range(from.Year, 3)
            .SelectMany(year => new[] { (Day: LastSunday(year, 3), Text: spring), (Day: LastSunday(year, 10), Text: autumn) })
            .Where(change => change.Text is not null && change.Day.AddHours(1) >= from && change.Day.AddHours(1) < to)
            .Select(change => string.Create(CultureInfo.InvariantCulture, $"On {change.Day:yyyy-MM-dd} clocks in Europe/Paris {change.Text}"))));

        static DateTime LastSunday(int year, int month) => Enumerable.Range(25, 7).Select(day => new DateTime(year, month, day)).Single(day => day.DayOfWeek == DayOfWeek.Sunday);
    }

    [Theory]
    [InlineData("Cron = \"30 4 * * *\", TimeZone = \"Europe/Paris\"")]
    [InlineData("Cron = \"30 2 * * *\", TimeZone = \"Asia/Tokyo\"")]
    [InlineData("Cron = \"30 2 * * *\", TimeZone = \"UTC\"")]
    [InlineData("Cron = \"30 2 * * *\"")]
    [InlineData("Cron = \"30 2 * * *\", TimeZone = \"Nowhere\"")]
    [InlineData("Cron = \"30 2 * 7 *\", TimeZone = \"Europe/Paris\"")]
    public async Task Schedules_that_no_change_of_clocks_touches_are_left_alone(string schedule) =>
        (await AnalyzerTest.Only("SLC0418", Source($"[Deployment(\"a\", {schedule})]"))).ShouldBeEmpty();

    [Fact]
    public async Task Words_and_the_next_five_due_times_are_shown_where_they_are_turned_on()
    {
        string source = Source("[Deployment(\"a\", Cron = {|SLC0421:\"30 6 * * *\"|}, TimeZone = \"Asia/Kolkata\")]");
        DateTime before = DateTime.UtcNow;
        string message = Message((await AnalyzerTest.Only("SLC0421", source)).ShouldHaveSingleItem());
        // At the turn of a day the first due time may be either's.
        new[] { before, DateTime.UtcNow }.Select(Expected).ShouldContain(message);

        static string Expected(DateTime now)
        {
            DateTime first = now.Date.AddHours(1);
            first = first < now ? first.AddDays(1) : first;
            return "Fires at 06:30 every day (Asia/Kolkata); next: " + string.Join("; ", Enumerable.Range(0, 5).Select(day =>
                first.AddDays(day).ToString("ddd yyyy-MM-dd", CultureInfo.InvariantCulture) + " 06:30 +05:30 (01:00Z)"));
        }
    }

    [Fact]
    public async Task Words_show_UTC_once_and_the_date_where_it_is_another()
    {
        Message((await AnalyzerTest.Only("SLC0421", Source("[Deployment(\"a\", Cron = {|SLC0421:\"0 0 1 1 * 30 2040\"|})]"))).ShouldHaveSingleItem())
            .ShouldBe("Fires at 00:00:30 on the 1st of the month in January in 2040 (UTC); next: Sun 2040-01-01 00:00:30Z");
        Message((await AnalyzerTest.Only("SLC0421", Source("[Deployment(\"a\", Cron = {|SLC0421:\"0 0 1 1 * 0 2040\"|}, TimeZone = \"Asia/Tokyo\")]"))).ShouldHaveSingleItem())
            .ShouldBe("Fires at 00:00 on the 1st of the month in January in 2040 (Asia/Tokyo); next: Sun 2040-01-01 00:00 +09:00 (2039-12-31 15:00Z)");
    }

    [Theory]
    [InlineData("", "SLC0420")]
    [InlineData("dotnet_diagnostic.SLC0421.severity = suggestion", "SLC0420 SLC0421")]
    [InlineData("dotnet_diagnostic.SLC0420.severity = none", "")]
    public async Task Editorconfig_turns_words_on_and_informations_off(string line, string rules)
    {
        var config = AnalyzerConfigSet.Create(new[] { AnalyzerConfig.Parse($"[*.cs]\n{line}\n", "/code/.editorconfig") });
        Compilation compilation = GeneratorTest.Compile(Source("[Deployment(\"a\", Cron = \"0 6 * * *\")]"));
        compilation = compilation.WithOptions(compilation.Options.WithSyntaxTreeOptionsProvider(new ConfigOptions(config.GetOptionsForSourcePath("/code/Source.cs"))));
        ImmutableArray<Diagnostic> found = await compilation.WithAnalyzers(AnalyzerTest.All).GetAnalyzerDiagnosticsAsync();
        string.Join(" ", found.Select(diagnostic => diagnostic.Id).Order()).ShouldBe(rules);
    }

    private static string Source(string attributes) => $"public class C {{ [Flow] {attributes} public static void Run(int n = 1) {{ }} }}";

    private static string Message(Diagnostic diagnostic) => diagnostic.GetMessage(CultureInfo.InvariantCulture);

    private sealed class ConfigOptions(AnalyzerConfigOptionsResult options) : SyntaxTreeOptionsProvider
    {
        public override GeneratedKind IsGenerated(SyntaxTree tree, CancellationToken cancellationToken) => GeneratedKind.Unknown;

        public override bool TryGetDiagnosticValue(SyntaxTree tree, string diagnosticId, CancellationToken cancellationToken, out ReportDiagnostic severity) =>
            options.TreeOptions.TryGetValue(diagnosticId, out severity);

        public override bool TryGetGlobalDiagnosticValue(string diagnosticId, CancellationToken cancellationToken, out ReportDiagnostic severity)
        {
            severity = default;
            return false;
        }
    }
}

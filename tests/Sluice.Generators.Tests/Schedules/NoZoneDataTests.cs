using System.Diagnostics;
using System.Globalization;
using Sluice.Generators.Tests.Harness;

namespace Sluice.Generators.Tests.Schedules;

/// <summary>What is said on a machine without zone data, as slim images are: the test runs itself again, with the data's folder moved away.</summary>
public class NoZoneDataTests
{
    private const string Source = "public class C { [Flow] [Deployment(\"a\", Cron = \"30 2 * * *\", TimeZone = \"Europe/Paris\")] public static void Run() { } }";

    [Fact]
    public async Task Without_zone_data_nothing_is_guessed()
    {
        string nowhere = Path.Combine(AppContext.BaseDirectory, "no-zone-data");
        if (Environment.GetEnvironmentVariable("TZDIR") != nowhere)
        {
            await RunAgain(nowhere);
            return;
        }
        (await AnalyzerTest.Only("SLC0418", Source)).ShouldBeEmpty();
        (await AnalyzerTest.Run(Source.Replace("30 2 * * *", "0 0 31 2 *").Replace("\"0 0 31 2 *\"", "{|SLC0407:\"0 0 31 2 *\"|}"))).ShouldBe(["'0 0 31 2 *' never fires"]);
        (await AnalyzerTest.Only("SLC0421", Source.Replace("\"30 2 * * *\"", "{|SLC0421:\"30 2 * * *\"|}"))).ShouldHaveSingleItem()
            .GetMessage(CultureInfo.InvariantCulture).ShouldBe("Fires at 02:30 every day (Europe/Paris); this machine has no rules for Europe/Paris to tell the times");
    }

    private static async Task RunAgain(string zones)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Sluice.Generators.Tests" + (OperatingSystem.IsWindows() ? ".exe" : ""));
        var start = new ProcessStartInfo(program, ["-noColor", "-method", $"{typeof(NoZoneDataTests).FullName}.{nameof(Without_zone_data_nothing_is_guessed)}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["TZDIR"] = zones },
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(2));
        process.ExitCode.ShouldBe(0, await output + await errors);
        (await output).ShouldContain("Total: 1,");
    }
}

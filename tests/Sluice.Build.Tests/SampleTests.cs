using Sluice.Testing;

namespace Sluice.Build.Tests;

/// <summary>The README's commands, in the repository, with a home of their own.</summary>
public sealed class SampleTests : IDisposable
{
    private readonly TempFolder _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task The_weather_sample_is_published_and_run_as_the_README_says()
    {
        string published = await DotNetAsync("publish", Path.Combine("samples", "Weather"), "-tl:off");

        published.ShouldContain("Weather report/daily: created");
        published.ShouldContain("at 06:00 every day (America/Los_Angeles)");
        published.ShouldContain("dotnet run --project src/Sluice.Cli -- deployment run \"Weather report/daily\" --watch");

        string watched = await DotNetAsync("run", "--project", Path.Combine("src", "Sluice.Cli"), "--", "deployment", "run", "Weather report/daily", "--param", "city=Seattle", "--watch");

        // Facts of the shipped data: Seattle's 2015, of which 116 days had a millimetre of rain or more.
        watched.ShouldContain("Read 365 days of Seattle in 2015");
        watched.ShouldContain("\"wetDays\": 116");
        (await DotNetAsync("run", "--project", Path.Combine("src", "Sluice.Cli"), "--", "flow-run", "ls")).ShouldContain("Completed");
    }

    [Fact]
    public async Task The_weather_sample_is_a_plain_program_too()
    {
        string output = await DotNetAsync("run", "--project", Path.Combine("samples", "Weather"), "--", "Weather report", "--city", "New York", "--year", "2013");

        output.ShouldContain("\"city\":\"New York\",\"year\":2013,\"days\":365");
    }

    private async Task<string> DotNetAsync(params string[] arguments)
    {
        var environment = new Dictionary<string, string?>(BuildEnvironment.Variables) { ["SLUICE_HOME"] = _home["home"] };
        await using ProgramRun run = await ProgramRun.CompleteAsync("dotnet", arguments, environment, Repository.Root, TimeSpan.FromMinutes(8));
        run.Process.ExitCode.ShouldBe(0, run.Output + run.Error);
        return run.Output;
    }
}

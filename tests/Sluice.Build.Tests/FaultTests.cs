using Sluice.Testing;

namespace Sluice.Build.Tests;

/// <summary>A seeded share of build/faults.cs: ten kills each of publish, worker and server, with its checks.</summary>
public sealed class FaultTests
{
    [Theory]
    [InlineData("publish")]
    [InlineData("worker")]
    [InlineData("server")]
    public async Task Ten_kills_leave_nothing_half_and_nothing_lost(string victim)
    {
        await using ProgramRun run = await ProgramRun.CompleteAsync(
            "dotnet", ["run", Path.Combine("build", "faults.cs"), "--", "--count", "10", "--seed", "20261122", victim], BuildEnvironment.Variables, Repository.Root, TimeSpan.FromMinutes(8));

        run.Process.ExitCode.ShouldBe(0, run.Output + run.Error);
        run.Output.ShouldContain($"| {victim} | 10");
    }
}

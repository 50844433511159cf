using System.Diagnostics;
using System.Globalization;
using Sluice.Storage.Programs;

namespace Sluice.Storage.Tests.Programs;

/// <summary>Programs that end while what they started lives on.</summary>
public sealed class ChildProgramTests
{
    [Fact]
    public async Task What_a_program_leaves_running_with_its_output_open_is_not_waited_for()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a shell script");
        // As ssh's ControlPersist does it.
        ChildProgram.Result? run = await ChildProgram.RunAsync("sh", ["-c", "echo said; echo warned >&2; sleep 600 & echo $!"], cancellationToken: TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);

        string[] lines = run.ShouldNotBeNull().Output.Split('\n');
        using Process left = Process.GetProcessById(int.Parse(lines[1], CultureInfo.InvariantCulture));
        left.Kill();
        (run.ExitCode, lines[0], run.Error).ShouldBe((0, "said", "warned\n"));
    }

    [Fact]
    public async Task Much_output_is_read_to_its_end()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a shell script");
        ChildProgram.Result? run = await ChildProgram.RunAsync("sh", ["-c", "cat; seq 1 400000 >&2"], input: new string('é', 300_000), cancellationToken: TestContext.Current.CancellationToken);
        run.ShouldNotBeNull().Output.ShouldBe(new string('é', 300_000));
        run.Error.ShouldEndWith("\n400000\n");
    }
}

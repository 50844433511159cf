using Sluice.Runtime;
using Sluice.Runtime.Local;
using Sluice.Tests.Program;

namespace Sluice.Tests;

/// <summary>Runs a command line of a flow program in this process.</summary>
internal static class LocalCommandLine
{
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        StringWriter output = new() { NewLine = "\n" };
        StringWriter errors = new() { NewLine = "\n" };
        LocalRun run = new(TestFlows.All, new RunStop(), output, errors, TimeProvider.System) { Program = "app", Grace = TimeSpan.FromMilliseconds(200) };
        RunEnd end = await run.RunAsync(arguments);
        return (end.ExitCode, output.ToString(), errors.ToString());
    }
}

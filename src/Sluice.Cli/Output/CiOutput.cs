using Sluice.Deploy;
using Sluice.Deploy.Ci;

namespace Sluice.Cli.Output;

/// <summary>Writes what a deploy has to say for people, for MSBuild, and for the CI system that this runs in.</summary>
internal static class CiOutput
{
    /// <summary>Writes errors and warnings.</summary>
    /// <param name="error">Standard error.</param>
    /// <param name="diagnostics">What is to be said.</param>
    /// <param name="underMSBuild">Whether a build started this program, and reads the lines.</param>
    public static async Task WriteAsync(TextWriter error, IReadOnlyList<DeployError> diagnostics, bool underMSBuild)
    {
        if (CodeQuality.Add(diagnostics, Environment.GetEnvironmentVariable) is { } unwritten)
            diagnostics = [.. diagnostics, unwritten];
        foreach (DeployError diagnostic in diagnostics)
            await error.WriteLineAsync(diagnostic.ToString());
        foreach (string line in Annotations.Of(diagnostics, underMSBuild, Environment.GetEnvironmentVariable))
            await error.WriteLineAsync(line);
    }
}

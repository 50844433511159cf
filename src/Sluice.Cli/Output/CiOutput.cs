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
    /// <param name="cancellationToken">Ends the waiting for another process that adds to the same report.</param>
    public static async Task WriteAsync(TextWriter error, IReadOnlyList<DeployError> diagnostics, bool underMSBuild, CancellationToken cancellationToken)
    {
        await LinesAsync(error, diagnostics, underMSBuild);
        if (await CodeQuality.AddAsync(diagnostics, Environment.GetEnvironmentVariable, cancellationToken) is { } unwritten)
            await LinesAsync(error, [unwritten], underMSBuild);
    }

    private static async Task LinesAsync(TextWriter error, IReadOnlyList<DeployError> diagnostics, bool underMSBuild)
    {
        foreach (DeployError diagnostic in diagnostics)
            await error.WriteLineAsync(diagnostic.ToString());
        foreach (string line in Annotations.Of(diagnostics, underMSBuild, Environment.GetEnvironmentVariable))
            await error.WriteLineAsync(line);
    }
}

using Sluice.Deploy.Manifest;
using Sluice.Deploy.Packaging;
using Sluice.Deploy.Planning;
using Sluice.Deploy.Planning.Merge;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Files;

/// <summary>Stores the program that files are built from, as a publish does.</summary>
internal static class FileProgram
{
    /// <summary>Stores it for these deployments.</summary>
    /// <param name="read">The manifest of the assembly.</param>
    /// <param name="request">Names the assembly and the folder that was published.</param>
    /// <param name="planned">The deployments.</param>
    /// <param name="environment">Gives stores and progress.</param>
    /// <param name="warnings">Are added to.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DeployException">The folder holds no program.</exception>
    public static async Task<(PlannedDeployment[] Planned, DeployedPackages Packages)> StoreAsync(
        ReadManifest read, DeployRequest request, PlannedDeployment[] planned, DeployEnvironment environment, List<(string Code, string Message)> warnings, CancellationToken cancellationToken)
    {
        PackageAssembly files = PackageAssembly.Of(request, read.Manifest.Assembly);
        PackageContent content = await files.ReadAsync(environment, cancellationToken).ConfigureAwait(false);
        var packages = new DeployedPackages(request, read, files, content, environment, null, ConflictWords.File);
        return (await packages.StoreAsync(planned, warnings, cancellationToken).ConfigureAwait(false), packages);
    }
}

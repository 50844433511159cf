using Sluice.Storage.Packages;

namespace Sluice.Worker.Launch;

/// <summary>How a pulled package can be started on this machine.</summary>
internal static class PackagePrograms
{
    /// <summary>
    /// The ways to start it, best first: its executable where that is for this machine (it starts faster and needs no <c>dotnet</c> on the PATH),
    /// then <c>dotnet Assembly</c>.
    /// </summary>
    /// <exception cref="LaunchException">There is no way; the message says what is missing.</exception>
    public static IReadOnlyList<PackageProgram> Find(CachedPackage package, IDictionary<string, string?> environment)
    {
        PackageManifest manifest = package.Manifest;
        var ways = new List<PackageProgram>();
        string? dotnet = DotnetHost.Find(environment);
        string? executable = manifest.Launch.Executable is { } relative ? Path.GetFullPath(relative, package.Folder) : null;
        bool runsHere = executable is not null && File.Exists(executable) && ProgramFinder.IsExecutable(executable) && NativeImage.RunsHere(executable);
        if (runsHere)
        {
            // An apphost looks for its runtime in DOTNET_ROOT and the machine-wide places only, not beside the dotnet that runs this worker.
            bool needsRoot = dotnet is not null && manifest.DeploymentMode == "framework-dependent" && !environment.ContainsKey("DOTNET_ROOT");
            ways.Add(new(executable!, [], needsRoot ? Path.GetDirectoryName(dotnet) : null));
        }

        if (manifest.Launch.Assembly is { } assembly && dotnet is not null)
            ways.Add(new(dotnet, [Path.GetFullPath(assembly, package.Folder)], DotnetRoot: null));
        if (ways.Count > 0)
            return ways;
        throw new LaunchException(manifest.Launch.Assembly is not null
            ? $"the package needs the .NET runtime of {manifest.TargetFramework}, and there is no dotnet on the worker's machine "
              + "(DOTNET_HOST_PATH, DOTNET_ROOT and PATH were tried): install the runtime, or publish self-contained"
            : $"the package's program '{manifest.Launch.Executable}' is for {manifest.RuntimeIdentifier ?? "another system"} and cannot run on this machine: "
              + "publish it for the worker's system, or serve the queue from such a machine");
    }
}

/// <summary>A way to start a package.</summary>
/// <param name="Path">Absolute path of the program.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="DotnetRoot">What DOTNET_ROOT has to be for it; null leaves it as it is.</param>
internal sealed record PackageProgram(string Path, IReadOnlyList<string> Arguments, string? DotnetRoot);

using System.Runtime.InteropServices;

namespace Sluice.Worker.Launch;

/// <summary>Finds the <c>dotnet</c> that runs packages without an executable of their own.</summary>
internal static class DotnetHost
{
    /// <summary>The path of <c>dotnet</c>: DOTNET_HOST_PATH, then DOTNET_ROOT, then the runtime this worker itself runs on, then PATH; or null.</summary>
    public static string? Find(IDictionary<string, string?> environment) => Candidates(environment).FirstOrDefault();

    /// <summary>Every <c>dotnet</c> that is found in this order; they need not be the same installation.</summary>
    public static IEnumerable<string> Candidates(IDictionary<string, string?> environment)
    {
        string name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        if (environment.TryGetValue("DOTNET_HOST_PATH", out string? host) && File.Exists(host))
            yield return host;
        if (environment.TryGetValue("DOTNET_ROOT", out string? root) && !string.IsNullOrEmpty(root) && File.Exists(Path.Combine(root, name)))
            yield return Path.Combine(root, name);

        // …/shared/Microsoft.NETCore.App/10.0.0/ lies three folders below the root; a self-contained worker has no such root.
        string own = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        if (File.Exists(own))
            yield return own;
        environment.TryGetValue("PATH", out string? searchPath);
        if (ProgramFinder.FindOnPath("dotnet", searchPath, environment) is { } onPath)
            yield return onPath;
    }
}

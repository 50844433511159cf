using System.Diagnostics;

namespace Sluice.Worker.Programs;

/// <summary>
/// The environment of a build: what SDK, NuGet and the network need of the worker's, and nothing of the run's. MSBuild makes a property of every variable,
/// so others could change what is built; and code of a build has no use for the worker's secrets.
/// </summary>
internal static class BuildVariables
{
    /// <summary>Names further variables that builds get, with commas between them: what a nuget.config refers to as <c>%NAME%</c>.</summary>
    public const string Further = "SLUICE_BUILD_ENVIRONMENT";

    private static readonly HashSet<string> s_names = new(StringComparer.OrdinalIgnoreCase)
    {
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "TEMP", "TMP", "LD_LIBRARY_PATH",
        "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "ALLUSERSPROFILE", "PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMW6432", "COMMONPROGRAMFILES",
        "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "HOMEDRIVE", "HOMEPATH", "PROCESSOR_ARCHITECTURE", "NUMBER_OF_PROCESSORS", "OS",
    };

    // NuGet's own names for feeds' credentials are among them.
    private static readonly string[] s_prefixes = ["LC_", "XDG_", "DOTNET_", "NUGET_", "NuGetPackageSourceCredentials_", "VSS_NUGET_"];

    /// <summary>Chooses from the worker's variables.</summary>
    /// <param name="worker">The worker's environment.</param>
    /// <param name="home">Takes the place of a home folder where there is none, as in a service.</param>
    public static IDictionary<string, string?> Of(IDictionary<string, string?> worker, string home)
    {
        IDictionary<string, string?> build = new ProcessStartInfo().Environment;
        build.Clear();
        string[] further = worker.TryGetValue(Further, out string? named) ? (named ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [];
        foreach ((string name, string? value) in worker)
        {
            if (s_names.Contains(name) || further.Contains(name, StringComparer.OrdinalIgnoreCase) || s_prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
                build[name] = value;
        }
        if (!OperatingSystem.IsWindows())
            build.TryAdd("HOME", home);
        // English, since errors are read; no process that outlives the build and would hold its output open.
        build["DOTNET_CLI_UI_LANGUAGE"] = "en";
        build["DOTNET_NOLOGO"] = "1";
        build["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        build["MSBUILDDISABLENODEREUSE"] = "1";
        return build;
    }
}

using System.Diagnostics;
using System.Globalization;
using Sluice.Worker.Launch;

namespace Sluice.Worker.Programs;

/// <summary>
/// The environment of a build: what SDK, NuGet and the network need of the worker's, and nothing of the run's. MSBuild makes a property of every variable,
/// so others could change what is built; and code of a build has no use for the worker's secrets.
/// </summary>
internal static class BuildVariables
{
    /// <summary>Names further variables that builds get, with commas between them: what a nuget.config refers to as <c>%NAME%</c>.</summary>
    public const string Further = "SLUICE_BUILD_ENVIRONMENT";

    /// <summary>How long a build may take, in seconds.</summary>
    public const string Limit = "SLUICE_BUILD_TIMEOUT_SECONDS";

    /// <summary>Half an hour: longer than restoring and publishing take on a slow machine with a slow network.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(7);

    private static readonly HashSet<string> s_names = new(StringComparer.OrdinalIgnoreCase)
    {
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "TEMP", "TMP", "LD_LIBRARY_PATH",
        "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "ALLUSERSPROFILE", "PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMW6432", "COMMONPROGRAMFILES",
        "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "HOMEDRIVE", "HOMEPATH", "PROCESSOR_ARCHITECTURE", "NUMBER_OF_PROCESSORS", "OS",
    };

    // NuGet's own names for feeds' credentials are among them.
    private static readonly string[] s_prefixes = ["LC_", "XDG_", "DOTNET_", "NUGET_", "NuGetPackageSourceCredentials_", "VSS_NUGET_"];

    /// <summary>How long a build may take.</summary>
    /// <param name="worker">The worker's environment.</param>
    /// <exception cref="LaunchException">Its variable is no number of seconds.</exception>
    public static TimeSpan LimitOf(IDictionary<string, string?> worker)
    {
        if (!worker.TryGetValue(Limit, out string? text) || string.IsNullOrEmpty(text))
            return s_limit;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds > 0 && seconds <= s_longest.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new LaunchException(FormattableString.Invariant($"{Limit} of the worker is '{text}' and should be whole seconds from 1 to {s_longest.TotalSeconds}"));
    }

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

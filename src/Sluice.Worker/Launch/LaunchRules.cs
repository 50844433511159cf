using Sluice.Storage.Trust;

namespace Sluice.Worker.Launch;

/// <summary>What a policy for programs means for a run beside its package: nothing that nobody signed may be started, or be loaded into what was signed.</summary>
internal static class LaunchRules
{
    /// <summary>The variables that hand a policy to the program that a run is started by.</summary>
    public const string KeysVariable = "SLUICE_ALLOWED_KEYS", RepositoriesVariable = "SLUICE_ALLOWED_REPOSITORIES";

    // They make the system's loader, the runtime or its libraries load other code than the package's: ld.so(8), dyld(1), gconv (iconv(1)), openssl-env(7), "Runtime configuration" and "Profiling" of
    // .NET. Or they make git run commands or fetch from elsewhere (git(1)), NuGet take packages from elsewhere, both of them ask another machine and believe it (proxies, authorities), or a build read further variables, where `sluice flow-run execute` builds an
    // allowed repository among the run's own variables. Or they move the policy itself, or the folders where unpacked programs are taken from without a second look: the home's cache, and
    // what single files extract below HOME or TEMP.
    private static readonly string[] s_prefixes =
        ["LD_", "DYLD_", "CORECLR_", "COR_", "DOTNET_", "COMPlus_", "OPENSSL_", "GIT_", "NUGET_", "VSS_NUGET_", "XDG_", "SLUICE_ALLOWED_", "SLUICE_REQUIRE_", "SLUICE_PULL_", "SLUICE_BUILD_"];
    private static readonly string[] s_names = ["PATH", "GCONV_PATH", "SSH_ASKPASS", "HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP", "TMPDIR", "SLUICE_HOME",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];

    // Of the runtime's own, more load libraries than are documented (GCName, for one): those that are known to load none may be set.
    private static readonly string[] s_harmless =
    [
        "DOTNET_ENVIRONMENT", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "DOTNET_SYSTEM_GLOBALIZATION_PREDEFINED_CULTURES_ONLY", "DOTNET_RUNNING_IN_CONTAINER", "DOTNET_CLI_TELEMETRY_OPTOUT", "DOTNET_NOLOGO",
        "DOTNET_gcServer", "DOTNET_gcConcurrent", "DOTNET_GCHeapCount", "DOTNET_GCHeapHardLimit", "DOTNET_GCHeapHardLimitPercent", "DOTNET_GCConserveMemory", "DOTNET_PROCESSOR_COUNT",
        "DOTNET_TieredCompilation", "DOTNET_TieredPGO", "DOTNET_TC_QuickJitForLoops", "DOTNET_ReadyToRun", "DOTNET_ThreadPool_ForceMinWorkerThreads", "DOTNET_ThreadPool_ForceMaxWorkerThreads",
        "DOTNET_SYSTEM_NET_HTTP_SOCKETSHTTPHANDLER_HTTP2SUPPORT", "DOTNET_SYSTEM_NET_HTTP_SOCKETSHTTPHANDLER_HTTP3SUPPORT", "DOTNET_SYSTEM_NET_DISABLEIPV6", "DOTNET_SYSTEM_CONSOLE_ALLOW_ANSI_COLOR_REDIRECTION",
    ];

    /// <summary>Refuses variables of a deployment or run that would load code which no signature covers.</summary>
    /// <exception cref="LaunchException">There is one.</exception>
    public static void CheckEnvironment(PackagePolicy? policy, IReadOnlyDictionary<string, string?> variables)
    {
        if (policy is null || variables.Keys.FirstOrDefault(Loads) is not { } name)
            return;
        throw new LaunchException($"its job variables set {name}, which can make it load code that nobody signed, and this worker takes signed packages alone: leave it out, or set it where the worker is started");
    }

    /// <summary>Refuses runs without a package: a command is what anybody wrote.</summary>
    /// <exception cref="LaunchException">There is a policy.</exception>
    public static void CheckCommand(PackagePolicy? policy, string command)
    {
        if (policy is not null)
            throw new LaunchException($"its deployment names the command `{command}` and no package, and this worker takes signed packages and allowed repositories alone: publish it with a storage of packages, or serve its queue from a worker without --allowed-key and --allowed-repository");
    }

    /// <summary>Hands a policy to the run's own process, which pulls its package itself.</summary>
    public static void HandOver(PackagePolicy? policy, IDictionary<string, string?> environment)
    {
        if (policy is null)
            return;
        environment[KeysVariable] = string.Join(',', policy.Keys);
        environment[RepositoriesVariable] = string.Join(',', policy.Repositories);
    }

    private static bool Loads(string name) =>
        !s_harmless.Contains(name, StringComparer.OrdinalIgnoreCase) && (s_prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) || s_names.Contains(name, StringComparer.OrdinalIgnoreCase));
}

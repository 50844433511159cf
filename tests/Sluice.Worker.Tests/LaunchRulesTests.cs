using Sluice.Storage.Trust;
using Sluice.Worker.Launch;

namespace Sluice.Worker.Tests;

/// <summary>Which variables a deployment may set for a program that must be signed.</summary>
public sealed class LaunchRulesTests
{
    private static readonly PackagePolicy s_policy = new() { Repositories = ["https://git.example/team/flows"] };

    [Theory]
    // The loader and the libraries of the system.
    [InlineData("LD_PRELOAD")]
    [InlineData("LD_AUDIT")]
    [InlineData("LD_LIBRARY_PATH")]
    [InlineData("DYLD_INSERT_LIBRARIES")]
    [InlineData("GCONV_PATH")]
    [InlineData("OPENSSL_CONF")]
    [InlineData("OPENSSL_MODULES")]
    [InlineData("OPENSSL_ENGINES")]
    [InlineData("PATH")]
    [InlineData("Path")]
    // The runtime, its profilers and hooks, in its own spelling and another.
    [InlineData("DOTNET_STARTUP_HOOKS")]
    [InlineData("DOTNET_ADDITIONAL_DEPS")]
    [InlineData("DOTNET_SHARED_STORE")]
    [InlineData("DOTNET_ROOT")]
    [InlineData("DOTNET_GCName")]
    [InlineData("DOTNET_GCPath")]
    [InlineData("dotnet_gcpath")]
    [InlineData("DOTNET_DiagnosticPorts")]
    [InlineData("DOTNET_BUNDLE_EXTRACT_BASE_DIR")]
    [InlineData("DOTNET_SYSTEM_GLOBALIZATION_APPLOCALICU")]
    [InlineData("COMPlus_GCName")]
    [InlineData("COMPlus_gcServer")]
    [InlineData("CORECLR_PROFILER_PATH")]
    [InlineData("COR_PROFILER")]
    // What is fetched and built.
    [InlineData("GIT_SSH_COMMAND")]
    [InlineData("GIT_CONFIG_COUNT")]
    [InlineData("GIT_EXEC_PATH")]
    [InlineData("SSH_ASKPASS")]
    [InlineData("NUGET_PACKAGES")]
    [InlineData("VSS_NUGET_EXTERNAL_FEED_ENDPOINTS")]
    [InlineData("SLUICE_BUILD_ENVIRONMENT")]
    // Where it is fetched from, and who is believed.
    [InlineData("SSL_CERT_FILE")]
    [InlineData("SSL_CERT_DIR")]
    [InlineData("HTTP_PROXY")]
    [InlineData("https_proxy")]
    [InlineData("ALL_PROXY")]
    [InlineData("NO_PROXY")]
    // The policy, and where programs are unpacked.
    [InlineData("SLUICE_ALLOWED_KEYS")]
    [InlineData("SLUICE_ALLOWED_REPOSITORIES")]
    [InlineData("SLUICE_REQUIRE_SIGNATURE")]
    [InlineData("SLUICE_PULL_LIST")]
    [InlineData("SLUICE_HOME")]
    [InlineData("sluice_home")]
    [InlineData("HOME")]
    [InlineData("USERPROFILE")]
    [InlineData("XDG_DATA_HOME")]
    [InlineData("TEMP")]
    [InlineData("TMPDIR")]
    public void What_can_load_code_that_nobody_signed_is_refused_by_a_policy_and_taken_without_one(string name)
    {
        Dictionary<string, string?> variables = new() { ["CITY"] = "Oslo", [name] = "/tmp/evil" };
        Should.Throw<LaunchException>(() => LaunchRules.CheckEnvironment(s_policy, variables)).Message
            .ShouldBe($"its job variables set {name}, which can make it load code that nobody signed, and this worker takes signed packages alone: leave it out, or set it where the worker is started");
        LaunchRules.CheckEnvironment(null, variables);
        // To empty it, or to take it away, changes what is loaded as well.
        Should.Throw<LaunchException>(() => LaunchRules.CheckEnvironment(s_policy, new Dictionary<string, string?> { [name] = null }));
    }

    [Theory]
    [InlineData("CITY")]
    [InlineData("PREFECT_LOGGING_LEVEL")]
    [InlineData("SLUICE_PACKAGE")]
    [InlineData("SLUICE_VERSION")]
    [InlineData("SLUICE_APP")]
    [InlineData("SLUICE_ENVIRONMENT")]
    [InlineData("SLUICE_SECRETS")]
    [InlineData("DOTNET_ENVIRONMENT")]
    [InlineData("DOTNET_gcServer")]
    [InlineData("dotnet_GCHEAPHARDLIMIT")]
    [InlineData("TZ")]
    [InlineData("LANG")]
    [InlineData("PATHS")]
    [InlineData("MY_PROXY")]
    public void Everything_else_is_the_deployments(string name) =>
        LaunchRules.CheckEnvironment(s_policy, new Dictionary<string, string?> { [name] = "1" });
}

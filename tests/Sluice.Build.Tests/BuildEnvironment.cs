namespace Sluice.Build.Tests;

/// <summary>Variables for every build that a test starts.</summary>
internal static class BuildEnvironment
{
    // Builds must not see that this is CI (the tool warns there), must not outlive the test as build nodes, and must not use an API of the developer's.
    public static IReadOnlyDictionary<string, string?> Variables { get; } = new Dictionary<string, string?>
    {
        ["CI"] = null,
        ["GITHUB_ACTIONS"] = null,
        ["TF_BUILD"] = null,
        ["GITLAB_CI"] = null,
        ["GITHUB_STEP_SUMMARY"] = null,
        ["PREFECT_API_URL"] = null,
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["DOTNET_NOLOGO"] = "1",
        ["DOTNET_CLI_UI_LANGUAGE"] = "en",
        // xunit's own runner sets these for its child; a build must find its SDK by itself.
        ["MSBuildSDKsPath"] = null,
        ["MSBUILD_EXE_PATH"] = null,
        ["MSBuildExtensionsPath"] = null,
    };
}

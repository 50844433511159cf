using System.Runtime.InteropServices;
using Sluice.Deploy.Packaging;

namespace Sluice.Deploy;

/// <summary>What deserves a word and stops nothing.</summary>
internal static class DeployWarnings
{
    // CI is set by GitHub, GitLab, Bitbucket, Travis, CircleCI, AppVeyor and others; these do not set it.
    private static readonly string[] s_ci = ["CI", "TF_BUILD", "GITHUB_ACTIONS", "TEAMCITY_VERSION", "JENKINS_URL", "CODEBUILD_BUILD_ID"];

    public static IEnumerable<(string Code, string Message)> Of(DeployRequest request, DeployTarget? target, Func<string, string?> variable)
    {
        if (target is not { IsLocal: true })
            yield break;
        string machine = RuntimeInformation.RuntimeIdentifier;
        if (!RuntimeIdentifiers.CanRun(request.RuntimeIdentifier, machine))
            yield return (DeployCodes.RuntimeCannotRun, $"The program was published for {request.RuntimeIdentifier}, which the worker of this machine ({machine}) cannot run: publish with -r {machine}, or without a runtime identifier.");
        if (s_ci.FirstOrDefault(name => variable(name) is { Length: > 0 } value && !value.Equals("false", StringComparison.OrdinalIgnoreCase)) is { } ci)
            yield return (DeployCodes.CiWithoutApi, $"This is a CI build ({ci} is set) and no API is configured: {target.Description} of this machine was used. Set PREFECT_API_URL, or -p:SluiceDeploy=false where CI should not deploy.");
    }
}

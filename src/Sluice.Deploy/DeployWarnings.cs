using System.Runtime.InteropServices;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Packaging;
using Sluice.Deploy.Planning;
using Sluice.Orchestration;
using Sluice.Storage.Docker;

namespace Sluice.Deploy;

/// <summary>What deserves a word and stops nothing.</summary>
internal static class DeployWarnings
{
    // CI is set by GitHub, GitLab, Bitbucket, Travis, CircleCI, AppVeyor and others; these do not set it.
    private static readonly string[] s_ci = ["CI", "TF_BUILD", "GITHUB_ACTIONS", "TEAMCITY_VERSION", "JENKINS_URL", "CODEBUILD_BUILD_ID"];

    /// <summary>Schedules whose options a Prefect server does not know; one for all of them.</summary>
    public static IEnumerable<(string Code, string Message)> OfSchedules(IEnumerable<PlannedDeployment> planned, string where)
    {
        string[] ignored = [.. planned.SelectMany(p => (p.Declared.Schedules ?? [])
            .Select(s => (Schedule: s, Options: string.Join(" and ", Options(s))))
            .Where(s => s.Options.Length > 0)
            .Select(s => $"{s.Options} of {p.FullName}, schedule '{s.Schedule.Slug}'"))];
        if (ignored.Length > 0)
            yield return (DeployCodes.ScheduleOptionIgnored, $"{where} is a Prefect server, which passes over missed due times and goes through the change of clocks in its own way: {string.Join("; ", ignored)} {(ignored.Length == 1 ? "has" : "have")} no effect there. Leave it out, or deploy to Sluice's server.");
    }

    /// <summary>Images that no other machine can start, deployed to an API that others' workers ask.</summary>
    public static IEnumerable<(string Code, string Message)> OfImages(IEnumerable<(PublishedImage Image, string Where, bool IsLocal)> images, DeployTarget? target) =>
        from image in images
        where image.IsLocal && target is { IsLocal: false }
        select (DeployCodes.ImageStaysLocal, $"The image {image.Image.Reference} is in {image.Where} alone, and workers of {target!.Description} on other machines cannot start it: name a registry, as SluiceStorage=docker://registry.example/team.");

    private static IEnumerable<string> Options(ScheduleManifest schedule)
    {
        if ((schedule.Misfire ?? ScheduleMisfire.Skip) != ScheduleMisfire.Skip)
            yield return "Misfire";
        if ((schedule.Dst ?? ScheduleDst.PrefectCompatible) != ScheduleDst.PrefectCompatible)
            yield return "Dst";
    }

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

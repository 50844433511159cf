using System.Globalization;
using Sluice.Cli.Runs;
using Sluice.Orchestration;

namespace Sluice.Cli.Scheduling;

/// <summary>Finds one schedule of a deployment by its slug or id, and slugs for new ones.</summary>
internal static class ScheduleChoice
{
    /// <exception cref="CliException">There is none.</exception>
    public static DeploymentSchedule Find(NamedDeployment deployment, string slugOrId) =>
        TryFind(deployment.Deployment, slugOrId)
        ?? throw new CliException($"'{deployment.FullName}' has no schedule '{slugOrId}'. It has: {List(deployment.Deployment)}");

    public static DeploymentSchedule? TryFind(Deployment deployment, string slugOrId) =>
        deployment.Schedules.FirstOrDefault(schedule => schedule.Slug == slugOrId)
        ?? (Guid.TryParse(slugOrId, out Guid id) ? deployment.Schedules.FirstOrDefault(schedule => schedule.Id == id) : null);

    /// <summary>How people name it.</summary>
    public static string Name(DeploymentSchedule schedule) => schedule.Slug ?? schedule.Id.ToString();

    public static string List(Deployment deployment, string separator = ", ") =>
        deployment.Schedules.Count == 0 ? "none" : string.Join(separator, deployment.Schedules.Select(Name));

    /// <summary>A slug that no schedule has, as a publish numbers them.</summary>
    public static string FreeSlug(Deployment deployment)
    {
        for (int number = 1; ; number++)
        {
            string slug = "schedule-" + number.ToString(CultureInfo.InvariantCulture);
            if (deployment.Schedules.All(schedule => schedule.Slug != slug))
                return slug;
        }
    }
}

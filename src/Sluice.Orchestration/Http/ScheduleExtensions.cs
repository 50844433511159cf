namespace Sluice.Orchestration.Http;

/// <summary>Takes Sluice's own members from schedules that go to a Prefect server, which refuses unknown keys.</summary>
internal static class ScheduleExtensions
{
    public static bool IsExtended(DeploymentScheduleCreate schedule) => schedule is not { Misfire: null, MaxMisfires: null, Dst: null };

    public static bool IsExtended(DeploymentScheduleUpdate schedule) => schedule is not { Misfire: null, MaxMisfires: null, Dst: null };

    public static DeploymentScheduleCreate ForPrefect(DeploymentScheduleCreate schedule) => schedule with { Misfire = null, MaxMisfires = null, Dst = null };

    public static DeploymentScheduleUpdate ForPrefect(DeploymentScheduleUpdate schedule) => schedule with { Misfire = null, MaxMisfires = null, Dst = null };
}

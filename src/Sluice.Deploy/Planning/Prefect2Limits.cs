namespace Sluice.Deploy.Planning;

/// <summary>What declarations say and a Prefect 2 server has no place for.</summary>
internal static class Prefect2Limits
{
    /// <summary>What stops the publish, before anything is stored: without it other runs would come than the code declares.</summary>
    public static IReadOnlyList<(string Code, string Message)> Errors(IEnumerable<PlannedDeployment> planned, string where) =>
    [
        .. from p in planned
           let schedules = p.Declared.Schedules ?? []
           let what = schedules.Count > 1 ? $"declares {schedules.Count} schedules" : schedules is [{ Parameters.Count: > 0 }] ? "declares a schedule with parameters of its own" : null
           where what is not null
           select (DeployCodes.Prefect2Schedules, $"{p.FullName} {what}, and {where} is a Prefect 2 server, which has one schedule a deployment, with the deployment's parameters: declare a deployment for each schedule."),
    ];

    /// <summary>What has no effect there.</summary>
    public static IEnumerable<(string Code, string Message)> Warnings(IEnumerable<PlannedDeployment> planned, string where)
    {
        string[] limited = [.. planned.Where(p => p.Declared.ConcurrencyLimit is not null).Select(p => p.FullName)];
        if (limited.Length > 0)
            yield return (DeployCodes.Prefect2ConcurrencyLimit, $"{where} is a Prefect 2 server, which limits runs at once by work pool or queue only: the concurrency limit of {string.Join(" and ", limited)} has no effect there. Limit the queue instead.");
    }
}

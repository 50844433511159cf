using System.Globalization;

namespace Sluice.Orchestration;

/// <summary>What a schedule has beyond Prefect's, in words.</summary>
public static class ScheduleOptionWords
{
    /// <summary>As <c>; what was missed runs once; clocks change as in Vixie cron</c>, to follow the schedule's own words. Empty where all is as Prefect does it. English, invariant.</summary>
    /// <param name="misfire">The misfire policy; null is the default.</param>
    /// <param name="maxMisfires">With <see cref="ScheduleMisfire.RunAll"/>: how many are made up for; null is 100.</param>
    /// <param name="dst">How the schedule goes through the change of clocks; null is the default.</param>
    public static string Of(ScheduleMisfire? misfire, int? maxMisfires, ScheduleDst? dst) => misfire switch
    {
        ScheduleMisfire.RunOnce => "; what was missed runs once",
        ScheduleMisfire.RunAll => string.Create(CultureInfo.InvariantCulture, $"; what was missed runs, at most the latest {maxMisfires ?? 100:N0}"),
        _ => "",
    } + (dst == ScheduleDst.VixieLike ? "; clocks change as in Vixie cron" : "");
}

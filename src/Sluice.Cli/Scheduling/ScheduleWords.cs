using System.Globalization;
using Sluice.Orchestration;
using Sluice.Schedules;

namespace Sluice.Cli.Scheduling;

/// <summary>Schedules of deployments in words and due times.</summary>
internal static class ScheduleWords
{
    /// <summary>The first schedule in words, and how many others there are.</summary>
    public static string Of(Deployment deployment) => deployment.Schedules switch
    {
        [] => "",
        [var only] => One(only),
        [var first, ..] => $"{One(first)} (+{deployment.Schedules.Count - 1} more)",
    };

    /// <summary>In words, with what is unusual about it.</summary>
    public static string Of(DeploymentSchedule schedule) => $"{One(schedule)}{ScheduleOptionWords.Of(schedule.Misfire, schedule.MaxMisfires, schedule.Dst)}";

    public static string WithSlug(DeploymentSchedule schedule) =>
        $"{schedule.Slug ?? schedule.Id.ToString()}: {Of(schedule)}{(schedule.Active ? "" : " (paused)")}";

    /// <summary>The next due times of all schedules that are not paused.</summary>
    public static IReadOnlyList<DateTimeOffset> Next(Deployment deployment, DateTimeOffset now, int count) => deployment.Paused
        ? []
        : [.. deployment.Schedules.Where(schedule => schedule.Active)
            .SelectMany(schedule => Parse(schedule) is { HasZoneData: true } occurrences ? occurrences.Take(now.UtcDateTime, count) : [])
            .Distinct().Order().Take(count).Select(time => new DateTimeOffset(time, TimeSpan.Zero))];

    /// <summary>The schedule; null where this program's grammar refuses what a server holds.</summary>
    public static Occurrences? Parse(DeploymentSchedule of)
    {
        Schedule schedule = of.Schedule;
        Occurrences? occurrences = null;
        if (schedule.Cron is { } cron)
            Occurrences.TryParseCron(cron, schedule.DayOr, schedule.Timezone, Policy(of.Dst), out occurrences, out _);
        else if (schedule.Rrule is { } rrule)
            Occurrences.TryParseRRule(rrule, schedule.Timezone, Policy(of.Dst), out occurrences, out _);
        else if (schedule.Interval is { } seconds)
            Occurrences.TryParseInterval(seconds, schedule.AnchorDate, schedule.Timezone, out occurrences, out _);
        return occurrences;
    }

    public static DstPolicy Policy(ScheduleDst? dst) => dst == ScheduleDst.VixieLike ? DstPolicy.VixieLike : DstPolicy.PrefectCompatible;

    /// <summary>In words; as written where it cannot be read.</summary>
    private static string One(DeploymentSchedule schedule) => Parse(schedule)?.Explain()
        ?? schedule.Schedule.Cron ?? schedule.Schedule.Rrule ?? $"every {schedule.Schedule.Interval?.ToString(CultureInfo.InvariantCulture)} s";
}

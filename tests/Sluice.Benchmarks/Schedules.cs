using Sluice.Schedules;

namespace Sluice.Benchmarks;

/// <summary>Schedules that are known to be valid.</summary>
internal static class Schedules
{
    public static Occurrences Cron(string cron, string zone) =>
        Occurrences.TryParseCron(cron, null, zone, out Occurrences? schedule, out ScheduleError? error) ? schedule! : throw new ArgumentException(error!.Message);

    public static Occurrences Interval(double seconds, string zone) =>
        Occurrences.TryParseInterval(seconds, null, zone, out Occurrences? schedule, out ScheduleError? error) ? schedule! : throw new ArgumentException(error!.Message);

    public static Occurrences RRule(string rrule, string zone) =>
        Occurrences.TryParseRRule(rrule, zone, out Occurrences? schedule, out ScheduleError? error) ? schedule! : throw new ArgumentException(error!.Message);
}

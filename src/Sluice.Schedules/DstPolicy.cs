namespace Sluice.Schedules;

/// <summary>What becomes of wall times that a change of clocks leaves out or repeats.</summary>
#if SCHEDULES_LIBRARY
public
#else
internal
#endif
enum DstPolicy
{
    /// <summary>As Prefect does: a wall time that is left out is shifted forward by the gap (02:30 runs at 03:30); of one that occurs twice only the first counts, so a job of every 15 minutes pauses for the repeated hour.</summary>
    PrefectCompatible,

    /// <summary>
    /// As Vixie cron (also Debian's, cronie's) does, for changes of less than three hours. Jobs at fixed times: those of the left-out hour run once, together, at
    /// the first instant after the gap; those of a repeated hour run in its first turn only. Jobs by the clock follow real time: nothing of the left-out hour is
    /// made up for, and both turns of a repeated hour run. By the clock are cron expressions whose minute or hour field begins with <c>*</c>, and recurrence rules
    /// of HOURLY and finer; all others are at fixed times. A change of three hours and more (Apia leaving out a day) is real time for all.
    /// Intervals are exact in either policy.
    /// </summary>
    VixieLike,
}

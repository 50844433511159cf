namespace Sluice.Schedules;

/// <summary>The kinds of schedules.</summary>
#if SCHEDULES_LIBRARY
public
#else
internal
#endif
enum ScheduleKind
{
    /// <summary>A cron expression in croniter's dialect.</summary>
    Cron,

    /// <summary>A fixed interval from an anchor.</summary>
    Interval,

    /// <summary>An RFC 5545 recurrence rule.</summary>
    RRule,
}

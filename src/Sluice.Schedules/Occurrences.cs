using System;
using System.Collections.Generic;
using System.Globalization;

namespace Sluice.Schedules;

/// <summary>A parsed schedule: says when it fires. Immutable; parse with <c>TryParse…</c>.</summary>
#if SCHEDULES_LIBRARY
public
#else
internal
#endif
abstract class Occurrences
{
    /// <summary>What kind it is.</summary>
    public abstract ScheduleKind Kind { get; }

    /// <summary>The first due time at or after <paramref name="from"/> (UTC), or null when it never fires again. A seek, not a walk.</summary>
    public abstract DateTime? Next(DateTime from);

    /// <summary>The last due time before <paramref name="before"/> (UTC), or null when there is none: the last one at which <see cref="Next"/> answers that time itself. A seek, not a walk.</summary>
    public abstract DateTime? Previous(DateTime before);

    /// <summary>The changes of clocks from <paramref name="from"/> to before <paramref name="to"/> (UTC) that touch the schedule, in order.</summary>
    /// <remarks>
    /// Looks only at the zone's changes in the window, of which the first fifty years count. A change that leaves the schedule's instants evenly spaced, as that
    /// in spring does an hourly cron schedule's, is not mentioned.
    /// </remarks>
    public abstract IReadOnlyList<DstNote> DstNotes(DateTime from, DateTime to);

    /// <summary>What one change of the schedule's zone does to it, or null; for those who know the changes and ask many schedules of a zone.</summary>
    internal abstract DstNote? NoteOn(ClockChange change);

    /// <summary>Whether it plainly fires again and again, told without a search. False says nothing.</summary>
    internal virtual bool FiresForever => false;

    /// <summary>Whether this machine has the rules of the schedule's time zone. Where it has not, all questions for times throw <see cref="InvalidOperationException"/>.</summary>
    public abstract bool HasZoneData { get; }

    /// <summary>In words, as <c>at 06:00 every day (Europe/Paris)</c>. English, invariant.</summary>
    public abstract string Explain();

    /// <summary>The first <paramref name="count"/> due times from <paramref name="from"/> on (UTC), as Prefect lists them.</summary>
    /// <remarks>
    /// Around a change of clocks Prefect's lists differ from one <see cref="Next"/> after the other: in a repeated hour a cron schedule's list begins in the
    /// hour's first turn, before <paramref name="from"/>; and an interval of days keeps its wall time within a list.
    /// </remarks>
    public virtual IReadOnlyList<DateTime> Take(DateTime from, int count)
    {
        var due = new List<DateTime>();
        for (DateTime? next = Next(from); next is { } time && due.Count < count; next = Next(time.AddTicks(1)))
            due.Add(time);
        return due;
    }

    /// <summary>Parses a cron expression in croniter's dialect.</summary>
    /// <param name="cron">5 fields, seconds as the 6th, years as the 7th, or an alias as <c>@daily</c>.</param>
    /// <param name="dayOr">Whether day of month and day of week are ORed (null: true).</param>
    /// <param name="timeZone">IANA id; null is UTC.</param>
    /// <param name="occurrences">The schedule, when valid.</param>
    /// <param name="error">The reason, when not; offsets are in <paramref name="cron"/>, or in <paramref name="timeZone"/> when that is at fault.</param>
    public static bool TryParseCron(string cron, bool? dayOr, string? timeZone, out Occurrences? occurrences, out ScheduleError? error) =>
        TryParseCron(cron, dayOr, timeZone, DstPolicy.PrefectCompatible, out occurrences, out error);

    /// <summary>Parses a cron expression in croniter's dialect.</summary>
    /// <param name="cron">5 fields, seconds as the 6th, years as the 7th, or an alias as <c>@daily</c>.</param>
    /// <param name="dayOr">Whether day of month and day of week are ORed (null: true).</param>
    /// <param name="timeZone">IANA id; null is UTC.</param>
    /// <param name="dst">What becomes of wall times that a change of clocks leaves out or repeats.</param>
    /// <param name="occurrences">The schedule, when valid.</param>
    /// <param name="error">The reason, when not; offsets are in <paramref name="cron"/>, or in <paramref name="timeZone"/> when that is at fault.</param>
    public static bool TryParseCron(string cron, bool? dayOr, string? timeZone, DstPolicy dst, out Occurrences? occurrences, out ScheduleError? error)
    {
        occurrences = null;
        if (CronParser.TryParse(cron, dayOr ?? true, out CronExpression? expression, out error) && Zone.TryFind(timeZone, out Zone? zone, out error))
            occurrences = new CronOccurrences(expression!, zone!, dst);
        return occurrences != null;
    }

    /// <summary>Makes an interval schedule.</summary>
    /// <param name="seconds">Time between due times, above 0.</param>
    /// <param name="anchor">A time that due times are counted from; null is 2020-01-01T00:00 in the schedule's zone.</param>
    /// <param name="timeZone">IANA id; null is UTC. Whole days are calendar days of this zone.</param>
    /// <param name="occurrences">The schedule, when valid.</param>
    /// <param name="error">The reason, when not.</param>
    public static bool TryParseInterval(double seconds, DateTimeOffset? anchor, string? timeZone, out Occurrences? occurrences, out ScheduleError? error)
    {
        occurrences = null;
        // Python's timedelta counts microseconds.
        double microseconds = Math.Round(seconds * 1e6);
        if (!(microseconds >= 1 && microseconds < TimeSpan.MaxValue.Ticks / 10))
        {
            error = new ScheduleError(0, 0, $"an interval of {seconds.ToString("R", CultureInfo.InvariantCulture)} seconds is not possible; it must be above 0 and below 900000000000.");
            return false;
        }
        if (Zone.TryFind(timeZone, out Zone? zone, out error))
            occurrences = new IntervalOccurrences(TimeSpan.FromTicks((long)microseconds * 10), anchor?.UtcDateTime, zone!);
        return occurrences != null;
    }

    /// <summary>Parses an RFC 5545 recurrence rule, or a set of them, in dateutil's reading.</summary>
    /// <remarks>
    /// All dates are wall clock in the schedule's zone, also where they carry a Z or a TZID: Prefect relabels them so. Without DTSTART rules begin at
    /// 2020-01-01T00:00. Where dateutil would loop or fail later (INTERVAL=0, BYHOUR=24), the rule is refused.
    /// </remarks>
    /// <param name="rrule">A rule (<c>FREQ=WEEKLY;BYDAY=MO</c>) or lines of DTSTART, RRULE, RDATE, EXRULE and EXDATE; at most 6,500 characters.</param>
    /// <param name="timeZone">IANA id; null is UTC.</param>
    /// <param name="occurrences">The schedule, when valid.</param>
    /// <param name="error">The reason, when not; offsets are in <paramref name="rrule"/>, or in <paramref name="timeZone"/> when that is at fault.</param>
    public static bool TryParseRRule(string rrule, string? timeZone, out Occurrences? occurrences, out ScheduleError? error) =>
        TryParseRRule(rrule, timeZone, DstPolicy.PrefectCompatible, out occurrences, out error);

    /// <summary>Parses an RFC 5545 recurrence rule, or a set of them, in dateutil's reading: see <see cref="TryParseRRule(string, string?, out Occurrences?, out ScheduleError?)"/>.</summary>
    /// <param name="rrule">A rule (<c>FREQ=WEEKLY;BYDAY=MO</c>) or lines of DTSTART, RRULE, RDATE, EXRULE and EXDATE; at most 6,500 characters.</param>
    /// <param name="timeZone">IANA id; null is UTC.</param>
    /// <param name="dst">What becomes of wall times that a change of clocks leaves out or repeats.</param>
    /// <param name="occurrences">The schedule, when valid.</param>
    /// <param name="error">The reason, when not; offsets are in <paramref name="rrule"/>, or in <paramref name="timeZone"/> when that is at fault.</param>
    public static bool TryParseRRule(string rrule, string? timeZone, DstPolicy dst, out Occurrences? occurrences, out ScheduleError? error)
    {
        occurrences = null;
        if (RRuleParser.TryParse(rrule, out RRuleSet? set, out error) && Zone.TryFind(timeZone, out Zone? zone, out error))
            occurrences = new RRuleOccurrences(set!, zone!, dst);
        return occurrences != null;
    }
}

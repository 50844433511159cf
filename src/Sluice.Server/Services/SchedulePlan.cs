using Sluice.Schedules;

namespace Sluice.Server.Services;

/// <summary>Which runs of one schedule have to exist now, and when to look again.</summary>
/// <param name="Due">The due times, in order.</param>
/// <param name="RefillAt">When more have to be made; null when the schedule never fires again.</param>
internal readonly record struct SchedulePlan(IReadOnlyList<DateTime> Due, DateTime? RefillAt)
{
    /// <summary>Prefect's <c>scheduler.min_runs</c>: so many runs ahead always.</summary>
    public const int MinRuns = 3;

    /// <summary>Prefect's <c>scheduler.max_runs</c>: never more at once.</summary>
    public const int MaxRuns = 100;

    /// <summary>Prefect's <c>scheduler.min_scheduled_time</c>: at least so far ahead, as far as <see cref="MaxRuns"/> reaches.</summary>
    public static readonly TimeSpan MinAhead = TimeSpan.FromHours(1);

    /// <summary>Prefect's <c>scheduler.max_scheduled_time</c>: never farther.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromDays(100);

    /// <summary>How far one filling reaches, so that a frequent schedule is not refilled at each of its runs.</summary>
    private static readonly TimeSpan _filling = 2 * MinAhead;

    /// <summary>Plans the runs due from <paramref name="from"/> on.</summary>
    public static SchedulePlan For(Occurrences occurrences, DateTime from, DateTime now)
    {
        var due = new List<DateTime>();
        DateTime? next = occurrences.Next(from);
        while (next is { } time && time <= now + MaxAhead && due.Count < MaxRuns && (due.Count < MinRuns || due[^1] < now + _filling))
        {
            due.Add(time);
            next = occurrences.Next(time.AddTicks(1));
        }
        if (next is not { } beyond)
            return new(due, null);
        DateTime reachable = beyond - MaxAhead;
        if (due.Count < MinRuns)
            return new(due, Later(reachable, now.AddTicks(1)));
        // Look again when fewer than MinRuns are left or the last is nearer than MinAhead; of a full hundred at least a quarter is used up before.
        DateTime refill = Earlier(due[^MinRuns], due[^1] - MinAhead);
        if (due.Count == MaxRuns)
            refill = Later(refill, due[MaxRuns / 4]);
        return new(due, Later(Later(refill, reachable), now.AddTicks(1)));
    }

    private static DateTime Earlier(DateTime one, DateTime other) => one < other ? one : other;

    private static DateTime Later(DateTime one, DateTime other) => one > other ? one : other;
}

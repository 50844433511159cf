using System.Globalization;
using Sluice.Orchestration;
using Sluice.Server.Store;

namespace Sluice.Server.Services;

/// <summary>
/// Applies a schedule's misfire policy after downtime. Missed are the due times without a run, and the runs made ahead that fell due while no scheduler
/// looked: those that nobody marked late in time, since a running server marks them after <see cref="RunWatch.LateAfter"/>.
/// </summary>
internal static class Misfires
{
    /// <summary>How long after its time an unmarked run counts as missed, as Quartz's misfire threshold: a server that is only slow for a moment is no downtime.</summary>
    public static readonly TimeSpan Threshold = TimeSpan.FromSeconds(60);

    public const int Batch = 100;

    private static readonly Sql _unmarked = Sql.Raw("r.state_type = 'SCHEDULED' AND r.state_name = 'Scheduled' AND r.auto_scheduled = 1 AND r.run_count = 0");

    /// <summary>How many missed due times the policy makes up for.</summary>
    public static int Most(DeploymentSchedule schedule) => schedule.Misfire switch
    {
        ScheduleMisfire.RunOnce => 1,
        ScheduleMisfire.RunAll => schedule.MaxMisfires ?? 1,
        _ => 0,
    };

    /// <summary>Whether the run looks like one that nobody marked late in time; what its schedule says to that is another question.</summary>
    public static bool MayBeMissed(FlowRun run, DateTimeOffset now) =>
        run is { AutoScheduled: true, StateName: "Scheduled", RunCount: 0 } && run.NextScheduledStartTime <= now - Threshold;

    /// <summary>Whether there is anything for <see cref="Settle(Scope, Action{string})"/>.</summary>
    public static bool Any(Scope scope) => Find(scope, 1).Count > 0;

    /// <summary>Settles the schedules whose runs made ahead were missed; those without a run are settled when the schedule is filled. Answers how many there were, at most <see cref="Batch"/>.</summary>
    public static int Settle(Scope scope, Action<string> log)
    {
        List<(Guid Deployment, Guid Schedule)> found = Find(scope, Batch);
        foreach ((Guid deploymentId, Guid scheduleId) in found)
        {
            if (Deployments.Read(scope, deploymentId) is { } deployment && deployment.Schedules.FirstOrDefault(one => one.Id == scheduleId) is { } schedule)
                Settle(scope, deployment, schedule, MissedTimes.None, log);
        }
        return found.Count;
    }

    /// <summary>Makes up for what the schedule missed: <paramref name="unmade"/> and its unmarked runs. Answers how many runs it made.</summary>
    public static int Settle(Scope scope, Deployment deployment, DeploymentSchedule schedule, MissedTimes unmade, Action<string> log)
    {
        int most = Most(schedule);
        if (most == 0)
            return 0;
        var waiting = scope.Db.Query($"""
            SELECT r.id, r.next_scheduled_start_time FROM flow_run r
            WHERE r.deployment_id = {deployment.Id} AND r.schedule_id = {schedule.Id} AND {_unmarked} AND r.next_scheduled_start_time <= {scope.Now}
            ORDER BY r.next_scheduled_start_time
            """, row => (Id: row.Id(), Due: row.Time().UtcDateTime));
        if (unmade.Count == 0 && !(waiting.Count > 0 && waiting[0].Due <= scope.Now.UtcDateTime - Threshold))
            return 0;

        // What has no run is later than what has one: runs are made ahead in order.
        int kept = Math.Clamp(most - unmade.Latest.Count, 0, waiting.Count);
        foreach (var run in waiting.SkipLast(kept))
            FlowRuns.Delete(scope, run.Id);
        bool isOne = schedule.Misfire == ScheduleMisfire.RunOnce;
        int total = waiting.Count + unmade.Count;
        DateTime since = waiting.Count > 0 ? waiting[0].Due : unmade.First!.Value;
        string count = string.Create(CultureInfo.InvariantCulture, $"{(unmade.Count >= MissedTimes.CountedAtMost ? "at least " : "")}{total:N0}");
        string message = isOne && total > 1
            ? string.Create(CultureInfo.InvariantCulture, $"Stands for {count} due times since {since:yyyy-MM-dd HH:mm:ss}Z that were missed: no scheduler ran then.")
            : "Missed at its time: no scheduler ran then.";
        string? context = isOne ? Context(total, since) : null;
        foreach (var run in waiting.TakeLast(kept))
        {
            if (context is not null)
                scope.Db.Execute($"UPDATE flow_run SET context = {context} WHERE id = {run.Id}");
            FlowRunStates.Impose(scope, run.Id, Late(run.Due, message));
        }
        foreach (DateTime due in unmade.Latest)
            ScheduledRuns.Insert(scope, deployment, schedule, due, message, context);
        if (!isOne && total > most)
            log(string.Create(CultureInfo.InvariantCulture, $"The schedule {schedule.Slug ?? schedule.Id.ToString()} of the deployment \"{deployment.Name}\" missed {count} due times since {since:yyyy-MM-dd HH:mm:ss}Z: the latest {most:N0} run."));
        return unmade.Latest.Count;
    }

    private static List<(Guid Deployment, Guid Schedule)> Find(Scope scope, int most) => scope.Db.Query($"""
        SELECT DISTINCT r.deployment_id, r.schedule_id FROM flow_run r JOIN schedule s ON s.id = r.schedule_id AND s.misfire <> 'skip'
        WHERE {_unmarked} AND r.next_scheduled_start_time <= {scope.Now - Threshold} LIMIT {most}
        """, row => (row.Id(), row.Id()));

    private static StateCreate Late(DateTime due, string message) => new()
    {
        Type = StateType.Scheduled,
        Name = "Late",
        Message = message,
        StateDetails = new() { ScheduledTime = new DateTimeOffset(due, TimeSpan.Zero) },
    };

    private static string Context(int count, DateTime since) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"missed":{{count}},"missed_since":"{{since:yyyy-MM-dd'T'HH:mm:ss.FFFFFFF}}Z"}""");
}

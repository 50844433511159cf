using Microsoft.Data.Sqlite;
using Sluice.Orchestration;
using Sluice.Schedules;
using Sluice.Server.Store;

namespace Sluice.Server.Services;

/// <summary>
/// Makes runs ahead. What is due when follows from the schedule alone and every run carries a key of deployment, slug and due time, so whatever
/// is restarted, applied again or run twice makes no second one.
/// </summary>
internal sealed class RunScheduler(Action<string> log)
{
    /// <summary>How many deployments one transaction fills, and after how many made-up runs it ends: others write in between.</summary>
    private const int Batch = 100;
    private const int MadeUpAtOnce = 1_000;

    /// <summary>
    /// A change takes effect at its own moment, also when the filling comes a little later. What is past beyond this was missed, and its schedule's
    /// misfire policy decides: it is the time after which a run is late.
    /// </summary>
    private static readonly TimeSpan _grace = RunWatch.LateAfter;

    private readonly HashSet<string> _told = [];

    /// <summary>Fills what is due for it, a batch. Answers whether there may be more.</summary>
    public bool Fill(Scope scope) => Fill(scope, Sql.Raw("1"));

    /// <summary>Fills only deployments that make up for what they missed.</summary>
    public bool FillMissed(Scope scope) => Fill(scope, Sql.Raw("id IN (SELECT deployment_id FROM schedule WHERE misfire <> 'skip')"));

    private bool Fill(Scope scope, Sql which)
    {
        List<(Guid Id, DateTimeOffset RefillAt)> due = scope.Db.Query(
            $"SELECT id, refill_at FROM deployment WHERE refill_at IS NOT NULL AND refill_at <= {scope.Now} AND {which} ORDER BY refill_at LIMIT {Batch}",
            row => (row.Id(), row.Time()));
        if (due.Count == 0)
            scope.Quietly();
        int madeUp = 0;
        foreach ((Guid id, DateTimeOffset refillAt) in due)
        {
            try
            {
                madeUp += Fill(scope, id, refillAt);
            }
            catch (Exception error) when (error is not (SqliteException or OperationCanceledException))
            {
                Tell($"The deployment {id} is not scheduled: {error.Message}");
                SetRefill(scope, id, null);
            }
            if (madeUp >= MadeUpAtOnce)
                return true;
        }
        return due.Count == Batch;
    }

    /// <summary>Answers how many runs it made for missed due times.</summary>
    private int Fill(Scope scope, Guid id, DateTimeOffset refillAt)
    {
        Deployment deployment = Deployments.Get(scope, id);
        DateTime? next = null;
        int madeUp = 0;
        if (!deployment.Paused)
        {
            DateTime now = scope.Now.UtcDateTime;
            DateTime from = refillAt >= scope.Now - _grace ? refillAt.UtcDateTime : now;
            foreach ((DeploymentSchedule schedule, DateTime since, DateTime settled) in Active(scope, deployment))
            {
                DateTime start = since > from ? since : from;
                if (Plan(deployment, schedule, settled, start, now) is not ({ } plan, var missed))
                    continue;
                madeUp += Misfires.Settle(scope, deployment, schedule, missed, Tell);
                foreach (DateTime time in plan.Due.Where(time => time >= settled))
                    ScheduledRuns.Insert(scope, deployment, schedule, time);
                DateTime settles = plan.Due.Count > 0 ? plan.Due[^1].AddTicks(1) : start;
                if (settles > settled)
                    scope.Db.Execute($"UPDATE schedule SET settled_until = {settles} WHERE id = {schedule.Id}");
                next = next is { } sooner && !(plan.RefillAt < sooner) ? sooner : plan.RefillAt;
            }
        }
        SetRefill(scope, id, next);
        return madeUp;
    }

    private static void SetRefill(Scope scope, Guid id, DateTime? next) =>
        scope.Db.Execute($"UPDATE deployment SET refill_at = {next} WHERE id = {id}");

    /// <summary>One schedule that cannot be read or computed stops neither its neighbours nor the loop; it has no plan.</summary>
    private (SchedulePlan? Plan, MissedTimes Missed) Plan(Deployment deployment, DeploymentSchedule schedule, DateTime settled, DateTime from, DateTime now)
    {
        string reason;
        try
        {
            if (ScheduleReader.TryRead(schedule.Schedule, schedule.Dst, out _, out reason) is { } occurrences)
            {
                return (SchedulePlan.For(occurrences, from, now), Missed(occurrences, settled, from, now, Misfires.Most(schedule)));
            }
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or ArithmeticException or FormatException)
        {
            reason = error.Message;
        }
        Tell($"The schedule {schedule.Slug ?? schedule.Id.ToString()} of the deployment \"{deployment.Name}\" ({deployment.Id}) is skipped: {reason}");
        return (null, MissedTimes.None);
    }

    /// <summary>Where something was missed, what is due at this very moment counts to it: it is made up for in the same run.</summary>
    private static MissedTimes Missed(Occurrences occurrences, DateTime settled, DateTime from, DateTime now, int most)
    {
        if (most == 0)
            return MissedTimes.None;
        MissedTimes missed = MissedTimes.Between(occurrences, settled, from, most);
        return missed.Count > 0 && from == now ? MissedTimes.Between(occurrences, settled, now.AddTicks(1), most) : missed;
    }

    private void Tell(string line)
    {
        if (_told.Add(line))
            log(line);
    }

    private static List<(DeploymentSchedule Schedule, DateTime Since, DateTime Settled)> Active(Scope scope, Deployment deployment)
    {
        var times = scope.Db.Query($"SELECT id, since, settled_until FROM schedule WHERE deployment_id = {deployment.Id}",
            row => (Id: row.Id(), Since: row.Time().UtcDateTime, Settled: row.Time().UtcDateTime)).ToDictionary(row => row.Id);
        return [.. deployment.Schedules.Where(schedule => schedule.Active)
            .Select(schedule => (schedule, times[schedule.Id].Since, times[schedule.Id].Settled))];
    }
}

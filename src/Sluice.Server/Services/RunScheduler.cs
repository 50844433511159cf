using System.Globalization;
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
    /// <summary>How many deployments one transaction fills: others write in between.</summary>
    private const int Batch = 100;

    /// <summary>
    /// A change takes effect at its own moment, also when the filling comes a little later. Beyond this nothing of the past is made up for:
    /// it is the time after which a run is late.
    /// </summary>
    private static readonly TimeSpan _grace = RunWatch.LateAfter;

    private readonly HashSet<string> _told = [];

    /// <summary>Fills what is due for it, a batch. Answers whether there may be more.</summary>
    public bool Fill(Scope scope)
    {
        List<(Guid Id, DateTimeOffset RefillAt)> due = scope.Db.Query(
            $"SELECT id, refill_at FROM deployment WHERE refill_at IS NOT NULL AND refill_at <= {scope.Now} ORDER BY refill_at LIMIT {Batch}", row => (row.Id(), row.Time()));
        if (due.Count == 0)
            scope.Quietly();
        foreach ((Guid id, DateTimeOffset refillAt) in due)
        {
            try
            {
                Fill(scope, id, refillAt);
            }
            catch (Exception error) when (error is not (SqliteException or OperationCanceledException))
            {
                Tell($"The deployment {id} is not scheduled: {error.Message}");
                SetRefill(scope, id, null);
            }
        }
        return due.Count == Batch;
    }

    private void Fill(Scope scope, Guid id, DateTimeOffset refillAt)
    {
        Deployment deployment = Deployments.Get(scope, id);
        DateTime? next = null;
        if (!deployment.Paused)
        {
            DateTime now = scope.Now.UtcDateTime;
            DateTime from = refillAt >= scope.Now - _grace ? refillAt.UtcDateTime : now;
            foreach ((DeploymentSchedule schedule, DateTime since, DateTime settled) in Active(scope, deployment))
            {
                DateTime start = since > from ? since : from;
                SchedulePlan plan = Plan(deployment, schedule, start, now);
                foreach (DateTime time in plan.Due.Where(time => time >= settled))
                    Insert(scope, deployment, schedule, time);
                DateTime settles = plan.Due.Count > 0 ? plan.Due[^1].AddTicks(1) : start;
                if (settles > settled)
                    scope.Db.Execute($"UPDATE schedule SET settled_until = {settles} WHERE id = {schedule.Id}");
                next = next is { } sooner && !(plan.RefillAt < sooner) ? sooner : plan.RefillAt;
            }
        }
        SetRefill(scope, id, next);
    }

    private static void SetRefill(Scope scope, Guid id, DateTime? next) =>
        scope.Db.Execute($"UPDATE deployment SET refill_at = {next} WHERE id = {id}");

    /// <summary>One schedule that cannot be read or computed stops neither its neighbours nor the loop.</summary>
    private SchedulePlan Plan(Deployment deployment, DeploymentSchedule schedule, DateTime from, DateTime now)
    {
        string reason;
        try
        {
            if (ScheduleReader.TryRead(schedule.Schedule, out _, out reason) is { } occurrences)
                return SchedulePlan.For(occurrences, from, now);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or ArithmeticException or FormatException)
        {
            reason = error.Message;
        }
        Tell($"The schedule {schedule.Slug ?? schedule.Id.ToString()} of the deployment \"{deployment.Name}\" ({deployment.Id}) is skipped: {reason}");
        return new([], null);
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

    private static void Insert(Scope scope, Deployment deployment, DeploymentSchedule schedule, DateTime due)
    {
        string slug = schedule.Slug ?? schedule.Id.ToString();
        var time = new DateTimeOffset(due, TimeSpan.Zero);
        FlowRuns.TryInsert(scope, new()
        {
            Id = scope.NewId(),
            Name = RunNames.Next(),
            FlowId = deployment.FlowId,
            DeploymentId = deployment.Id,
            DeploymentVersion = deployment.Version,
            WorkQueueId = deployment.WorkQueueId,
            Parameters = Columns.Over(deployment.Parameters, schedule.Parameters),
            IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"scheduled {deployment.Id} {slug} {due:yyyy-MM-dd'T'HH:mm:ss.FFFFFFF}Z"),
            Tags = AutoRuns.Tags(deployment),
            Labels = AutoRuns.Labels(deployment),
            AutoScheduled = true,
            CreatedBy = new() { Id = schedule.Id, Type = "SCHEDULE", DisplayValue = slug },
        }, new()
        {
            Type = StateType.Scheduled,
            Message = "Flow run scheduled",
            StateDetails = new() { ScheduledTime = time },
        }, schedule.Id);
    }
}

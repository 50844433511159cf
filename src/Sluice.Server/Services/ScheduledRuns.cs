using System.Globalization;
using Sluice.Orchestration;
using Sluice.Server.Store;

namespace Sluice.Server.Services;

/// <summary>Makes the run of one due time of a schedule.</summary>
internal static class ScheduledRuns
{
    /// <summary>Makes the runs that <see cref="Orchestration.Backfill"/> asks for, as the scheduler would: by the same keys, and they go with the schedule.</summary>
    public static void Backfill(Scope scope, Guid deploymentId, Backfill backfill)
    {
        Deployment deployment = Deployments.Get(scope, deploymentId);
        DateTime start = (backfill.StartTime ?? scope.Now).UtcDateTime;
        TimeSpan reach = Seconds(backfill.MinTime) ?? SchedulePlan.MinAhead;
        DateTime end = backfill.EndTime?.UtcDateTime ?? Plus(start, SchedulePlan.MaxAhead);
        int least = Count(backfill.MinRuns, SchedulePlan.MinRuns, "min_runs"), most = Count(backfill.MaxRuns, SchedulePlan.MaxRuns, "max_runs");
        foreach (DeploymentSchedule schedule in deployment.Schedules.Where(schedule => schedule.Active))
        {
            if (ScheduleReader.TryRead(schedule.Schedule, schedule.Dst, out _, out string reason) is not { } occurrences)
                throw Refuse.Conflict($"The schedule {schedule.Slug ?? schedule.Id.ToString()} cannot be read: {reason}");
            int made = 0;
            for (DateTime? due = occurrences.Next(start); due is { } time && time <= end && made < most; due = occurrences.Next(time.AddTicks(1)))
            {
                if (made >= least && time >= Plus(start, reach))
                    break;
                // What is late when it is made was asked for now: no misfire policy takes it for missed.
                Insert(scope, deployment, schedule, time, time <= scope.Now.UtcDateTime ? "Asked for after its time" : null);
                made++;
            }
        }
    }

    private static TimeSpan? Seconds(double? seconds) => seconds switch
    {
        null => null,
        >= 0 and < 1e9 => TimeSpan.FromSeconds(seconds.Value),
        _ => throw Refuse.Invalid("body.min_time", FormattableString.Invariant($"min_time must be seconds from 0 on, found {seconds}.")),
    };

    private static int Count(int? given, int otherwise, string field) => given switch
    {
        null => otherwise,
        >= 0 and <= 10_000 => given.Value,
        _ => throw Refuse.Invalid("body." + field, FormattableString.Invariant($"{field} must be 0 to 10000, found {given}.")),
    };

    private static DateTime Plus(DateTime time, TimeSpan span) => DateTime.MaxValue - time > span ? time + span : DateTime.MaxValue;

    /// <summary>Makes it, unless it exists: its key is made of deployment, slug and due time.</summary>
    /// <param name="scope">The transaction.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="schedule">The schedule.</param>
    /// <param name="due">The due time (UTC).</param>
    /// <param name="missed">Why it is made after its time; null for a run made ahead.</param>
    /// <param name="context">Its context as JSON.</param>
    public static void Insert(Scope scope, Deployment deployment, DeploymentSchedule schedule, DateTime due, string? missed = null, string? context = null)
    {
        string slug = schedule.Slug ?? schedule.Id.ToString();
        FlowRuns.TryInsert(scope, new()
        {
            Id = scope.NewId(),
            Name = RunNames.Next(),
            FlowId = deployment.FlowId,
            DeploymentId = deployment.Id,
            DeploymentVersion = deployment.Version,
            WorkQueueId = deployment.WorkQueueId,
            Parameters = Hydration.Known(scope, Columns.Over(deployment.Parameters, schedule.Parameters)),
            IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"scheduled {deployment.Id} {slug} {due:yyyy-MM-dd'T'HH:mm:ss.FFFFFFF}Z"),
            Context = context is null ? null : Columns.Parse(context),
            Tags = AutoRuns.Tags(deployment),
            Labels = AutoRuns.Labels(deployment),
            AutoScheduled = true,
            CreatedBy = new() { Id = schedule.Id, Type = "SCHEDULE", DisplayValue = slug },
        }, new()
        {
            Type = StateType.Scheduled,
            Name = missed is null ? null : "Late",
            Message = missed ?? "Flow run scheduled",
            StateDetails = new() { ScheduledTime = new DateTimeOffset(due, TimeSpan.Zero) },
        }, schedule.Id);
    }
}

using System.Globalization;
using Sluice.Orchestration;
using Sluice.Server.Store;

namespace Sluice.Server.Services;

/// <summary>Makes the run of one due time of a schedule.</summary>
internal static class ScheduledRuns
{
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
            Parameters = SchemaChecks.Hydrated(Columns.Over(deployment.Parameters, schedule.Parameters)),
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

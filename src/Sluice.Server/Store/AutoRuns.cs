using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>The runs that schedules made ahead and that have not started, and when the scheduler has to make more.</summary>
internal static class AutoRuns
{
    private static readonly Sql _notStarted = Sql.Raw("state_type = 'SCHEDULED' AND run_count = 0 AND auto_scheduled = 1");

    /// <summary>Lets the scheduler look at the deployment from this moment on. An earlier order stands, so that no due time falls between two.</summary>
    public static void Refill(Scope scope, Guid deploymentId)
    {
        // Where nothing was ordered (as during a pause), nothing was missed.
        scope.Db.Execute($"""
            UPDATE schedule SET settled_until = MAX(settled_until, {scope.Now})
            WHERE deployment_id = {deploymentId} AND (SELECT refill_at FROM deployment WHERE id = {deploymentId}) IS NULL
            """);
        scope.Db.Execute($"""
            UPDATE deployment SET refill_at = CASE WHEN paused THEN NULL ELSE MIN(COALESCE(refill_at, {scope.Now}), {scope.Now}) END WHERE id = {deploymentId}
            """);
    }

    /// <summary>Drops all not started runs of the deployment, or of one schedule.</summary>
    public static void Drop(Scope scope, Guid deploymentId, Guid? scheduleId = null) => Drop(scope, deploymentId, scheduleId, Sql.Raw("1"));

    /// <summary>Drops those that are due from now on: late ones stay due.</summary>
    public static void DropAhead(Scope scope, Guid deploymentId, Guid? scheduleId = null) =>
        Drop(scope, deploymentId, scheduleId, $"next_scheduled_start_time >= {scope.Now}");

    /// <summary>Gives the runs that wait what the deployment and its schedules say now, without making them anew.</summary>
    public static void Refresh(Scope scope, Guid deploymentId)
    {
        Deployment deployment = Deployments.Get(scope, deploymentId);
        foreach (DeploymentSchedule schedule in deployment.Schedules)
        {
            scope.Db.Execute($"""
                UPDATE flow_run SET updated = {scope.Now}, parameters = {Columns.Map(Hydration.Known(scope, Columns.Over(deployment.Parameters, schedule.Parameters)))},
                    tags = {Columns.List(Tags(deployment))}, labels = {Columns.Map(Labels(deployment))},
                    deployment_version = {deployment.Version}, work_queue_id = {deployment.WorkQueueId}
                WHERE deployment_id = {deploymentId} AND {_notStarted} AND schedule_id = {schedule.Id}
                """);
        }
    }

    public static IReadOnlyList<string> Tags(Deployment deployment) => Columns.Union(["auto-scheduled"], deployment.Tags);

    public static IReadOnlyDictionary<string, System.Text.Json.JsonElement> Labels(Deployment deployment) =>
        deployment.Labels.With("prefect.deployment.id", deployment.Id);

    private static void Drop(Scope scope, Guid deploymentId, Guid? scheduleId, Sql which)
    {
        Sql ofRun = scheduleId is { } id ? (Sql)$"schedule_id = {id}" : Sql.Raw("1");
        Sql ofSchedule = scheduleId is { } one ? (Sql)$"id = {one}" : Sql.Raw("1");
        scope.Db.Execute($"DELETE FROM flow_run WHERE deployment_id = {deploymentId} AND {_notStarted} AND {which} AND {ofRun}");
        scope.Db.Execute($"UPDATE schedule SET settled_until = MIN(settled_until, {scope.Now}) WHERE deployment_id = {deploymentId} AND {ofSchedule}");
    }
}

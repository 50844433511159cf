using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Store;

internal static class DeploymentSchedules
{
    private static readonly Sql _select = Sql.Raw("""
        SELECT s.id, s.created, s.updated, s.deployment_id, s.schedule, s.active, s.max_scheduled_runs, s.parameters, s.slug,
            s.misfire, s.max_misfires, s.dst
        FROM schedule s
        """);

    /// <summary>In order of creation.</summary>
    public static List<DeploymentSchedule> Of(Scope scope, Guid deploymentId) =>
        scope.Db.Query($"{_select} WHERE s.deployment_id = {deploymentId} ORDER BY s.rowid", From);

    /// <summary>Of several deployments, by deployment.</summary>
    public static ILookup<Guid, DeploymentSchedule> Of(Scope scope, IEnumerable<Guid> deploymentIds) =>
        scope.Db.Query($"{_select} WHERE s.deployment_id IN ({Sql.List(deploymentIds)}) ORDER BY s.rowid", From).ToLookup(schedule => schedule.DeploymentId!.Value);

    public static List<DeploymentSchedule> Create(Scope scope, Guid deploymentId, IReadOnlyList<DeploymentScheduleCreate> schedules)
    {
        Deployments.Get(scope, deploymentId);
        List<DeploymentSchedule> created = [.. schedules.Select((schedule, i) => Insert(scope, deploymentId, schedule, $"body.{i}"))];
        AutoRuns.Refill(scope, deploymentId);
        Deployments.Touch(scope, deploymentId);
        return created;
    }

    public static DeploymentSchedule Insert(Scope scope, Guid deploymentId, DeploymentScheduleCreate schedule, string at)
    {
        if (schedule.Slug is { } slug && scope.Db.Exists($"SELECT 1 FROM schedule WHERE deployment_id = {deploymentId} AND slug = {slug}"))
            throw Refuse.Conflict($"The deployment already has a schedule with the slug \"{slug}\": slugs are unique within a deployment.");
        var created = new DeploymentSchedule
        {
            Id = scope.NewId(),
            Created = scope.Now,
            Updated = scope.Now,
            DeploymentId = deploymentId,
            Schedule = ScheduleReader.Accept(schedule.Schedule, $"{at}.schedule"),
            Active = schedule.Active ?? true,
            MaxScheduledRuns = schedule.MaxScheduledRuns,
            Parameters = schedule.Parameters ?? new Dictionary<string, JsonElement>(),
            Slug = schedule.Slug,
            Misfire = schedule.Misfire ?? ScheduleMisfire.Skip,
            MaxMisfires = ScheduleOptions.Limit(schedule.Misfire, schedule.MaxMisfires, null, at),
            Dst = schedule.Dst ?? ScheduleDst.PrefectCompatible,
        };
        scope.Db.Execute($"""
            INSERT INTO schedule (id, created, updated, deployment_id, slug, active, schedule, max_scheduled_runs, parameters, misfire, max_misfires, dst, since, settled_until)
            VALUES ({created.Id}, {scope.Now}, {scope.Now}, {deploymentId}, {created.Slug}, {created.Active}, {Columns.Write(created.Schedule)},
                {created.MaxScheduledRuns}, {Columns.Map(created.Parameters)}, {ScheduleOptions.Text(created.Misfire)}, {created.MaxMisfires},
                {ScheduleOptions.Text(created.Dst)}, {scope.Now}, {scope.Now})
            """);
        return created;
    }

    public static void Update(Scope scope, Guid deploymentId, Guid scheduleId, DeploymentScheduleUpdate update)
    {
        Deployments.Get(scope, deploymentId);
        DeploymentSchedule schedule = Of(scope, deploymentId).Find(schedule => schedule.Id == scheduleId)
            ?? throw Refuse.NotFound($"Schedule not found: {scheduleId}.");
        Update(scope, schedule, update, "body");
    }

    /// <summary>Changes a schedule; where it fires otherwise than before, its runs ahead are dropped and made again. Answers whether anything changed.</summary>
    public static bool Update(Scope scope, DeploymentSchedule schedule, DeploymentScheduleUpdate update, string at)
    {
        DeploymentSchedule next = schedule with
        {
            Schedule = update.Schedule is { } given && !ScheduleReader.Same(given, schedule.Schedule)
                ? ScheduleReader.Accept(given, $"{at}.schedule") : schedule.Schedule,
            Active = update.Active ?? schedule.Active,
            MaxScheduledRuns = update.MaxScheduledRuns ?? schedule.MaxScheduledRuns,
            Parameters = update.Parameters ?? schedule.Parameters,
            Slug = update.Slug ?? schedule.Slug,
            Misfire = update.Misfire ?? schedule.Misfire,
            MaxMisfires = ScheduleOptions.Limit(update.Misfire ?? schedule.Misfire, update.MaxMisfires, schedule.MaxMisfires, at),
            Dst = update.Dst ?? schedule.Dst,
        };
        Guid deploymentId = schedule.DeploymentId!.Value;
        if (next.Slug != schedule.Slug && scope.Db.Exists($"SELECT 1 FROM schedule WHERE deployment_id = {deploymentId} AND slug = {next.Slug}"))
            throw Refuse.Conflict($"The deployment already has a schedule with the slug \"{next.Slug}\": slugs are unique within a deployment.");
        bool fires = next.Schedule != schedule.Schedule || next.Active != schedule.Active || next.Slug != schedule.Slug || next.Dst != schedule.Dst;
        bool settles = next.Misfire != schedule.Misfire || next.MaxMisfires != schedule.MaxMisfires;
        if (!fires && !settles && next.MaxScheduledRuns == schedule.MaxScheduledRuns && Columns.Map(next.Parameters) == Columns.Map(schedule.Parameters))
            return false;
        scope.Db.Execute($"""
            UPDATE schedule SET updated = {scope.Now}, slug = {next.Slug}, active = {next.Active}, schedule = {Columns.Write(next.Schedule)},
                max_scheduled_runs = {next.MaxScheduledRuns}, parameters = {Columns.Map(next.Parameters)}, misfire = {ScheduleOptions.Text(next.Misfire)},
                max_misfires = {next.MaxMisfires}, dst = {ScheduleOptions.Text(next.Dst)}
            WHERE id = {schedule.Id}
            """);
        Deployments.Touch(scope, deploymentId);
        // What is new holds from now on: nothing that was due before is made up for.
        if (settles)
            scope.Db.Execute($"UPDATE schedule SET settled_until = MAX(settled_until, {scope.Now}) WHERE id = {schedule.Id}");
        if (fires)
        {
            scope.Db.Execute($"UPDATE schedule SET since = {scope.Now}, settled_until = {scope.Now} WHERE id = {schedule.Id}");
            AutoRuns.DropAhead(scope, deploymentId, schedule.Id);
            AutoRuns.Refill(scope, deploymentId);
        }
        else
        {
            AutoRuns.Refresh(scope, deploymentId);
        }
        return true;
    }

    public static bool Delete(Scope scope, Guid deploymentId, Guid scheduleId)
    {
        if (scope.Db.Execute($"DELETE FROM schedule WHERE id = {scheduleId} AND deployment_id = {deploymentId}") == 0)
            return false;
        AutoRuns.Drop(scope, deploymentId, scheduleId);
        AutoRuns.Refill(scope, deploymentId);
        Deployments.Touch(scope, deploymentId);
        return true;
    }

    /// <summary>Prefect's POST: all schedules are replaced.</summary>
    public static void Replace(Scope scope, Guid deploymentId, IReadOnlyList<DeploymentScheduleCreate> schedules)
    {
        scope.Db.Execute($"DELETE FROM schedule WHERE deployment_id = {deploymentId}");
        for (int i = 0; i < schedules.Count; i++)
            Insert(scope, deploymentId, schedules[i], $"body.schedules.{i}");
    }

    /// <summary>Prefect's PATCH: matches by slug and leaves unlisted ones alone; without slugs it replaces all.</summary>
    public static void Patch(Scope scope, Guid deploymentId, IReadOnlyList<DeploymentScheduleUpdate> schedules)
    {
        List<DeploymentSchedule> live = Of(scope, deploymentId);
        if (live.Count > 0 && live.TrueForAll(schedule => schedule.Slug is not null))
        {
            if (schedules.Any(schedule => schedule.Slug is null))
                throw Refuse.Invalid("body.schedules", "Please provide a slug for each schedule: the deployment's schedules have slugs.");
            for (int i = 0; i < schedules.Count; i++)
            {
                DeploymentScheduleUpdate update = schedules[i];
                if (live.Find(schedule => schedule.Slug == (update.Replaces ?? update.Slug)) is { } match)
                    Update(scope, match, update, $"body.schedules.{i}");
                else
                    Insert(scope, deploymentId, Creation(update, i), $"body.schedules.{i}");
            }
            return;
        }
        Replace(scope, deploymentId, [.. schedules.Select(Creation)]);
    }

    /// <summary>What code declares: matches by slug, removes what is not listed, keeps a pause made by a person. Answers whether anything changed.</summary>
    public static bool Declare(Scope scope, Guid deploymentId, IReadOnlyList<DeploymentScheduleCreate> schedules, string at)
    {
        bool changed = false;
        List<DeploymentSchedule> live = Of(scope, deploymentId);
        // A schedule that a person made has no slug, and a publish that keeps it says it again as it stands: it stays that one.
        List<DeploymentSchedule> nameless = [.. live.Where(one => one.Slug is null)];
        List<DeploymentSchedule?> kept = [.. schedules.Select(schedule =>
        {
            DeploymentSchedule? same = schedule.Slug is null ? nameless.Find(one => ScheduleReader.Same(one.Schedule, schedule.Schedule)) : null;
            if (same is not null)
                nameless.Remove(same);
            return same;
        })];
        List<DeploymentScheduleCreate> declared = [.. schedules.Select((schedule, i) => kept[i] is null ? schedule with { Slug = schedule.Slug ?? $"schedule-{i + 1}" } : schedule)];
        if (declared.Where(schedule => schedule.Slug is not null).GroupBy(schedule => schedule.Slug).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw Refuse.Invalid($"{at}.schedules", $"Two schedules have the slug \"{twice.Key}\": slugs are unique within a deployment.");
        List<DeploymentSchedule?> matches = [.. declared.Select((schedule, i) =>
            kept[i] ?? live.Find(one => one.Slug == schedule.Slug) ?? live.Find(one => one.Slug is not null && one.Slug == schedule.Replaces))];
        foreach (DeploymentSchedule gone in live.Except(matches.OfType<DeploymentSchedule>()))
            changed |= Delete(scope, deploymentId, gone.Id);
        for (int i = 0; i < declared.Count; i++)
        {
            string here = $"{at}.schedules.{i}";
            DeploymentScheduleCreate schedule = declared[i];
            if (matches[i] is { } match)
            {
                changed |= Update(scope, match, new()
                {
                    Schedule = schedule.Schedule,
                    Active = schedule.Active,
                    MaxScheduledRuns = schedule.MaxScheduledRuns,
                    Parameters = schedule.Parameters ?? new Dictionary<string, JsonElement>(),
                    Slug = schedule.Slug,
                    Misfire = schedule.Misfire,
                    MaxMisfires = schedule.MaxMisfires,
                    Dst = schedule.Dst,
                }, here);
                continue;
            }
            Insert(scope, deploymentId, schedule, here);
            AutoRuns.Refill(scope, deploymentId);
            Deployments.Touch(scope, deploymentId);
            changed = true;
        }
        return changed;
    }

    private static DeploymentScheduleCreate Creation(DeploymentScheduleUpdate update, int i) => new()
    {
        Schedule = update.Schedule ?? throw Refuse.Invalid($"body.schedules.{i}.schedule", $"The new schedule \"{update.Slug}\" says nothing about when it fires."),
        Active = update.Active,
        MaxScheduledRuns = update.MaxScheduledRuns,
        Parameters = update.Parameters,
        Slug = update.Slug,
        Misfire = update.Misfire,
        MaxMisfires = update.MaxMisfires,
        Dst = update.Dst,
    };

    private static DeploymentSchedule From(Row row) => new()
    {
        Id = row.Id(),
        Created = row.Time(),
        Updated = row.Time(),
        DeploymentId = row.Id(),
        Schedule = row.Json(Columns.Type<Schedule>()),
        Active = row.Flag(),
        MaxScheduledRuns = row.IntOrNull(),
        Parameters = row.Map(),
        Slug = row.TextOrNull(),
        Misfire = ScheduleOptions.Misfire(row.Text()),
        MaxMisfires = row.IntOrNull(),
        Dst = ScheduleOptions.Dst(row.Text()),
    };
}

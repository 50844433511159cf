namespace Sluice.Generators.Model;

/// <summary>A deployment as the attributes declare it; JSON texts are those of the attribute, known to be objects.</summary>
internal sealed record DeploymentModel(
    string Name, EquatableArray<ScheduleModel> Schedules, string? WorkPool, string? WorkQueue, EquatableArray<string> Tags, string? Parameters,
    string? Description, string? Version, bool? Paused, string? Storage, string? StorageKey, EquatableArray<string> Secrets, bool AddDefaultLabels,
    string? Infrastructure, string? Image, string? JobVariables, int? ConcurrencyLimit);

/// <summary>A schedule of a deployment. Exactly one of cron, interval and rrule is set.</summary>
/// <param name="Interval">As written.</param>
/// <param name="Misfire">As the manifest names it; null is the default, as in the two after it.</param>
internal sealed record ScheduleModel(
    string Slug, string? Cron, string? Interval, string? RRule, string? TimeZone, bool DayOr, string? AnchorDate, string? Parameters,
    string? Misfire, int? MaxMisfires, string? Dst);

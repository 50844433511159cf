using System.Text.Json;
using Sluice.Deploy.Ownership;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Planning;

/// <summary>Compares what is to be with what is, field by field. A null member of what is to be keeps the live value and is no difference.</summary>
internal static class DeploymentDiff
{
    /// <summary>The names of what differs, as people read them.</summary>
    /// <param name="live">What is.</param>
    /// <param name="desired">What is to be.</param>
    /// <param name="server">Where it is; null for Sluice's own server.</param>
    public static IReadOnlyList<string> Of(Deployment live, DeploymentCreate desired, ApiInfo? server)
    {
        bool isSluice = server is null or { IsSluice: true }, isPrefect2 = server is { IsPrefect2: true };
        var changes = new List<string>();
        void Check(string name, bool same)
        {
            if (!same)
                changes.Add(name);
        }

        Check("package", desired.Path == live.Path && Package(desired.JobVariables) == Package(live.JobVariables));
        Check("version", desired.Version is null || desired.Version == live.Version);
        Check("description", desired.Description is null || desired.Description == live.Description);
        Check("entrypoint", desired.Entrypoint == live.Entrypoint);
        Check("schedules", SameSchedules(live.Schedules, desired.Schedules!, isSluice, isPrefect2));
        bool? paused = isPrefect2 ? PausedOnPrefect2(desired) : desired.Paused;
        Check("paused", paused is null || paused == live.Paused);
        Check("parameters", JsonEquality.Same(desired.Parameters, live.Parameters));
        Check("parameter schema", JsonEquality.Same(desired.ParameterOpenapiSchema, live.ParameterOpenapiSchema) && (live.EnforceParameterSchema || isPrefect2));
        Check("tags", desired.Tags!.ToHashSet(StringComparer.Ordinal).SetEquals(live.Tags));
        Check("work pool", desired.WorkPoolName is { } pool ? pool == live.WorkPoolName : live.WorkPoolName is null or DeploymentDesign.DefaultPool);
        Check("work queue", desired.WorkQueueName is null || desired.WorkQueueName == live.WorkQueueName);
        Check("concurrency limit", isPrefect2 || desired.ConcurrencyLimit is null || desired.ConcurrencyLimit == live.ConcurrencyLimit);
        Check("job variables", JsonEquality.Same(WithoutPackage(desired.JobVariables), WithoutPackage(live.JobVariables)));
        // Prefect 3 sets labels only when a deployment is created; on Prefect 2 ours are among its tags.
        Check("labels", !(isSluice || isPrefect2) || (desired.Labels!.Where(l => isSluice || l.Key != DeclaredSlugs.Label).All(l => live.Labels.TryGetValue(l.Key, out JsonElement value) && JsonElement.DeepEquals(l.Value, value))
            && DefaultLabels.Names.Concat(isSluice ? OwnerMark.Labels : []).All(name => desired.Labels!.ContainsKey(name) == live.Labels.ContainsKey(name))));
        return changes;
    }

    /// <summary>Prefect 2 has one switch for both pauses.</summary>
    private static bool? PausedOnPrefect2(DeploymentCreate desired) => (desired.Paused, desired.Schedules!.FirstOrDefault()?.Active) switch
    {
        (null, null) => null,
        (true, _) or (_, false) => true,
        _ => false,
    };

    private static bool SameSchedules(IReadOnlyList<DeploymentSchedule> live, IReadOnlyList<DeploymentScheduleCreate> desired, bool isSluice, bool isPrefect2) =>
        live.Count == desired.Count && desired.All(d => live.FirstOrDefault(l => l.Slug == d.Slug && (d.Slug is not null || Same(d.Schedule, l.Schedule))) is { } l
            && Same(d.Schedule, l.Schedule) && (d.Active is null || isPrefect2 || d.Active == l.Active) && (isPrefect2 || JsonEquality.Same(d.Parameters, l.Parameters))
            && (!isSluice || ((d.Misfire ?? ScheduleMisfire.Skip) == (l.Misfire ?? ScheduleMisfire.Skip) && d.MaxMisfires == l.MaxMisfires
                && (d.Dst ?? ScheduleDst.PrefectCompatible) == (l.Dst ?? ScheduleDst.PrefectCompatible))));

    // The server fills in what is left out: the zone, day_or, an interval's anchor, and a rule's start.
    private static bool Same(Schedule desired, Schedule live) =>
        desired.Cron == live.Cron
        && (desired.Cron is null || (desired.DayOr ?? true) == (live.DayOr ?? true))
        && desired.Interval == live.Interval
        && (desired.AnchorDate is null || desired.AnchorDate == live.AnchorDate)
        && (desired.Rrule == live.Rrule || (desired.Rrule is { } rule && live.Rrule?.EndsWith("\n" + rule, StringComparison.Ordinal) == true))
        && (desired.Timezone ?? "UTC") == (live.Timezone ?? "UTC");

    // Where there is no package, the program is in the image.
    private static string? Package(IReadOnlyDictionary<string, JsonElement>? variables) =>
        variables?.TryGetValue("env", out JsonElement env) == true && env.ValueKind == JsonValueKind.Object
            && env.TryGetProperty(PackageReference.Variable, out JsonElement package) ? package.ToString()
        : variables?.TryGetValue("image", out JsonElement image) == true ? image.ToString() : null;

    private static Dictionary<string, JsonElement> WithoutPackage(IReadOnlyDictionary<string, JsonElement>? variables)
    {
        var rest = new Dictionary<string, JsonElement>(variables ?? new Dictionary<string, JsonElement>(), StringComparer.Ordinal);
        if (rest.TryGetValue("env", out JsonElement env) && env.ValueKind == JsonValueKind.Object)
        {
            if (!env.TryGetProperty(PackageReference.Variable, out _))
                rest.Remove("image");
            var others = env.EnumerateObject().Where(v => v.Name is not (PackageReference.Variable or VersionPointer.Variable)).ToDictionary(v => v.Name, v => v.Value);
            rest["env"] = JsonSerializer.SerializeToElement(others, DeployJson.Default.DictionaryStringJsonElement);
        }
        return rest;
    }
}

using System.Globalization;
using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Cli.Migration;

/// <summary>Compares schedules of two servers, each of which adds to what it is given: anchors, DTSTARTs, defaults.</summary>
internal static class ScheduleShape
{
    /// <summary>
    /// The schedules with a slug each, by which they are found again: what has none is numbered by age, as a publish numbers it.
    /// </summary>
    public static IReadOnlyList<DeploymentSchedule> WithSlugs(IReadOnlyList<DeploymentSchedule> schedules)
    {
        var taken = schedules.Select(schedule => schedule.Slug).OfType<string>().ToHashSet(StringComparer.Ordinal);
        int number = 0;
        return [.. schedules.OrderBy(schedule => schedule.Created).ThenBy(schedule => schedule.Id).Select(schedule => schedule.Slug is not null ? schedule : schedule with { Slug = Next() })];

        string Next()
        {
            while (true)
            {
                string slug = "schedule-" + (++number).ToString(CultureInfo.InvariantCulture);
                if (taken.Add(slug))
                    return slug;
            }
        }
    }

    /// <summary>Whether the target fires as the source does.</summary>
    public static bool SameTimes(Schedule source, Schedule target) =>
        source.Cron == target.Cron && (source.Cron is null || (source.DayOr ?? true) == (target.DayOr ?? true))
            && source.Interval == target.Interval && (source.AnchorDate is null || source.AnchorDate == target.AnchorDate)
            && SameRule(source.Rrule, target.Rrule)
            && (source.Timezone ?? "UTC") == (target.Timezone ?? "UTC");

    /// <summary>Whether all that the target can hold is the same.</summary>
    public static bool Same(DeploymentSchedule source, DeploymentSchedule target, ServerKind kind, bool activity) =>
        SameTimes(source.Schedule, target.Schedule)
            && (kind.IsPrefect2 || !activity || source.Active == target.Active)
            && (kind.IsPrefect2 || source.MaxScheduledRuns is null || source.MaxScheduledRuns == target.MaxScheduledRuns)
            && (kind.IsPrefect2 || JsonShape.Same(source.Parameters, target.Parameters))
            && (!kind.IsSluice || ((source.Misfire ?? ScheduleMisfire.Skip) == (target.Misfire ?? ScheduleMisfire.Skip)
                && (source.MaxMisfires is null || source.MaxMisfires == target.MaxMisfires) && (source.Dst ?? ScheduleDst.PrefectCompatible) == (target.Dst ?? ScheduleDst.PrefectCompatible)));

    /// <summary>What of a schedule gets lost at a server of that kind.</summary>
    public static IEnumerable<string> Losses(DeploymentSchedule schedule, ServerKind kind)
    {
        if (!kind.IsSluice && schedule.Misfire is ScheduleMisfire.RunOnce or ScheduleMisfire.RunAll)
            yield return $"schedule {schedule.Slug}: what is missed is not made up for; misfire policies are Sluice's own";
        if (!kind.IsSluice && schedule.Dst is ScheduleDst.VixieLike)
            yield return $"schedule {schedule.Slug}: changes of clocks are handled in Prefect's way";
        if (kind.IsPrefect2 && schedule.Parameters.Count > 0)
            yield return $"schedule {schedule.Slug}: Prefect 2 has no parameters of schedules ({string.Join(", ", schedule.Parameters.Keys)})";
    }

    private static bool SameRule(string? source, string? target)
    {
        if (source is null || target is null)
            return source == target;
        source = source.ReplaceLineEndings("\n").Trim();
        target = target.ReplaceLineEndings("\n").Trim();
        // Prefect 3 gives a rule without a start one.
        return source == target || (!source.Contains("DTSTART", StringComparison.OrdinalIgnoreCase) && source == WithoutStart(target));
    }

    private static string WithoutStart(string rule) =>
        string.Join('\n', rule.Split('\n').Where(line => !line.StartsWith("DTSTART", StringComparison.OrdinalIgnoreCase)));
}

/// <summary>Compares JSON by value.</summary>
internal static class JsonShape
{
    public static bool Same(IReadOnlyDictionary<string, JsonElement> a, IReadOnlyDictionary<string, JsonElement> b) =>
        a.Count == b.Count && a.All(pair => b.TryGetValue(pair.Key, out JsonElement other) && JsonElement.DeepEquals(pair.Value, other));

    /// <summary>Absent, null, <c>{}</c> and <c>[]</c> say the same.</summary>
    public static bool Same(JsonElement? a, JsonElement? b) =>
        IsEmpty(a) ? IsEmpty(b) : !IsEmpty(b) && JsonElement.DeepEquals(a!.Value, b!.Value);

    public static bool IsEmpty(JsonElement? json) => json is not { } value || value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => true,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        _ => false,
    };
}

using System.Globalization;
using Sluice.Deploy.Files.Yaml;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Planning;
using Sluice.Orchestration;
using Sluice.Schedules;

namespace Sluice.Deploy.Files;

/// <summary>Reads <c>schedule</c>, as Prefect 2 has it, and <c>schedules</c>, for several.</summary>
internal sealed class FileSchedules(FileValues values)
{
    private const string DefaultSlug = "schedule-1";

    /// <summary>The schedules of a file; null where it says nothing of them.</summary>
    public IReadOnlyList<ScheduleManifest>? Read(YamlMapping root)
    {
        YamlNode? one = root["schedule"], several = root["schedules"];
        if (several is not null && !FileValues.IsNull(several))
        {
            if (one is not null && !FileValues.IsNull(one))
                values.Add(one, DeployCodes.FileValue, "A file has schedule or schedules, not both: move this one into schedules.");
            return several is YamlSequence list ? [.. list.Items.Select(Entry).OfType<ScheduleManifest>()] : values.Wrong<IReadOnlyList<ScheduleManifest>>(several, "schedules", "a list of schedules");
        }
        if (one is null && several is null)
            return null;
        return one is null || FileValues.IsNull(one) ? [] : When(one, null) is { } text ? [new() { Slug = DefaultSlug, Schedule = text }] : [];
    }

    private ScheduleManifest? Entry(YamlNode node, int index)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"schedules[{index}]");
        if (node is not YamlMapping map)
            return values.Wrong<ScheduleManifest>(node, path, "a mapping with slug and schedule");
        values.CheckKeys(map, path, ["slug", "schedule", "active", "parameters", "misfire", "max_misfires", "dst"]);
        ScheduleDst? dst = values.Choice<ScheduleDst>(map, "dst", path, ("prefect_compatible", ScheduleDst.PrefectCompatible), ("vixie_like", ScheduleDst.VixieLike));
        if (map["schedule"] is not { } when || When(when, dst) is not { } text)
        {
            if (map["schedule"] is null)
                values.Add(map, DeployCodes.FileValue, $"{path} has no schedule: write schedule: with cron, interval or rrule below it.");
            return null;
        }
        return new()
        {
            Slug = values.Text(map, "slug", path) ?? string.Create(CultureInfo.InvariantCulture, $"schedule-{index + 1}"),
            Schedule = text,
            Active = values.Flag(map, "active", path),
            Parameters = values.Map(map, "parameters", path),
            Misfire = values.Choice<ScheduleMisfire>(map, "misfire", path, ("skip", ScheduleMisfire.Skip), ("run_once", ScheduleMisfire.RunOnce), ("run_all", ScheduleMisfire.RunAll)),
            MaxMisfires = values.Whole(map, "max_misfires", path),
            Dst = dst,
        };
    }

    private ScheduleText? When(YamlNode node, ScheduleDst? dst)
    {
        if (node is not YamlMapping map)
            return values.Wrong<ScheduleText>(node, "schedule", "a mapping with cron, interval or rrule");
        int before = values.Faults.Count;
        values.CheckKeys(map, "schedule", ["cron", "day_or", "interval", "anchor_date", "rrule", "timezone"]);
        string[] kinds = [.. ((string[])["cron", "interval", "rrule"]).Where(kind => map[kind] is { } value && !FileValues.IsNull(value))];
        if (kinds.Length != 1)
        {
            values.Add(map, DeployCodes.ScheduleInvalid, kinds.Length == 0 ? "A schedule has one of cron, interval and rrule, and this has none." : $"A schedule has one of cron, interval and rrule, and this has {string.Join(" and ", kinds)}.");
            return null;
        }
        var text = new ScheduleText
        {
            Cron = values.Text(map, "cron", "schedule"),
            DayOr = values.Flag(map, "day_or", "schedule"),
            Interval = Interval(map),
            AnchorDate = Anchor(map),
            Rrule = values.Text(map, "rrule", "schedule"),
            Timezone = values.Text(map, "timezone", "schedule"),
        };
        if (values.Faults.Count == before)
            Check(map, text, dst);
        return text;
    }

    private double? Interval(YamlMapping map)
    {
        if (map["interval"] is not { } node || FileValues.IsNull(node))
            return null;
        if (node is not YamlScalar scalar)
            return values.Wrong<double?>(node, "schedule.interval", "a number of seconds");
        if (Durations.TryParse(scalar.Text, out TimeSpan interval, out ScheduleError? error))
            return interval.TotalSeconds;
        values.AddInside(scalar, error!.Offset, DeployCodes.ScheduleInvalid, $"The interval is invalid: {error.Message}");
        return null;
    }

    private string? Anchor(YamlMapping map)
    {
        string? text = values.Text(map, "anchor_date", "schedule");
        if (text is null)
            return null;
        if (map["interval"] is null or YamlScalar { IsNull: true })
            values.Add(map["anchor_date"]!, DeployCodes.ScheduleInvalid, "anchor_date belongs to interval.");
        // Prefect's YAML has a time with a blank in place of the T where a person wrote it so.
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
            return time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture);
        values.Add(map["anchor_date"]!, DeployCodes.ScheduleInvalid, $"The anchor date '{text}' is no ISO 8601 time such as 2026-01-01T06:00:00+01:00.");
        return null;
    }

    private void Check(YamlMapping map, ScheduleText text, ScheduleDst? dst)
    {
        var schedule = new ScheduleManifest { Slug = DefaultSlug, Schedule = text, Dst = dst };
        if (ScheduleTexts.TryParse(schedule, out _, out string? message))
            return;
        // Without its zone it is valid: then the zone is at fault.
        if (map["timezone"] is { } zone && ScheduleTexts.TryParse(schedule with { Schedule = text with { Timezone = null } }, out _, out _))
        {
            values.Add(zone, DeployCodes.ScheduleInvalid, $"The time zone cannot be used: {message}");
            return;
        }
        YamlScalar where = (YamlScalar)(map["cron"] ?? map["rrule"] ?? map["interval"])!;
        ScheduleError? error = null;
        if (text.Cron is { } cron)
            Occurrences.TryParseCron(cron, text.DayOr, text.Timezone, out _, out error);
        else if (text.Rrule is { } rule)
            Occurrences.TryParseRRule(rule, text.Timezone, out _, out error);
        values.AddInside(where, error?.Offset ?? 0, DeployCodes.ScheduleInvalid, $"{char.ToUpperInvariant(message![0])}{message[1..]}");
    }
}

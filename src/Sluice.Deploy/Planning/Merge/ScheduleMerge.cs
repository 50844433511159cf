using System.Globalization;
using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Deploy.Planning.Merge;

/// <summary>Merges schedules: by slug whether they are there, then member by member.</summary>
/// <param name="differences">Takes the decisions.</param>
/// <param name="rules">Those of the server.</param>
/// <param name="declaredSlugs">What the server says that the last publish declared; null where none did.</param>
internal sealed class ScheduleMerge(FieldDifferences differences, ServerRules rules, IReadOnlyList<string>? declaredSlugs)
{
    private readonly DeploymentFields? _before = differences.Before;
    private readonly DeploymentFields _code = differences.Code;
    private readonly DeploymentFields _live = differences.Live;

    public void Merge()
    {
        foreach (string slug in _code.Paths.Concat(_live.Paths).Where(path => path.Member == FieldPath.Schedules).Select(path => path.Key!).Distinct().Order(StringComparer.Ordinal))
            Merge(slug);
    }

    /// <summary>The schedules as the API is told them. A schedule that stands as it is goes as the server says it.</summary>
    public IReadOnlyList<DeploymentScheduleCreate> Merged(DeploymentCreate declared, Deployment live, string? one)
    {
        var result = new List<DeploymentScheduleCreate>();
        foreach (DeploymentScheduleCreate said in declared.Schedules ?? [])
        {
            string key = one ?? said.Slug ?? "";
            DeploymentSchedule? there = live.Schedules.FirstOrDefault(schedule => (one ?? DeploymentFields.KeyOf(schedule)) == key);
            if (differences.Merged(When(key)) is not null)
                result.Add(Merged(key, said, there));
        }
        foreach (DeploymentSchedule there in live.Schedules)
        {
            string key = one ?? DeploymentFields.KeyOf(there);
            if (_code[When(key)] is not null || differences.Merged(When(key)) is null)
                continue;
            result.Add(new()
            {
                Schedule = there.Schedule, Slug = there.Slug, Parameters = there.Parameters, MaxScheduledRuns = there.MaxScheduledRuns, Misfire = there.Misfire, MaxMisfires = there.MaxMisfires, Dst = there.Dst,
            });
        }
        return result;
    }

    private DeploymentScheduleCreate Merged(string key, DeploymentScheduleCreate said, DeploymentSchedule? there)
    {
        FieldPath active = At(key, FieldPath.Active);
        bool keepsActive = differences.KeepsLive(active) || (rules.HasOneSwitch && differences.KeepsLive(new(FieldPath.Paused)));
        if (there is null)
            return keepsActive ? said with { Active = null } : said;
        ScheduleMisfire misfire = Text(key, "misfire") is { } policy ? FieldValues.Misfire(policy) : ScheduleMisfire.Skip;
        return said with
        {
            Schedule = Stands(key) ? there.Schedule : Schedule(key),
            Active = keepsActive ? null : said.Active ?? (differences.TakesCode(active) ? true : null),
            Parameters = rules.HasOneSchedule ? said.Parameters : Parameters(key),
            MaxScheduledRuns = Number(key, "max_scheduled_runs"),
            Misfire = said.Misfire is null && there.Misfire is null ? null : misfire,
            MaxMisfires = misfire == ScheduleMisfire.RunAll ? Number(key, "max_misfires") : null,
            Dst = said.Dst is null && there.Dst is null ? null : Text(key, "dst") is { } clocks ? FieldValues.Dst(clocks) : ScheduleDst.PrefectCompatible,
        };
    }

    private void Merge(string slug)
    {
        FieldPath whole = new(FieldPath.Schedules, slug);
        FieldPath[] members = [.. _code.Paths.Union(_live.Paths).Union(_before?.Paths ?? []).Where(path => path.Member == FieldPath.Schedules && path.Key == slug)];
        bool before = _before?[When(slug)] is not null, code = _code[When(slug)] is not null, live = _live[When(slug)] is not null;
        if (code && live)
        {
            foreach (FieldPath member in members.OrderBy(member => member.Name != FieldPath.When).ThenBy(member => member))
                MergeMember(member, slug);
        }
        else if (code)
        {
            if (!before)
                Decide(FieldClass.CodeChanged, FieldDecision.Code);
            else if (members.All(member => IsSwitch(member) || FieldValues.Same(_before![member], _code[member])))
                Decide(FieldClass.Drift, FieldDecision.Live);
            else
                Conflict();
        }
        else if (!before)
        {
            bool isOfCode = _before is null && declaredSlugs?.Contains(slug) != false;
            Decide(isOfCode ? FieldClass.CodeChanged : FieldClass.Drift, isOfCode ? FieldDecision.Code : FieldDecision.Live);
        }
        else if (members.All(member => IsSwitch(member) || IsAnchorOfServer(member) || FieldValues.Same(_before![member], _live[member])))
        {
            Decide(FieldClass.CodeChanged, FieldDecision.Code);
        }
        else
        {
            Conflict();
        }

        void Decide(FieldClass kind, FieldDecision decision)
        {
            differences.Decide(whole, kind, decision);
            differences.DecideMembers(members, decision);
        }

        void Conflict() => differences.DecideMembers(members, differences.DecideConflict(whole));
    }

    private void MergeMember(FieldPath member, string slug)
    {
        if (IsSwitch(member))
            differences.MergeSwitch(member);
        else if (IsAnchorOfServer(member))
            MergeAnchorOfServer(member, slug);
        else if (_before is null && member.Name == "max_scheduled_runs" && _code[member] is null)
            differences.Leave(member);
        else
            differences.Merge(member);
    }

    /// <summary>Whether the code gave the schedule no anchor, so that the live one is the server's, which gives an interval the time of its creation.</summary>
    private bool IsAnchorOfServer(FieldPath member) => member.Name == "anchor_date" && _before?[member] is null && _live[member] is not null;

    /// <summary>It stays while the interval does, also where a person set it: to send none again would shift the due times.</summary>
    private void MergeAnchorOfServer(FieldPath anchor, string slug)
    {
        if (_code[anchor] is not null)
            differences.TakeCode(anchor);
        else if (FieldValues.Same(differences.Merged(When(slug)), _live[When(slug)]))
            differences.Decide(anchor, FieldClass.Normalised, FieldDecision.Live);
    }

    private static bool IsSwitch(FieldPath member) => member.Name == FieldPath.Active;

    private bool Stands(string key) => new[] { FieldPath.When, "anchor_date", "timezone", "day_or" }.All(name => FieldValues.Same(differences.Merged(At(key, name)), _live[At(key, name)]));

    private Schedule Schedule(string key)
    {
        JsonElement when = differences.Merged(When(key))!.Value;
        string? cron = Member(when, "cron")?.GetString();
        double? interval = Member(when, "interval")?.GetDouble();
        return new()
        {
            Cron = cron,
            DayOr = cron is null ? null : differences.Merged(At(key, "day_or")) is null,
            Interval = interval,
            AnchorDate = interval is not null && Text(key, "anchor_date") is { } anchor ? DateTimeOffset.Parse(anchor, CultureInfo.InvariantCulture) : null,
            Rrule = Member(when, "rrule")?.GetString(),
            Timezone = Text(key, "timezone"),
        };
    }

    private Dictionary<string, JsonElement> Parameters(string key)
    {
        var parameters = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (FieldPath path in _code.Paths.Union(_live.Paths).Where(path => path.Member == FieldPath.Schedules && path.Key == key && path.Name!.StartsWith(FieldPath.ScheduleParameter, StringComparison.Ordinal)))
        {
            if (differences.Merged(path) is { } value)
                parameters[path.Name![FieldPath.ScheduleParameter.Length..]] = value;
        }
        return parameters;
    }

    private string? Text(string key, string name) => differences.Merged(At(key, name))?.GetString();

    private int? Number(string key, string name) => differences.Merged(At(key, name))?.GetInt32();

    private static JsonElement? Member(JsonElement when, string name) => when.TryGetProperty(name, out JsonElement value) ? value : null;

    private static FieldPath When(string slug) => At(slug, FieldPath.When);

    private static FieldPath At(string slug, string name) => new(FieldPath.Schedules, slug, name);
}

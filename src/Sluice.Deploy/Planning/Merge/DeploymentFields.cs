using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Orchestration;
using Sluice.Deploy.Ownership;
using Sluice.Orchestration.Http;
using Sluice.Storage.Labels;
using Sluice.Storage.Packages;
using Sluice.Storage.Secrets;

namespace Sluice.Deploy.Planning.Merge;

/// <summary>
/// A deployment as single fields, in one form for what code declares and for what servers answer: what a server fills in where nothing was said is left
/// out on both sides, so that what is equal means the same.
/// </summary>
internal sealed class DeploymentFields
{
    /// <summary>What begins the names of the labels that publishing writes for itself.</summary>
    public const string OwnLabels = "sluice.";

    /// <summary>Names the record of the last publish; part of no comparison.</summary>
    public const string VersionVariable = "SLUICE_VERSION";

    private static readonly FrozenSet<string> s_ownVariables = FrozenSet.ToFrozenSet(
        [PackageReference.Variable, StorageLabels.PackageHostVariable, RunSecrets.Variable, DeclaredSlugs.Variable, VersionVariable, .. OwnerMark.Variables], StringComparer.Ordinal);

    private const string DefaultQueue = "default";

    private static readonly JsonElement s_anything = JsonElement.Parse("""{"type":"object","properties":{}}""");

    private readonly SortedDictionary<FieldPath, JsonElement> _fields = [];
    private readonly ServerRules _rules;

    private DeploymentFields(ServerRules rules) => _rules = rules;

    /// <summary>Whether publishing writes a variable for itself. Others that begin like ours (<c>SLUICE_DEBUG</c>) are people's.</summary>
    public static bool IsOwnVariable(string name) => s_ownVariables.Contains(name);

    /// <summary>The fields that are set.</summary>
    public IEnumerable<FieldPath> Paths => _fields.Keys;

    /// <summary>A field; null where it is not set.</summary>
    public JsonElement? this[FieldPath path] => _fields.TryGetValue(path, out JsonElement value) ? value : null;

    /// <summary>A field, or the members of a whole schedule as one object; null where it is not set.</summary>
    public JsonElement? Whole(FieldPath path)
    {
        if (path is not { Member: FieldPath.Schedules, Key: not null, Name: null })
            return this[path];
        KeyValuePair<FieldPath, JsonElement>[] members = [.. _fields.Where(field => field.Key.Member == path.Member && field.Key.Key == path.Key)];
        if (members.Length == 0)
            return null;
        var shown = new JsonObject();
        foreach ((FieldPath member, JsonElement value) in members)
        {
            foreach ((string name, JsonElement part) in member.Name == FieldPath.When ? value.EnumerateObject().Select(kind => (kind.Name, kind.Value)) : [(member.Name!, value)])
                shown[name] = JsonNode.Parse(part.GetRawText());
        }
        return JsonElement.Parse(shown.ToJsonString());
    }

    /// <summary>What code declares.</summary>
    /// <param name="declared">It.</param>
    /// <param name="rules">Those of the server that it goes to.</param>
    /// <param name="slug">How its one schedule is named on a server with place for one; null elsewhere, and where it has none.</param>
    public static DeploymentFields Of(DeploymentCreate declared, ServerRules rules, string? slug)
    {
        DeploymentFields fields = new(rules);
        fields.Add(new("description"), declared.Description);
        fields.Add(new("version"), declared.Version);
        fields.Add(new("entrypoint"), declared.Entrypoint);
        fields.Add(new("path"), declared.Path);
        fields.AddSchema(declared.ParameterOpenapiSchema);
        fields.AddEnforcement(declared.EnforceParameterSchema ?? true);
        fields.AddPool(declared.WorkPoolName, declared.WorkQueueName);
        if (rules.HasLimits)
        {
            fields.Add(new("concurrency_limit"), declared.ConcurrencyLimit);
            fields.AddOptions(declared.ConcurrencyOptions);
        }
        bool? paused = rules.HasOneSwitch ? OneSwitch(declared) : declared.Paused;
        if (paused is { } said)
            fields.Add(new(FieldPath.Paused), said);
        fields.AddMap(FieldPath.Parameters, declared.Parameters);
        fields.AddTags(declared.Tags);
        fields.AddLabels(declared.Labels);
        fields.AddVariables(declared.JobVariables);
        foreach (DeploymentScheduleCreate schedule in declared.Schedules ?? [])
        {
            fields.AddSchedule(slug ?? schedule.Slug ?? "", schedule.Schedule, schedule.Parameters, schedule.MaxScheduledRuns, schedule.Misfire, schedule.MaxMisfires, schedule.Dst);
            if (schedule.Active is { } active && !rules.HasOneSwitch)
                fields.Add(new(FieldPath.Schedules, slug ?? schedule.Slug ?? "", FieldPath.Active), active);
        }
        return fields;
    }

    /// <summary>What a server answers. A pause is a field, its absence none.</summary>
    public static DeploymentFields Of(Deployment live, ServerRules rules, string? slug)
    {
        DeploymentFields fields = new(rules);
        fields.Add(new("description"), live.Description);
        fields.Add(new("version"), live.Version);
        fields.Add(new("entrypoint"), live.Entrypoint);
        fields.Add(new("path"), live.Path);
        fields.AddSchema(live.ParameterOpenapiSchema);
        fields.AddEnforcement(live.EnforceParameterSchema);
        fields.AddPool(live.WorkPoolName, live.WorkQueueName);
        if (rules.HasLimits)
        {
            fields.Add(new("concurrency_limit"), live.ConcurrencyLimit);
            fields.AddOptions(live.ConcurrencyOptions);
        }
        fields.Add(new(FieldPath.Paused), live.Paused);
        fields.AddMap(FieldPath.Parameters, live.Parameters);
        fields.AddTags(live.Tags);
        fields.AddLabels(live.Labels);
        fields.AddVariables(live.JobVariables);
        foreach (DeploymentSchedule schedule in live.Schedules)
        {
            string key = slug ?? KeyOf(schedule);
            fields.AddSchedule(key, schedule.Schedule, schedule.Parameters, schedule.MaxScheduledRuns, schedule.Misfire, schedule.MaxMisfires, schedule.Dst);
            if (!rules.HasOneSwitch)
                fields.Add(new(FieldPath.Schedules, key, FieldPath.Active), schedule.Active);
        }
        return fields;
    }

    /// <summary>How a live schedule is told apart: its slug, or the id of one that has none.</summary>
    public static string KeyOf(DeploymentSchedule schedule) => schedule.Slug ?? schedule.Id.ToString();

    /// <summary>Whether the field is set by publishing alone, whatever anybody does on the server: what is run, and our own variables and labels.</summary>
    public bool IsOwn(FieldPath path) => path switch
    {
        { Member: "version" or "entrypoint" or "path" or "parameter_openapi_schema" or FieldPath.Labels } => true,
        { Member: FieldPath.JobVariables, Key: FieldPath.Env, Name: { } name } => IsOwnVariable(name),
        // Where there is no package, the program is in the image.
        { Member: FieldPath.JobVariables, Key: "image" } => this[new(FieldPath.JobVariables, FieldPath.Env, PackageReference.Variable)] is null && this[path] is not null,
        _ => false,
    };

    /// <summary>2.10 has one switch for both pauses.</summary>
    private static bool? OneSwitch(DeploymentCreate declared) => (declared.Paused, declared.Schedules is [{ Active: { } active }, ..] ? active : (bool?)null) switch
    {
        (null, null) => null,
        (true, _) or (_, false) => true,
        _ => false,
    };

    private void AddSchedule(
        string slug, Schedule schedule, IReadOnlyDictionary<string, JsonElement>? parameters, int? maxScheduledRuns, ScheduleMisfire? misfire, int? maxMisfires, ScheduleDst? dst)
    {
        FieldPath At(string name) => new(FieldPath.Schedules, slug, name);
        _fields[At(FieldPath.When)] = FieldValues.Of(schedule);
        if (schedule.Cron is not null && schedule.DayOr == false)
            Add(At("day_or"), false);
        if (schedule.Interval is not null && schedule.AnchorDate is { } anchor)
            Add(At("anchor_date"), FieldValues.Time(anchor));
        if (schedule.Timezone is not null and not "UTC")
            Add(At("timezone"), schedule.Timezone);
        Add(At("max_scheduled_runs"), maxScheduledRuns);
        if (!_rules.HasOneSchedule)
        {
            foreach ((string name, JsonElement value) in parameters ?? new Dictionary<string, JsonElement>())
                _fields[At(FieldPath.ScheduleParameter + name)] = value;
        }
        if (!_rules.IsSluice)
            return;
        if ((misfire ?? ScheduleMisfire.Skip) is not ScheduleMisfire.Skip and var policy)
            Add(At("misfire"), FieldValues.Of(policy));
        Add(At("max_misfires"), maxMisfires);
        if ((dst ?? ScheduleDst.PrefectCompatible) is not ScheduleDst.PrefectCompatible and var clocks)
            Add(At("dst"), FieldValues.Of(clocks));
    }

    // Prefect 3 answers an empty schema in full.
    private void AddSchema(JsonElement? schema) =>
        Add(new("parameter_openapi_schema"), schema is { ValueKind: JsonValueKind.Object } empty && !empty.EnumerateObject().Any() ? s_anything : schema);

    // Prefect 2 refuses nothing.
    private void AddEnforcement(bool enforces)
    {
        if (!_rules.IsPrefect2)
            Add(new("enforce_parameter_schema"), enforces);
    }

    // A queue without a pool is in the built-in one, and a pool without a queue means its default queue.
    private void AddPool(string? pool, string? queue)
    {
        if (pool is null && queue is null)
            return;
        Add(new("work_pool_name"), pool ?? DeploymentDesign.DefaultPool);
        Add(new("work_queue_name"), queue ?? DefaultQueue);
    }

    private void AddVariables(IReadOnlyDictionary<string, JsonElement>? variables)
    {
        foreach ((string name, JsonElement value) in variables ?? new Dictionary<string, JsonElement>())
        {
            if (name != FieldPath.Env || value.ValueKind != JsonValueKind.Object)
            {
                if (name != FieldPath.Env || value.ValueKind != JsonValueKind.Null)
                    _fields[new(FieldPath.JobVariables, name)] = value;
                continue;
            }
            foreach (JsonProperty variable in value.EnumerateObject().Where(variable => variable.Name != VersionVariable))
                _fields[new(FieldPath.JobVariables, FieldPath.Env, variable.Name)] = variable.Value;
        }
    }

    private void AddTags(IReadOnlyList<string>? tags)
    {
        foreach (string tag in tags ?? [])
            Add(new(FieldPath.Tags, tag), tag);
    }

    // Prefect 3 takes labels at creation only; Prefect 2 has ours among its tags, but for the schedules.
    private void AddLabels(IReadOnlyDictionary<string, JsonElement>? labels)
    {
        foreach ((string name, JsonElement value) in _rules.HasLabels ? labels ?? new Dictionary<string, JsonElement>() : new Dictionary<string, JsonElement>())
        {
            if (name.StartsWith(OwnLabels, StringComparison.Ordinal) && (_rules.IsSluice || name != DeclaredSlugs.Label))
                _fields[new(FieldPath.Labels, name)] = value;
        }
    }

    private void AddMap(string member, IReadOnlyDictionary<string, JsonElement>? map)
    {
        foreach ((string name, JsonElement value) in map ?? new Dictionary<string, JsonElement>())
            _fields[new(member, name)] = value;
    }

    private void AddOptions(ConcurrencyOptions? options)
    {
        if (options is not null)
            _fields[new("concurrency_options")] = FieldValues.Of(options);
    }

    private void Add(FieldPath path, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            _fields[path] = FieldValues.Of(value);
    }

    private void Add(FieldPath path, bool value) => _fields[path] = FieldValues.Of(value);

    private void Add(FieldPath path, int? value)
    {
        if (value is { } number)
            _fields[path] = FieldValues.Of(number);
    }

    private void Add(FieldPath path, JsonElement? value)
    {
        if (value is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } element)
            _fields[path] = element;
    }
}

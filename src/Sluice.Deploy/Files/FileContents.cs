using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Deploy.Manifest;
using Sluice.Deploy.Planning;
using Sluice.Orchestration;

namespace Sluice.Deploy.Files;

/// <summary>What a file is to say, as JSON by its keys.</summary>
/// <param name="Editable">Above the banner, in order: what the code says.</param>
/// <param name="Forced">Above the banner: what the options of this build say, over whatever stands there.</param>
/// <param name="Below">Below the banner, in order, but for the time.</param>
internal sealed record FileContents(JsonObject Editable, JsonObject Forced, JsonObject Below)
{
    private const string Command = "command";

    /// <summary>Makes the contents of a deployment.</summary>
    /// <param name="planned">The deployment, with its package.</param>
    /// <param name="design">What the API would be told of it.</param>
    /// <param name="request">The options.</param>
    /// <param name="filePool">The pool that the file names already.</param>
    public static FileContents Of(PlannedDeployment planned, DeploymentCreate design, BuildRequest request, string? filePool)
    {
        DeploymentManifest declared = planned.Declared;
        var forced = new JsonObject();
        Force(forced, "name", request.Name);
        Force(forced, "description", request.Description);
        Force(forced, "version", request.Version);
        Force(forced, "work_queue_name", request.WorkQueue);
        Force(forced, "work_pool_name", request.WorkPool);
        if (request.Tags is { } tags)
            forced["tags"] = Texts(tags);
        if (request.Parameters is { Count: > 0 } parameters)
            forced["parameters"] = Members(parameters);
        if (request.Schedule is { } schedule)
            forced["schedule"] = When(schedule);
        if (request.ConcurrencyLimit is { } limit)
            forced["concurrency_limit"] = limit;
        if (request.Overrides is { Count: > 0 } overrides)
            forced["infra_overrides"] = Members(Overrides(overrides)!);

        var editable = new JsonObject
        {
            ["name"] = design.Name,
            ["description"] = design.Description,
            ["version"] = design.Version,
            ["work_queue_name"] = design.WorkQueueName,
            ["work_pool_name"] = design.WorkPoolName,
            ["tags"] = Texts(design.Tags ?? []),
            ["parameters"] = Members(design.Parameters ?? new Dictionary<string, JsonElement>()),
        };
        AddSchedules(editable, declared.Schedules ?? []);
        editable["is_schedule_active"] = declared.Paused is { } paused ? !paused : null;
        if (declared.ConcurrencyLimit is { } own)
            editable["concurrency_limit"] = own;
        JsonObject variables = Members(design.JobVariables ?? new Dictionary<string, JsonElement>());
        string pool = request.WorkPool ?? filePool ?? design.WorkPoolName ?? DeploymentDesign.DefaultPool;
        string? infrastructure = request.InfrastructureBlock ?? request.Infrastructure ?? declared.Infrastructure;
        JsonObject? anonymous = infrastructure?.Contains('/', StringComparison.Ordinal) == true ? null : Anonymous(infrastructure, variables);
        // Agents read the command of the block, as words; workers read that of the overrides, as a text.
        if (pool == DeploymentDesign.DefaultPool)
            variables.Remove(Command);
        editable["infra_overrides"] = variables;
        if (anonymous is not null)
            editable["infrastructure"] = anonymous;

        var below = new JsonObject { ["flow_name"] = planned.Flow.Name, ["manifest_path"] = null, ["storage"] = Storage(request.Storage) };
        if (anonymous is null)
            below["infrastructure"] = Named(infrastructure!);
        below["path"] = design.Path;
        below["entrypoint"] = design.Entrypoint;
        below["parameter_openapi_schema"] = design.ParameterOpenapiSchema is { } schema ? JsonNode.Parse(schema.GetRawText()) : new JsonObject { ["title"] = "Parameters", ["type"] = "object", ["properties"] = new JsonObject() };
        return new(editable, forced, below);
    }

    /// <summary>The overrides of a build by the members that their dotted names mean.</summary>
    /// <exception cref="DeployException">A name is none.</exception>
    public static IReadOnlyDictionary<string, JsonElement>? Overrides(IReadOnlyDictionary<string, JsonElement>? overrides) =>
        JobVariablePaths.Expand(overrides, (name, why) => throw new DeployException((DeployCodes.BuildTarget, $"The override '{FileValues.Shown(name)}' {why}.")));

    private static void Force(JsonObject forced, string key, string? value)
    {
        if (value is not null)
            forced[key] = value;
    }

    private static void AddSchedules(JsonObject editable, IReadOnlyList<ScheduleManifest> schedules)
    {
        if (schedules is [])
            editable["schedule"] = null;
        else if (schedules is [{ Slug: "schedule-1", Active: null, Parameters: null or { Count: 0 }, Misfire: null or ScheduleMisfire.Skip, Dst: null or ScheduleDst.PrefectCompatible } only])
            editable["schedule"] = When(only.Schedule);
        else
            editable["schedules"] = new JsonArray([.. schedules.Select(Entry)]);
    }

    private static JsonObject Entry(ScheduleManifest schedule)
    {
        var entry = new JsonObject { ["slug"] = schedule.Slug, ["schedule"] = When(schedule.Schedule), ["active"] = schedule.Active };
        if (schedule.Parameters is { Count: > 0 } parameters)
            entry["parameters"] = Members(parameters);
        if (schedule.Misfire is ScheduleMisfire.RunOnce or ScheduleMisfire.RunAll)
            entry["misfire"] = schedule.Misfire == ScheduleMisfire.RunOnce ? "run_once" : "run_all";
        if (schedule.MaxMisfires is { } most)
            entry["max_misfires"] = most;
        if (schedule.Dst == ScheduleDst.VixieLike)
            entry["dst"] = "vixie_like";
        return entry;
    }

    /// <summary>As Prefect 2 writes each of its three kinds.</summary>
    private static JsonObject When(ScheduleText text)
    {
        if (text.Cron is { } cron)
            return new() { ["cron"] = cron, ["timezone"] = text.Timezone, ["day_or"] = text.DayOr ?? true };
        if (text.Rrule is { } rule)
            return new() { ["rrule"] = rule, ["timezone"] = text.Timezone };
        var interval = new JsonObject { ["interval"] = text.Interval };
        if (text.AnchorDate is { } anchor)
            interval["anchor_date"] = anchor;
        interval["timezone"] = text.Timezone;
        return interval;
    }

    /// <summary>A block of infrastructure that only this deployment has; Prefect fills in the fields that are not named.</summary>
    private static JsonObject Anonymous(string? kind, JsonObject variables)
    {
        string slug = FileInfrastructure.SlugOf(kind ?? "process");
        var block = new JsonObject { ["type"] = slug, ["env"] = new JsonObject() };
        if (variables[Command]?.GetValue<string>() is { } command)
            block[Command] = Texts(ShellWords.Split(command));
        if (slug != "process" && variables["image"] is { } image)
            block["image"] = image.DeepClone();
        block["stream_output"] = true;
        block["block_type_slug"] = slug;
        block["_block_type_slug"] = slug;
        return block;
    }

    private static JsonObject Named(string block)
    {
        string[] parts = block.Split('/', 2);
        return new() { ["_block_type_slug"] = parts[0], ["_block_document_name"] = parts[1], ["_is_anonymous"] = false, ["block_type_slug"] = parts[0] };
    }

    private static JsonObject? Storage(string? storage) =>
        storage is null || storage.Contains(':', StringComparison.Ordinal) || storage.Split('?')[0].Split('/') is not [{ Length: > 0 } slug, { Length: > 0 } name, ..] ? null
        : new() { ["_block_type_slug"] = slug, ["_block_document_name"] = name };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);

    private static JsonObject Members(IReadOnlyDictionary<string, JsonElement> members) => new(members.Select(pair => KeyValuePair.Create(pair.Key, JsonNode.Parse(pair.Value.GetRawText()))));
}

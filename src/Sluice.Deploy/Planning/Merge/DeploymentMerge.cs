using System.Text.Json;
using Sluice.Deploy.Ownership;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;

namespace Sluice.Deploy.Planning.Merge;

/// <summary>
/// The three-way merge: what the code said at the last publish, what it says now, and what the server has. A field that only the code changed becomes the
/// code's; one that only people changed stays theirs, also at every later publish; one that both changed alike is settled; one that both changed otherwise
/// is a conflict. Without the last publish the code's values are taken, but for pauses and the schedules that no code declared.
/// </summary>
internal static class DeploymentMerge
{
    /// <param name="declaredBefore">What the code said when it was published last; null where that is not known.</param>
    /// <param name="declared">What the code says.</param>
    /// <param name="live">What the server has.</param>
    /// <param name="server">What it is; null for Sluice's own.</param>
    /// <param name="rule">Decides conflicts.</param>
    public static MergedDeployment Of(DeploymentCreate? declaredBefore, DeploymentCreate declared, Deployment live, ApiInfo? server, ConflictRule rule)
    {
        ServerRules rules = ServerRules.Of(server);
        // Where there is place for one schedule, it is the same one under whatever name.
        string? slug = !rules.HasOneSchedule ? null : declared.Schedules is [{ Slug: { } now }, ..] ? now : declaredBefore?.Schedules is [{ Slug: { } then }, ..] ? then : null;
        var differences = new FieldDifferences(
            declaredBefore is null ? null : DeploymentFields.Of(declaredBefore, rules, slug), DeploymentFields.Of(declared, rules, slug), DeploymentFields.Of(live, rules, slug), rule,
            new(declared.ParameterOpenapiSchema, live.ParameterOpenapiSchema, declaredBefore?.ParameterOpenapiSchema), new(declared, live));
        bool isBack = live.Paused && OwnerMark.Of(live) is { IsPaused: true } && OwnerMark.Of(declared.Labels, declared.JobVariables) is not { IsPaused: true };
        foreach (FieldPath path in differences.Code.Paths.Union(differences.Live.Paths).Union(differences.Before?.Paths ?? []).Order())
        {
            if (path.Member == FieldPath.Schedules)
                continue;
            if (IsLeftAlone(path, declared, hasBase: declaredBefore is not null))
                differences.Leave(path);
            else
                Merge(path, differences, declared, isBack);
        }
        ScheduleMerge schedules = new(differences, rules, Declared(live));
        schedules.Merge();
        differences.Settle();
        DeploymentCreate body = Body(declared, live, differences) with { Schedules = schedules.Merged(declared, live, slug) };
        return new() { Body = body, Cleared = Cleared(body, live, differences), Fields = differences.Changes, HasBase = declaredBefore is not null, IsBaseOld = differences.IsBaseOld, IsEqual = !differences.LeftAny && differences.Changes.All(change => change.Class == FieldClass.Normalised) };
    }

    /// <summary>What the code says of a deployment that is not there yet.</summary>
    public static IReadOnlyList<FieldChange> Created(DeploymentCreate declared, ApiInfo? server)
    {
        DeploymentFields code = DeploymentFields.Of(declared, ServerRules.Of(server), null);
        var mask = new FieldMask(declared.ParameterOpenapiSchema);
        // That a schema is enforced is what everybody expects.
        FieldPath[] paths = [.. code.Paths.Where(path => path.Member != FieldPath.Schedules && (path.Member != "enforce_parameter_schema" || declared.EnforceParameterSchema == false)), .. code.Paths.Where(path => path.Member == FieldPath.Schedules).Select(path => new FieldPath(path.Member, path.Key)).Distinct()];
        return [.. paths.Order().Select(path => new FieldChange { Path = path.ToString(), Code = mask.Of(path, code.Whole(path)), Class = FieldClass.CodeChanged, Decision = FieldDecision.Code })];
    }

    /// <summary>Without the last publish, what the code does not say may be anybody's.</summary>
    private static bool IsLeftAlone(FieldPath path, DeploymentCreate declared, bool hasBase) => !hasBase && path.Member switch
    {
        "description" => declared.Description is null,
        "concurrency_limit" => declared.ConcurrencyLimit is null,
        "concurrency_options" => declared.ConcurrencyOptions is null,
        "work_queue_name" => declared.WorkQueueName is null,
        _ => false,
    };

    private static void Merge(FieldPath path, FieldDifferences differences, DeploymentCreate declared, bool isBack)
    {
        // What prune paused is resumed, unless the code says that it is paused.
        if (path.Member == FieldPath.Paused && isBack && !FieldValues.Same(differences.Code[path], differences.Live[path]))
            differences.Decide(path, FieldClass.CodeChanged, FieldDecision.Code);
        else if (path.Member == FieldPath.Paused)
            differences.MergeSwitch(path);
        // Who deletes a pool takes it from its deployments; that they have none was nobody's choice.
        else if (path.Member is "work_pool_name" or "work_queue_name" && differences.Live[new("work_pool_name")] is null)
            differences.TakeCode(path);
        else if (!differences.Code.IsOwn(path))
            differences.Merge(path);
        // Members that are not said keep their value.
        else if (path.Key is not null || differences.Code[path] is not null || (path.Member == "path" && declared.Path is not null))
            differences.TakeCode(path);
    }

    /// <summary>The slugs that the last publish declared, as it left them on the server; null where none did.</summary>
    private static IReadOnlyList<string>? Declared(Deployment live) => DeclaredSlugs.Of(live.JobVariables)
        ?? (live.Labels.TryGetValue(DeclaredSlugs.Label, out JsonElement label) && label.ValueKind == JsonValueKind.String ? DeclaredSlugs.Parse(label.GetString()!) : null);

    private static DeploymentCreate Body(DeploymentCreate declared, Deployment live, FieldDifferences differences)
    {
        bool keepsPool = differences.KeepsLive(new("work_pool_name")), keepsQueue = differences.KeepsLive(new("work_queue_name"));
        return declared with
        {
            Paused = differences.KeepsLive(new(FieldPath.Paused)) ? null : declared.Paused ?? (differences.TakesCode(new(FieldPath.Paused)) && differences.Code[new(FieldPath.Paused)] is null ? false : null),
            Description = differences.KeepsLive(new("description")) ? live.Description : declared.Description,
            ConcurrencyLimit = differences.KeepsLive(new("concurrency_limit")) ? live.ConcurrencyLimit : declared.ConcurrencyLimit,
            ConcurrencyOptions = differences.KeepsLive(new("concurrency_options")) ? live.ConcurrencyOptions : declared.ConcurrencyOptions,
            EnforceParameterSchema = differences.KeepsLive(new("enforce_parameter_schema")) ? live.EnforceParameterSchema : declared.EnforceParameterSchema ?? true,
            WorkPoolName = keepsPool || (declared.WorkPoolName is null && keepsQueue) ? live.WorkPoolName : declared.WorkPoolName,
            WorkQueueName = keepsQueue ? live.WorkQueueName : declared.WorkQueueName ?? (keepsPool ? live.WorkQueueName : null),
            Parameters = Map(FieldPath.Parameters, differences),
            Tags = [.. (declared.Tags ?? []).Union(live.Tags).Where(tag => differences.Merged(new(FieldPath.Tags, tag)) is not null)],
            // Those of people stay beside ours; the server's own it makes itself.
            Labels = live.Labels.Where(label => !label.Key.StartsWith(DeploymentFields.OwnLabels, StringComparison.Ordinal) && !label.Key.StartsWith("prefect.", StringComparison.Ordinal)).Concat(declared.Labels ?? new Dictionary<string, JsonElement>())
                .DistinctBy(label => label.Key).ToDictionary(),
            JobVariables = JobVariables(live, differences),
        };
    }

    private static Dictionary<string, JsonElement> JobVariables(Deployment live, FieldDifferences differences)
    {
        Dictionary<string, JsonElement> variables = Map(FieldPath.JobVariables, differences);
        Dictionary<string, JsonElement> env = [];
        foreach (FieldPath path in differences.Code.Paths.Union(differences.Live.Paths).Where(path => path is { Member: FieldPath.JobVariables, Key: FieldPath.Env, Name: not null }))
        {
            if (differences.Merged(path) is { } value)
                env[path.Name!] = value;
        }
        // It still names the record of the last publish; whoever writes a new one replaces it.
        if (live.JobVariables.TryGetValue(FieldPath.Env, out JsonElement before) && before.ValueKind == JsonValueKind.Object && before.TryGetProperty(DeploymentFields.VersionVariable, out JsonElement version))
            env[DeploymentFields.VersionVariable] = version;
        variables[FieldPath.Env] = JsonSerializer.SerializeToElement(env, DeployJson.Default.DictionaryStringJsonElement);
        return variables;
    }

    private static Dictionary<string, JsonElement> Map(string member, FieldDifferences differences)
    {
        var map = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (FieldPath path in differences.Code.Paths.Union(differences.Live.Paths).Where(path => path.Member == member && path.Name is null))
        {
            if (differences.Merged(path) is { } value)
                map[path.Key!] = value;
        }
        return map;
    }

    /// <summary>What the code stopped saying: null alone would keep it.</summary>
    private static IReadOnlyList<string> Cleared(DeploymentCreate body, Deployment live, FieldDifferences differences)
    {
        var cleared = new List<string>();
        if (body.Description is null && !string.IsNullOrEmpty(live.Description) && IsCleared("description"))
            cleared.Add("description");
        if (body.ConcurrencyLimit is null && live.ConcurrencyLimit is not null && IsCleared("concurrency_limit"))
            cleared.Add("concurrency_limit");
        if (body.ConcurrencyOptions is null && live.ConcurrencyOptions is not null && IsCleared("concurrency_options"))
            cleared.Add("concurrency_options");
        return cleared;

        bool IsCleared(string member) => differences.Before is not null && differences.Code[new(member)] is null && differences.Live[new(member)] is not null;
    }
}

using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Cli.Migration;

/// <summary>Plans deployments with their schedules.</summary>
/// <param name="source">What is copied.</param>
/// <param name="target">What is there.</param>
/// <param name="kind">What the target is.</param>
/// <param name="pools">The pools that the target has, or gets by this migration.</param>
/// <param name="activate">Whether deployments and schedules are active at the target as at the source; else new ones are paused, and what is there stays as it is.</param>
internal sealed class DeploymentPlans(ServerContents source, ServerContents target, ServerKind kind, IReadOnlySet<string> pools, bool activate)
{
    private const string FlowIdLabel = "prefect.flow.id";

    private readonly Dictionary<(string Flow, string Name), Deployment> _live =
        target.Deployments.ToDictionary(deployment => (target.FlowName(deployment.FlowId), deployment.Name));

    private readonly Dictionary<Guid, Flow> _flows = source.Flows.ToDictionary(flow => flow.Id);

    public IEnumerable<MigrationItem> Plan() => source.Deployments
        .OrderBy(deployment => source.FlowName(deployment.FlowId), StringComparer.Ordinal).ThenBy(deployment => deployment.Name, StringComparer.Ordinal)
        .Select(Plan);

    private MigrationItem Plan(Deployment deployment)
    {
        string flow = source.FlowName(deployment.FlowId);
        string name = $"{flow}/{deployment.Name}";
        List<string> notes = [];
        IReadOnlyList<DeploymentSchedule> schedules = Schedules(deployment, notes);
        if (deployment.WorkPoolName is { } pool && !pools.Contains(pool))
        {
            return new("deployment", name, MigrationAction.NotPortable)
            {
                Notes = [$"the target has no work pool '{pool}': copy it too (--only pools), or create it there"],
            };
        }
        Deployment? live = _live.GetValueOrDefault((flow, deployment.Name));
        List<string> fields = live is null ? [] : Differences(deployment, schedules, live, notes);
        NoteLosses(deployment, live, notes);
        bool waits = !activate && IsOn(deployment) && (live is null || !IsOn(live));
        if (live is not null && fields.Count == 0)
            return new("deployment", name, MigrationAction.Unchanged) { Notes = notes, Waits = waits };
        return new("deployment", name, live is null ? MigrationAction.Create : MigrationAction.Update)
        {
            Fields = fields,
            Notes = notes,
            Waits = waits,
            Live = live,
            Apply = new()
            {
                FlowName = flow,
                MustBeNew = live is null,
                FlowTags = _flows.GetValueOrDefault(deployment.FlowId)?.Tags,
                Deployment = Wanted(deployment, schedules, live),
            },
        };
    }

    private static bool IsOn(Deployment deployment) => !deployment.Paused && deployment.Schedules.Any(schedule => schedule.Active);

    /// <summary>The one switch of Prefect 2: for the deployment and its schedule.</summary>
    private static bool Switch(Deployment deployment) => !deployment.Paused && (deployment.Schedules.Count == 0 || IsOn(deployment));

    /// <summary>The schedules that the target can hold.</summary>
    private IReadOnlyList<DeploymentSchedule> Schedules(Deployment deployment, List<string> notes)
    {
        IReadOnlyList<DeploymentSchedule> schedules = ScheduleShape.WithSlugs(deployment.Schedules);
        if (kind.IsPrefect2 && schedules.Count > 1)
        {
            DeploymentSchedule kept = schedules.FirstOrDefault(schedule => schedule.Active) ?? schedules[0];
            notes.Add($"Prefect 2 has one schedule a deployment: {kept.Slug} is copied, {string.Join(", ", schedules.Where(schedule => schedule != kept).Select(schedule => schedule.Slug))} is not");
            schedules = [kept];
        }
        notes.AddRange(schedules.SelectMany(schedule => ScheduleShape.Losses(schedule, kind)));
        return schedules;
    }

    private void NoteLosses(Deployment deployment, Deployment? live, List<string> notes)
    {
        if (kind.IsPrefect2 && deployment.ConcurrencyLimit is { } limit)
            notes.Add($"Prefect 2 has no concurrency limit of deployments ({limit.ToString(System.Globalization.CultureInfo.InvariantCulture)})");
        string[] lost = [.. OwnLabels(deployment).Where(label => kind.IsPrefect2 && !IsTag(label)).Select(label => label.Key).Order(StringComparer.Ordinal)];
        if (lost.Length > 0)
            notes.Add($"Prefect 2 has no labels ({string.Join(", ", lost)})");
        if (!kind.IsSluice && live is not null && OwnLabels(deployment).Any(label => (!kind.IsPrefect2 || IsTag(label)) && (!live.Labels.TryGetValue(label.Key, out JsonElement value) || !JsonElement.DeepEquals(value, label.Value))))
            notes.Add("Prefect takes labels of a deployment only when it is created: those of the target stay");
        if (deployment.Path is { } path && path.StartsWith("file://", StringComparison.OrdinalIgnoreCase) && !kind.IsSluice)
            notes.Add($"its package lies on this machine's disk ({path}): workers elsewhere cannot read it; publish it again with SluiceStorage");
    }

    private List<string> Differences(Deployment source, IReadOnlyList<DeploymentSchedule> schedules, Deployment live, List<string> notes)
    {
        List<string> fields = [];
        Differs("version", Text(source.Version) != Text(live.Version));
        Differs("description", Text(source.Description) != Text(live.Description));
        Differs("path", Text(source.Path) != Text(live.Path));
        Differs("entrypoint", Text(source.Entrypoint) != Text(live.Entrypoint));
        Differs("tags", !source.Tags.ToHashSet(StringComparer.Ordinal).SetEquals(live.Tags));
        Differs("pull_steps", !JsonShape.Same(source.PullSteps, live.PullSteps));
        if (!kind.IsSluice && IsTemplated(source.Parameters))
        {
            if (!JsonShape.Same(source.Parameters, live.Parameters))
                notes.Add("its parameters are templates, which Prefect fills in when a deployment changes: those of the target stay");
        }
        else
        {
            Differs("parameters", !JsonShape.Same(source.Parameters, live.Parameters));
        }
        DiffersUnlessCleared("job_variables", source.JobVariables.Count == 0, JsonShape.Same(source.JobVariables, live.JobVariables));
        DiffersUnlessCleared("parameter_openapi_schema", JsonShape.IsEmpty(source.ParameterOpenapiSchema), JsonShape.Same(source.ParameterOpenapiSchema, live.ParameterOpenapiSchema));
        DiffersUnlessCleared("work_pool_name", source.WorkPoolName is null, source.WorkPoolName == live.WorkPoolName);
        if (source.WorkPoolName is not null)
            Differs("work_queue_name", (source.WorkQueueName ?? "default") != (live.WorkQueueName ?? "default"));
        if (!kind.IsPrefect2)
        {
            Differs("enforce_parameter_schema", source.EnforceParameterSchema != live.EnforceParameterSchema);
            DiffersUnlessCleared("concurrency_limit", source.ConcurrencyLimit is null, source.ConcurrencyLimit == live.ConcurrencyLimit);
            Differs("concurrency_options", source.ConcurrencyOptions is { } options
                && (options.CollisionStrategy != live.ConcurrencyOptions?.CollisionStrategy || (options.GracePeriodSeconds is { } grace && grace != live.ConcurrencyOptions?.GracePeriodSeconds)));
        }
        if (kind.IsSluice)
            Differs("labels", OwnLabels(source).Any(label => !live.Labels.TryGetValue(label.Key, out JsonElement value) || !JsonElement.DeepEquals(value, label.Value)));
        Differs("schedules", !SameSchedules(schedules, live));
        if (activate)
            Differs("paused", kind.IsPrefect2 ? Switch(source) != Switch(live) : source.Paused != live.Paused);
        return fields;

        void Differs(string field, bool differs)
        {
            if (differs)
                fields.Add(field);
        }

        // No body of the API takes these values away, only puts others in their place.
        void DiffersUnlessCleared(string field, bool isCleared, bool isSame)
        {
            if (!isSame && isCleared)
                notes.Add($"{field} of the target stays: the API cannot clear it");
            else if (!isSame)
                fields.Add(field);
        }
    }

    private bool SameSchedules(IReadOnlyList<DeploymentSchedule> schedules, Deployment live)
    {
        if (kind.IsPrefect2)
            return schedules.Count == live.Schedules.Count && schedules.Zip(live.Schedules).All(pair => ScheduleShape.Same(pair.First, pair.Second, kind, activate));
        Dictionary<string, DeploymentSchedule> bySlug = ScheduleShape.WithSlugs(live.Schedules).ToDictionary(schedule => schedule.Slug!);
        return schedules.Count == bySlug.Count
            && schedules.All(schedule => bySlug.TryGetValue(schedule.Slug!, out DeploymentSchedule? other) && ScheduleShape.Same(schedule, other, kind, activate));
    }

    private DeploymentCreate Wanted(Deployment deployment, IReadOnlyList<DeploymentSchedule> schedules, Deployment? live)
    {
        HashSet<string> liveSlugs = live is null ? [] : [.. ScheduleShape.WithSlugs(live.Schedules).Select(schedule => schedule.Slug!)];
        bool clears = live is not null;
        return new()
        {
            Name = deployment.Name,
            FlowId = default,
            Paused = activate ? kind.IsPrefect2 ? !Switch(deployment) : deployment.Paused : live is null ? true : null,
            Schedules = [.. schedules.Select(schedule => new DeploymentScheduleCreate
            {
                Schedule = schedule.Schedule,
                // A schedule that joins a deployment which runs at the target would run at both servers.
                Active = activate || live is null ? schedule.Active : liveSlugs.Contains(schedule.Slug!) ? null : schedule.Active && live.Paused,
                MaxScheduledRuns = kind.IsPrefect2 ? null : schedule.MaxScheduledRuns,
                Parameters = kind.IsPrefect2 ? null : schedule.Parameters,
                Slug = schedule.Slug,
                Misfire = schedule.Misfire,
                MaxMisfires = schedule.MaxMisfires,
                Dst = schedule.Dst,
            })],
            ConcurrencyLimit = kind.IsPrefect2 ? null : deployment.ConcurrencyLimit,
            ConcurrencyOptions = kind.IsPrefect2 ? null : deployment.ConcurrencyOptions,
            EnforceParameterSchema = deployment.EnforceParameterSchema,
            ParameterOpenapiSchema = deployment.ParameterOpenapiSchema,
            Parameters = live is not null && !kind.IsSluice && IsTemplated(deployment.Parameters) ? null : deployment.Parameters,
            Tags = deployment.Tags,
            Labels = OwnLabels(deployment),
            PullSteps = JsonShape.IsEmpty(deployment.PullSteps) ? clears && !JsonShape.IsEmpty(live!.PullSteps) ? JsonElement.Parse("[]") : null : deployment.PullSteps,
            WorkPoolName = deployment.WorkPoolName,
            WorkQueueName = deployment.WorkQueueName,
            Description = OrEmpty(deployment.Description, live?.Description),
            Path = OrEmpty(deployment.Path, live?.Path),
            Version = OrEmpty(deployment.Version, live?.Version),
            Entrypoint = OrEmpty(deployment.Entrypoint, live?.Entrypoint),
            JobVariables = deployment.JobVariables.Count > 0 ? deployment.JobVariables : null,
        };
    }

    /// <summary>Sluice's own labels go to Prefect 2 as tags.</summary>
    private static bool IsTag(KeyValuePair<string, JsonElement> label) => label.Key.StartsWith("sluice.", StringComparison.Ordinal) && label.Value.ValueKind == JsonValueKind.String;

    private static string Text(string? text) => text ?? "";

    /// <summary>An absent text keeps what is there; an empty one takes it away.</summary>
    private static string? OrEmpty(string? wanted, string? live) => wanted ?? (string.IsNullOrEmpty(live) ? null : "");

    private static Dictionary<string, JsonElement> OwnLabels(Deployment deployment) =>
        deployment.Labels.Where(label => label.Key != FlowIdLabel).ToDictionary(label => label.Key, label => label.Value);

    private static bool IsTemplated(IReadOnlyDictionary<string, JsonElement> parameters) =>
        parameters.Values.Any(value => value.GetRawText().Contains("__prefect_kind", StringComparison.Ordinal));
}

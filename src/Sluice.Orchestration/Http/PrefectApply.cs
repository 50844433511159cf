using System.Globalization;
using System.Text.Json;
using Sluice.Orchestration.Http.Applying;
using Sluice.Orchestration.Json;
using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http;

/// <summary>
/// Writes deployments to a Prefect 3 server by requests that keep what people set: POST only creates, since on an existing deployment it resets parameters
/// and gives schedules new ids; PATCH with slugs keeps a schedule's id and its pause, but never removes one, so removed ones are deleted. Repeating it
/// after a failure in the middle completes it.
/// </summary>
internal sealed class PrefectApply(HttpOrchestrationApi api, HttpTransport transport) : PrefectGeneration
{
    private static readonly string[] s_members =
    [
        "version", "description", "paused", "concurrency_limit", "concurrency_options", "enforce_parameter_schema", "parameter_openapi_schema", "parameters", "tags", "labels", "pull_steps",
        "work_pool_name", "work_queue_name", "path", "entrypoint", "job_variables", "storage_document_id", "infrastructure_document_id",
    ];

    public override bool IsPrefect2 => false;

    public override string JobVariables => "job_variables";

    protected override IReadOnlyList<string> Members => s_members;

    protected override Deployment Read(JsonElement answer) => answer.Deserialize(OrchestrationJson.Default.Deployment)!;

    protected override SentMembers SentPause { get; } = new() { Members = new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["paused"] = JsonText.Parse("true") } };

    public override SentMembers Sent(DeploymentApply apply, PrefectState? live)
    {
        DeploymentCreate wanted = Wanted(apply, live);
        Dictionary<string, JsonElement> body = Body(wanted, apply.Cleared);
        body.Remove("schedules");
        return new() { Members = body, Schedules = wanted.Schedules };
    }

    public override bool IsAsSent(string member, JsonElement sent, JsonElement live) => member switch
    {
        // The server names the default queue and rewrites an empty schema; PATCH stores what templates in parameters come to.
        "work_pool_name" or "work_queue_name" or "parameter_openapi_schema" or "pull_steps" => true,
        "parameters" when sent.GetRawText().Contains("__prefect_kind", StringComparison.Ordinal) => true,
        "tags" => sent.EnumerateArray().Select(tag => tag.GetString()).ToHashSet().SetEquals(live.EnumerateArray().Select(tag => tag.GetString())),
        "labels" => true,
        _ => JsonElement.DeepEquals(sent, live),
    };

    public override async Task<Guid> WriteAsync(DeploymentApply apply, Guid flowId, PrefectState? live, PrefectState? moved, string mark, CancellationToken cancellationToken)
    {
        if (live is null)
        {
            ApiCall create = moved is null
                ? Post("/deployments/", Fitting(Wanted(apply, null) with { FlowId = flowId }), OrchestrationJson.Default.DeploymentCreate)
                : Post("/deployments/", Moved(apply, flowId, moved), ApplyJson.Default.DictionaryStringJsonElement);
            return (await transport.SendAsync(create, OrchestrationJson.Default.Deployment, cancellationToken).ConfigureAwait(false)).Id;
        }

        DeploymentCreate wanted = Fitting(Wanted(apply, live));
        Deployment found = live.Answer.Deserialize(OrchestrationJson.Default.Deployment)!;
        Dictionary<string, JsonElement> body = Body(wanted, apply.Cleared);
        KeepQueue(body, live);
        IReadOnlyList<DeploymentSchedule> removed = wanted.Schedules is null ? [] : [.. found.Schedules.Where(schedule => !IsWanted(schedule.Slug, schedule.Schedule, wanted.Schedules))];
        if (wanted.Schedules is not null && found.Schedules.Any(schedule => schedule.Slug is null && !removed.Contains(schedule)))
        {
            // PATCH of the deployment would replace all schedules, since one that stays has no slug.
            body.Remove("schedules");
            await PatchAsync(live.Id, body, cancellationToken).ConfigureAwait(false);
            await ApplySchedulesAsync(found, wanted.Schedules, cancellationToken).ConfigureAwait(false);
            await DeleteAsync(live.Id, removed, cancellationToken).ConfigureAwait(false);
            return live.Id;
        }

        // One schedule without a slug makes PATCH replace all of them, so those go first. The others go last: no due run is missed meanwhile.
        await DeleteAsync(live.Id, removed.Where(schedule => schedule.Slug is null), cancellationToken).ConfigureAwait(false);
        await PatchAsync(live.Id, body, cancellationToken).ConfigureAwait(false);
        await DeleteAsync(live.Id, removed.Where(schedule => schedule.Slug is not null), cancellationToken).ConfigureAwait(false);
        return live.Id;
    }

    public override async Task RestoreAsync(PrefectState before, PrefectState live, IReadOnlyCollection<string> members, CancellationToken cancellationToken)
    {
        Dictionary<string, JsonElement> body = members.Where(member => member != "labels").ToDictionary(member => member, member => Restored(member, before.Members[member]), StringComparer.Ordinal);
        if (body.ContainsKey("work_pool_name") || body.ContainsKey("work_queue_name"))
        {
            // A pool alone would move it into that pool's default queue.
            body["work_pool_name"] = before.Members["work_pool_name"];
            body["work_queue_name"] = before.Members["work_queue_name"];
        }

        await transport.SendAsync(Patch($"/deployments/{live.Id}", body, ApplyJson.Default.DictionaryStringJsonElement), cancellationToken).ConfigureAwait(false);
    }

    public override async Task<IReadOnlyList<string>> RestoreSchedulesAsync(PrefectState before, PrefectState live, SentMembers sent, CancellationToken cancellationToken)
    {
        List<string> kept = [];
        if (sent.Schedules is not { } wanted)
            return kept;
        string path = $"/deployments/{live.Id}/schedules";
        foreach (PrefectSchedule made in live.Schedules.Where(one => before.Schedules.All(old => old.Id != one.Id)))
        {
            // A recreated one has a new id; it is found below by what it is.
            if (before.Schedules.Any(old => live.Schedules.All(one => one.Id != old.Id) && old.IsSame(made)))
                continue;
            if (made.Slug is not null && wanted.Any(schedule => schedule.Slug == made.Slug))
                await transport.DeleteAsync(Delete($"{path}/{made.Id}"), cancellationToken).ConfigureAwait(false);
            else
                kept.Add($"the schedule '{made.Slug ?? made.Schedule.GetRawText()}', which somebody added");
        }

        foreach (PrefectSchedule old in before.Schedules)
        {
            DeploymentScheduleCreate? declared = wanted.FirstOrDefault(schedule => old.Slug is { } slug && (schedule.Slug == slug || schedule.Replaces == slug));
            if (live.Schedules.FirstOrDefault(one => one.Id == old.Id) is not { } now)
            {
                bool isBack = live.Schedules.Any(one => before.Schedules.All(other => other.Id != one.Id) && old.IsSame(one));
                bool replaced = before.Schedules.Any(schedule => schedule.Slug is null);
                if (!isBack && (replaced || declared is null))
                    await transport.SendAsync(Post(path, [old.ToBody(old.Active)], ApplyJson.Default.IReadOnlyListDictionaryStringJsonElement) with { Repeatable = false }, cancellationToken).ConfigureAwait(false);
                else if (!isBack)
                    kept.Add($"the schedule '{old.Slug}', which somebody removed");
            }
            else if (!old.IsSame(now) && declared is not null)
            {
                // Whether it fires is a person's word where the code says nothing.
                bool active = declared.Active is null ? now.Active : old.Active;
                if (active != old.Active)
                    kept.Add($"the schedule '{old.Slug}' {(active ? "fires" : "is paused")}, as somebody set it");
                await transport.SendAsync(Patch($"{path}/{old.Id}", old.ToBody(active), ApplyJson.Default.DictionaryStringJsonElement), cancellationToken).ConfigureAwait(false);
            }
            else if (!old.IsSame(now))
            {
                kept.Add($"the schedule '{old.Slug ?? old.Schedule.GetRawText()}', which somebody changed");
            }
        }

        return kept;
    }

    public override async Task RecreateAsync(PrefectState before, CancellationToken cancellationToken) =>
        await transport.SendAsync(Post("/deployments/", CreateBody(before), ApplyJson.Default.DictionaryStringJsonElement), cancellationToken).ConfigureAwait(false);

    /// <summary>The body that makes a deployment as another one is.</summary>
    private static Dictionary<string, JsonElement> CreateBody(PrefectState state)
    {
        Dictionary<string, JsonElement> body = state.Members.Where(member => member.Value.ValueKind != JsonValueKind.Null).ToDictionary(member => member.Key, member => member.Value, StringComparer.Ordinal);
        body["name"] = state.Answer.GetProperty("name");
        body["flow_id"] = state.Answer.GetProperty("flow_id");
        body["schedules"] = JsonSerializer.SerializeToElement([.. state.Schedules.Select(schedule => schedule.ToBody(schedule.Active))], ApplyJson.Default.IReadOnlyListDictionaryStringJsonElement);
        // The server gives this one itself.
        if (body.Remove("labels", out JsonElement labels))
            body["labels"] = JsonParts.Object(JsonParts.Members(labels).Where(label => label.Key != "prefect.flow.id").ToDictionary(StringComparer.Ordinal));
        // A limit that several deployments share is named by its id.
        if (state.Answer.TryGetProperty("global_concurrency_limit", out JsonElement limit) && limit.ValueKind == JsonValueKind.Object && limit.GetProperty("name").GetString() != $"deployment:{state.Id}")
        {
            body.Remove("concurrency_limit");
            body["global_concurrency_limit_id"] = limit.GetProperty("id");
        }

        return body;
    }

    /// <summary>The old one's body with what the code says over it, in another flow or under another name.</summary>
    private static Dictionary<string, JsonElement> Moved(DeploymentApply apply, Guid flowId, PrefectState old)
    {
        DeploymentCreate wanted = Fitting(Wanted(apply, old) with { FlowId = flowId });
        if (wanted.Schedules is { } schedules)
        {
            wanted = wanted with
            {
                Schedules = [.. schedules.Select(schedule => old.Schedules.FirstOrDefault(one => one.Slug is not null && one.Slug == (schedule.Replaces ?? schedule.Slug)) is { } same
                    ? schedule with { Active = schedule.Active ?? same.Active, MaxScheduledRuns = schedule.MaxScheduledRuns ?? (same.MaxScheduledRuns.ValueKind == JsonValueKind.Number ? same.MaxScheduledRuns.GetInt32() : null), Replaces = null }
                    : schedule with { Replaces = null })],
            };
        }

        Dictionary<string, JsonElement> body = CreateBody(old);
        if (wanted.WorkPoolName is { } pool && pool != old.Members["work_pool_name"].GetString())
            body.Remove("work_queue_name");
        foreach ((string member, JsonElement value) in JsonParts.Members(JsonSerializer.SerializeToElement(wanted, OrchestrationJson.Default.DeploymentCreate)))
            body[member] = value;
        foreach (string member in apply.Cleared)
            body.Remove(member);
        return body;
    }

    /// <summary>One by one, which leaves schedules without a slug alone. What is not said is sent as it is live, since Prefect 3.8 resets what is absent.</summary>
    private async Task ApplySchedulesAsync(Deployment live, IReadOnlyList<DeploymentScheduleCreate> wanted, CancellationToken cancellationToken)
    {
        foreach (DeploymentScheduleCreate schedule in wanted.Where(schedule => schedule.Slug is not null))
        {
            if (live.Schedules.FirstOrDefault(other => other.Slug == schedule.Slug || (schedule.Replaces is { } old && other.Slug == old)) is not { } found)
            {
                await api.CreateSchedulesAsync(live.Id, [schedule], cancellationToken).ConfigureAwait(false);
                continue;
            }

            DeploymentScheduleUpdate update = new()
            {
                Schedule = schedule.Schedule,
                Active = schedule.Active ?? found.Active,
                MaxScheduledRuns = schedule.MaxScheduledRuns ?? found.MaxScheduledRuns,
                Parameters = schedule.Parameters ?? new Dictionary<string, JsonElement>(),
                Slug = schedule.Slug,
            };
            await api.UpdateScheduleAsync(live.Id, found.Id, update, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task DeleteAsync(Guid deploymentId, IEnumerable<DeploymentSchedule> schedules, CancellationToken cancellationToken)
    {
        foreach (DeploymentSchedule schedule in schedules)
        {
            await api.DeleteScheduleAsync(deploymentId, schedule.Id, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task PatchAsync(Guid id, Dictionary<string, JsonElement> body, CancellationToken cancellationToken)
    {
        // A renamed slug is not found a second time and would be created.
        bool renames = body.TryGetValue("schedules", out JsonElement schedules) && schedules.EnumerateArray().Any(schedule => schedule.TryGetProperty("replaces", out _));
        await transport.SendAsync(Patch($"/deployments/{id}", body, ApplyJson.Default.DictionaryStringJsonElement) with { Repeatable = !renames }, cancellationToken).ConfigureAwait(false);
    }

    private static bool IsWanted(string? slug, Schedule live, IReadOnlyList<DeploymentScheduleCreate> wanted) =>
        slug is not null ? wanted.Any(schedule => schedule.Slug == slug || schedule.Replaces == slug) : wanted.Any(schedule => schedule.Slug is null && schedule.Schedule == live);

    /// <summary>With a stable slug for each schedule; but for one that is live without a slug, which a person made on Prefect's pages, and which stays as it is.</summary>
    private static DeploymentCreate Wanted(DeploymentApply apply, PrefectState? live)
    {
        Schedule[] unnamed = live is null ? [] : [.. live.Schedules.Where(schedule => schedule.Slug is null).Select(schedule => schedule.Schedule.Deserialize(OrchestrationJson.Default.Schedule)!)];
        IReadOnlyList<DeploymentScheduleCreate>? schedules = apply.Cleared.Contains("schedules") ? [] : apply.Deployment.Schedules;
        return apply.Deployment with
        {
            Schedules = schedules?.Select((schedule, index) => schedule.Slug is null && !unnamed.Contains(schedule.Schedule)
                ? schedule with { Slug = "schedule-" + (index + 1).ToString(CultureInfo.InvariantCulture) }
                : schedule).ToList(),
        };
    }

    private static DeploymentCreate Fitting(DeploymentCreate wanted) => wanted.Schedules?.Any(ScheduleExtensions.IsExtended) == true
        ? wanted with { Schedules = [.. wanted.Schedules.Select(ScheduleExtensions.ForPrefect)] }
        : wanted;

    // Not sent: name and flow (they are the key), and labels, which PATCH refuses.
    private static Dictionary<string, JsonElement> Body(DeploymentCreate wanted, IReadOnlyList<string> cleared)
    {
        DeploymentUpdate update = new()
        {
            Paused = wanted.Paused,
            Schedules = wanted.Schedules is not { Count: > 0 } schedules ? null : [.. schedules.Select(schedule => new DeploymentScheduleUpdate
            {
                Schedule = schedule.Schedule,
                Active = schedule.Active,
                MaxScheduledRuns = schedule.MaxScheduledRuns,
                Parameters = schedule.Parameters ?? new Dictionary<string, JsonElement>(),
                Slug = schedule.Slug,
                Replaces = schedule.Replaces,
            })],
            ConcurrencyLimit = wanted.ConcurrencyLimit,
            ConcurrencyOptions = wanted.ConcurrencyOptions,
            EnforceParameterSchema = wanted.EnforceParameterSchema,
            ParameterOpenapiSchema = wanted.ParameterOpenapiSchema,
            Parameters = wanted.Parameters,
            Tags = wanted.Tags,
            PullSteps = wanted.PullSteps,
            WorkPoolName = wanted.WorkPoolName,
            WorkQueueName = wanted.WorkQueueName,
            Description = wanted.Description,
            Path = wanted.Path,
            Version = wanted.Version,
            Entrypoint = wanted.Entrypoint,
            JobVariables = wanted.JobVariables,
        };
        Dictionary<string, JsonElement> body = JsonParts.Members(JsonSerializer.SerializeToElement(update, OrchestrationJson.Default.DeploymentUpdate));
        foreach (string member in cleared.Where(member => member is not ("schedules" or "labels")))
            body[member] = Restored(member, PrefectState.Null);
        return body;
    }

    /// <summary>A value as PATCH takes it: lists and objects are emptied by empty ones, and job variables by ones without effect, since PATCH does not empty them.</summary>
    private static JsonElement Restored(string member, JsonElement value) => member switch
    {
        "tags" when value.ValueKind == JsonValueKind.Null => JsonText.Parse("[]"),
        "parameters" when value.ValueKind == JsonValueKind.Null => JsonText.Parse("{}"),
        "pull_steps" when value.ValueKind == JsonValueKind.Null => JsonText.Parse("[]"),
        "job_variables" when value.ValueKind == JsonValueKind.Null || !value.EnumerateObject().Any() => JsonText.Parse("""{"env":{}}"""),
        _ => value,
    };
}

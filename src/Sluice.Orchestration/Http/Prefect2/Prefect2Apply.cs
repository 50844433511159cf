using System.Text.Json;
using Sluice.Orchestration.Http.Applying;
using Sluice.Orchestration.Json;
using static Sluice.Orchestration.Http.ApiCall;

namespace Sluice.Orchestration.Http.Prefect2;

/// <summary>
/// Writes deployments to a Prefect 2 server. PATCH keeps what it does not name; a new schema or new pull steps go by POST, which may reset what it does
/// not name, so that it names everything, as it was read just before.
/// </summary>
internal sealed class Prefect2Apply(HttpOrchestrationApi api, HttpTransport transport) : PrefectGeneration
{
    private static readonly string[] s_members =
    [
        "version", "description", "schedule", "is_schedule_active", "infra_overrides", "parameters", "tags", "work_queue_name", "work_pool_name", "parameter_openapi_schema", "path", "pull_steps",
        "entrypoint", "manifest_path", "storage_document_id", "infrastructure_document_id",
    ];

    /// <summary>Members that PATCH does not take.</summary>
    private static readonly string[] s_posted = ["parameter_openapi_schema", "pull_steps"];

    public override bool IsPrefect2 => true;

    public override string JobVariables => "infra_overrides";

    protected override IReadOnlyList<string> Members => s_members;

    protected override Deployment Read(JsonElement answer) => answer.Deserialize(Prefect2Json.Default.Prefect2Deployment)!.ToDeployment();

    protected override SentMembers SentPause { get; } = new() { Members = new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["is_schedule_active"] = JsonText.Parse("false") } };

    public override DeploymentChanges Fitted(DeploymentChanges changes) => changes with { Deployments = [.. changes.Deployments.Select(Fitted)] };

    public override SentMembers Sent(DeploymentApply apply, PrefectState? live)
    {
        Prefect2DeploymentBody body = Prefect2Dialect.Deployment(apply.Deployment);
        Dictionary<string, JsonElement> members = JsonParts.Members(JsonSerializer.SerializeToElement(Patch(apply.Deployment, body), Prefect2Json.Default.Prefect2DeploymentPatch));
        if (body.ParameterOpenapiSchema is { } schema)
            members["parameter_openapi_schema"] = schema;
        if (body.PullSteps is { } steps)
            members["pull_steps"] = steps;
        foreach (string member in apply.Cleared)
        {
            if (Name(member) is { } name)
                members[name] = Restored(name, PrefectState.Null);
        }

        // Agents start a deployment by its block, which may be a new one.
        members["infrastructure_document_id"] = PrefectState.Null;
        if (apply.StorageBlock is not null)
            members["storage_document_id"] = PrefectState.Null;
        return new() { Members = members };
    }

    public override bool IsAsSent(string member, JsonElement sent, JsonElement live) => member switch
    {
        "work_pool_name" or "work_queue_name" or "parameter_openapi_schema" or "pull_steps" or "infrastructure_document_id" or "storage_document_id" => true,
        "infra_overrides" => JsonElement.DeepEquals(Shown(sent), Shown(live)),
        "schedule" => IsSame(sent.Deserialize(Prefect2Json.Default.Schedule), live.Deserialize(Prefect2Json.Default.Schedule)),
        "tags" => sent.EnumerateArray().Select(tag => tag.GetString()).ToHashSet().SetEquals(live.EnumerateArray().Select(tag => tag.GetString())),
        _ => JsonElement.DeepEquals(sent, live),
    };

    public override async Task<Guid> WriteAsync(DeploymentApply apply, Guid flowId, PrefectState? live, PrefectState? moved, string mark, CancellationToken cancellationToken)
    {
        DeploymentCreate wanted = apply.Deployment with { FlowId = flowId };
        Prefect2Deployment? found = (live ?? moved)?.Answer.Deserialize(Prefect2Json.Default.Prefect2Deployment);
        Prefect2DeploymentBody body = Prefect2Dialect.Deployment(wanted);
        if (await Prefect2Infrastructure.IsForAgentsAsync(api, wanted.WorkPoolName, cancellationToken).ConfigureAwait(false))
        {
            // An anonymous block belongs to one deployment and goes with it.
            Guid? block = await Prefect2Infrastructure.EnsureAsync(api, apply, moved is null ? found?.InfrastructureDocumentId : null, BlockName(mark), cancellationToken).ConfigureAwait(false);
            body = body with { InfrastructureDocumentId = block, InfraOverrides = block is null ? body.InfraOverrides : Prefect2Infrastructure.ToOverrides(body.InfraOverrides) };
        }

        if (apply.StorageBlock?.Split('/', 2) is [var type, var storage])
        {
            body = body with
            {
                StorageDocumentId = (await api.FindBlockDocumentAsync(type, storage, includeSecrets: false, cancellationToken).ConfigureAwait(false))?.Id
                    ?? throw new OrchestrationException(OrchestrationErrorKind.NotFound, $"{apply.FlowName}/{wanted.Name}: there is no block '{apply.StorageBlock}', from which its code is fetched: create it on the server, or correct the name."),
            };
        }

        Dictionary<string, JsonElement> patch = JsonParts.Members(JsonSerializer.SerializeToElement(Patch(wanted, body), Prefect2Json.Default.Prefect2DeploymentPatch));
        foreach (string member in apply.Cleared)
        {
            if (Name(member) is { } name)
                patch[name] = Restored(name, PrefectState.Null);
        }

        if (live is null)
        {
            ApiCall create = moved is null
                ? Post("/deployments/", body, Prefect2Json.Default.Prefect2DeploymentBody)
                : Post("/deployments/", Replacement(moved, patch, wanted, flowId), ApplyJson.Default.DictionaryStringJsonElement);
            return (await transport.SendAsync(create, Prefect2Json.Default.Prefect2Deployment, cancellationToken).ConfigureAwait(false)).Id;
        }

        KeepQueue(patch, live);
        ApiCall call = IsNew(wanted.ParameterOpenapiSchema, found!.ParameterOpenapiSchema) || IsNew(wanted.PullSteps, found.PullSteps)
            ? Post("/deployments/", Replacement(live, patch, wanted, flowId), ApplyJson.Default.DictionaryStringJsonElement)
            : ApiCall.Patch($"/deployments/{live.Id}", patch, ApplyJson.Default.DictionaryStringJsonElement);
        await transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
        return live.Id;
    }

    public override async Task RestoreAsync(PrefectState before, PrefectState live, IReadOnlyCollection<string> members, CancellationToken cancellationToken)
    {
        Dictionary<string, JsonElement> body = members.ToDictionary(member => member, member => Restored(member, before.Members[member]), StringComparer.Ordinal);
        if (body.ContainsKey("work_pool_name") || body.ContainsKey("work_queue_name"))
        {
            body["work_pool_name"] = before.Members["work_pool_name"];
            body["work_queue_name"] = before.Members["work_queue_name"];
        }

        ApiCall call;
        if (members.Any(member => s_posted.Contains(member)))
        {
            Dictionary<string, JsonElement> whole = Whole(live);
            foreach ((string member, JsonElement value) in body)
                whole[member] = value;
            call = Post("/deployments/", whole, ApplyJson.Default.DictionaryStringJsonElement);
        }
        else
        {
            call = ApiCall.Patch($"/deployments/{live.Id}", body, ApplyJson.Default.DictionaryStringJsonElement);
        }

        await transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
    }

    public override async Task RecreateAsync(PrefectState before, CancellationToken cancellationToken) => await transport.SendAsync(
        Post("/deployments/", Whole(before).Where(member => member.Value.ValueKind != JsonValueKind.Null).ToDictionary(StringComparer.Ordinal), ApplyJson.Default.DictionaryStringJsonElement), cancellationToken).ConfigureAwait(false);

    /// <summary>Deletes the anonymous blocks that were made for deployments.</summary>
    public override async Task CleanAsync(IEnumerable<string> marks, IEnumerable<PrefectState> live, CancellationToken cancellationToken)
    {
        HashSet<string?> used = [.. live.Select(state => state.Members["infrastructure_document_id"].GetString())];
        foreach (string[] names in marks.Select(BlockName).Chunk(200))
        {
            foreach (BlockDocument block in await api.ListBlockDocumentsAsync(Prefect2Infrastructure.Anonymous(names), cancellationToken).ConfigureAwait(false))
            {
                if (!used.Contains(block.Id.ToString()))
                    await api.DeleteBlockDocumentAsync(block.Id, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Changes a deployment, by PATCH where that can.</summary>
    public async Task UpdateAsync(Prefect2Deployment live, Prefect2DeploymentPatch patch, JsonElement? schema, JsonElement? pullSteps, CancellationToken cancellationToken)
    {
        ApiCall call = IsNew(schema, live.ParameterOpenapiSchema) || IsNew(pullSteps, live.PullSteps)
            ? Post("/deployments/", Prefect2Dialect.Replacement(live, patch, schema, pullSteps), Prefect2Json.Default.Prefect2DeploymentBody)
            : ApiCall.Patch($"/deployments/{live.Id}", patch, Prefect2Json.Default.Prefect2DeploymentPatch);
        await transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A deployment without what 2.10 has no place for and what no run depends on: the limit of runs at once, of which the publisher warns.</summary>
    /// <exception cref="OrchestrationException">Of kind Unsupported: it has what 2.10 has no place for and runs depend on.</exception>
    private static DeploymentApply Fitted(DeploymentApply apply)
    {
        try
        {
            DeploymentApply fitted = apply with { Deployment = apply.Deployment with { ConcurrencyLimit = null, ConcurrencyOptions = null } };
            Prefect2Dialect.Deployment(fitted.Deployment);
            return fitted;
        }
        catch (OrchestrationException error)
        {
            throw new OrchestrationException(error.Kind, $"{apply.FlowName}/{apply.Deployment.Name}: {error.Message}", error) { Field = error.Field };
        }
    }

    private static Prefect2DeploymentPatch Patch(DeploymentCreate wanted, Prefect2DeploymentBody body) => new()
    {
        Version = body.Version,
        Description = body.Description,
        Schedule = wanted.Schedules is null ? null : body.Schedule,
        IsScheduleActive = body.IsScheduleActive,
        Parameters = wanted.Parameters,
        Tags = wanted.Tags is null ? null : body.Tags,
        WorkQueueName = body.WorkQueueName,
        WorkPoolName = body.WorkPoolName,
        Path = body.Path,
        Entrypoint = body.Entrypoint,
        InfraOverrides = body.InfraOverrides,
        InfrastructureDocumentId = body.InfrastructureDocumentId,
        StorageDocumentId = body.StorageDocumentId,
    };

    /// <summary>Everything of a deployment, as POST takes it.</summary>
    private static Dictionary<string, JsonElement> Whole(PrefectState state)
    {
        Dictionary<string, JsonElement> body = state.Members.ToDictionary(member => member.Key, member => Restored(member.Key, member.Value), StringComparer.Ordinal);
        body["name"] = state.Answer.GetProperty("name");
        body["flow_id"] = state.Answer.GetProperty("flow_id");
        return body;
    }

    /// <summary>The body of POST that changes what PATCH cannot, or moves: everything that the patch does not say is as it is live.</summary>
    private static Dictionary<string, JsonElement> Replacement(PrefectState live, Dictionary<string, JsonElement> patch, DeploymentCreate wanted, Guid flowId)
    {
        Dictionary<string, JsonElement> body = Whole(live);
        // A pool alone would move it into that pool's default queue.
        if (patch.TryGetValue("work_pool_name", out JsonElement pool) && !patch.ContainsKey("work_queue_name") && !JsonElement.DeepEquals(pool, body["work_pool_name"]))
            body.Remove("work_queue_name");
        foreach ((string member, JsonElement value) in patch)
            body[member] = value;
        if (wanted.ParameterOpenapiSchema is { } schema)
            body["parameter_openapi_schema"] = schema;
        if (wanted.PullSteps is { } steps)
            body["pull_steps"] = steps;
        body["name"] = JsonParts.Text(wanted.Name);
        body["flow_id"] = JsonParts.Text(flowId.ToString());
        foreach (string absent in body.Where(member => member.Value.ValueKind == JsonValueKind.Null && !patch.ContainsKey(member.Key)).Select(member => member.Key).ToArray())
            body.Remove(absent);
        return body;
    }

    private static string BlockName(string mark) => "anonymous-" + mark;

    /// <summary>2.10's name of a member of 3.x; null for one that it does not have.</summary>
    private static string? Name(string member) => member switch
    {
        "schedules" => "schedule",
        "job_variables" => "infra_overrides",
        "labels" or "pull_steps" or "parameter_openapi_schema" => null,
        _ => s_members.Contains(member) ? member : null,
    };

    private static JsonElement Restored(string member, JsonElement value) => member switch
    {
        "tags" when value.ValueKind == JsonValueKind.Null => JsonText.Parse("[]"),
        "parameters" or "infra_overrides" when value.ValueKind == JsonValueKind.Null => JsonText.Parse("{}"),
        "schedule" => JsonParts.WithoutNulls(value),
        _ => value,
    };

    private static JsonElement Shown(JsonElement overrides) => overrides.ValueKind != JsonValueKind.Object ? overrides
        : JsonParts.Object(new Dictionary<string, JsonElement>(Prefect2Infrastructure.FromOverrides(JsonParts.Members(overrides))!, StringComparer.Ordinal));

    // 2.10 fills in the zone and an interval's anchor.
    private static bool IsSame(Schedule? sent, Schedule? live) => sent is null || live is null ? sent is null && live is null
        : sent.Cron == live.Cron && sent.Interval == live.Interval && (sent.Rrule == live.Rrule || (sent.Rrule is { } rule && live.Rrule?.EndsWith("\n" + rule, StringComparison.Ordinal) == true))
            && (sent.Timezone ?? "UTC") == (live.Timezone ?? "UTC") && (sent.DayOr ?? true) == (live.DayOr ?? true) && (sent.AnchorDate is null || sent.AnchorDate == live.AnchorDate);

    private static bool IsNew(JsonElement? wanted, JsonElement? live) => wanted is { } one && !(live is { } other && JsonElement.DeepEquals(one, other));
}

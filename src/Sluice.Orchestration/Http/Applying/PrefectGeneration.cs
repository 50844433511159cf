using System.Text.Json;
using Sluice.Orchestration.Json;

namespace Sluice.Orchestration.Http.Applying;

/// <summary>How deployments are written to servers of one generation of Prefect, and brought back.</summary>
internal abstract class PrefectGeneration
{
    private static readonly string[] s_seen =
    [
        "version", "description", "paused", "concurrency_limit", "concurrency_options", "parameters", "tags", "labels", "job_variables", "work_pool_name", "work_queue_name",
        "parameter_openapi_schema", "enforce_parameter_schema", "path", "pull_steps", "entrypoint", "storage_document_id", "infrastructure_document_id",
    ];

    public abstract bool IsPrefect2 { get; }

    /// <summary>What people and code set, by the names on the wire, but for Prefect 3's schedules.</summary>
    protected abstract IReadOnlyList<string> Members { get; }

    /// <summary>The member that holds the settings for the infrastructure, by which our own writes are known.</summary>
    public abstract string JobVariables { get; }

    public PrefectState StateOf(JsonElement answer) => PrefectState.Of(answer, Members);

    /// <summary>Reads an answer as every caller is given it.</summary>
    protected abstract Deployment Read(JsonElement answer);

    /// <summary>Whether a deployment that a caller was given still is what the server answers, but for what is nobody's setting: a poll, a state, a slot that is taken.</summary>
    public bool IsSame(Deployment seen, JsonElement answer) => Seen(seen).IsSame(Seen(Read(answer)));

    private static PrefectState Seen(Deployment deployment) => PrefectState.Of(JsonSerializer.SerializeToElement(deployment, OrchestrationJson.Default.Deployment), s_seen);

    /// <summary>The changes without what this generation has no place for and no run depends on.</summary>
    /// <exception cref="OrchestrationException">Of kind Unsupported: they have what it has no place for and runs depend on.</exception>
    public virtual DeploymentChanges Fitted(DeploymentChanges changes) => changes;

    /// <summary>The members that an apply sets, with the values that it sends. For a deployment that is moved, of the old one.</summary>
    public abstract SentMembers Sent(DeploymentApply apply, PrefectState? live);

    /// <summary>The members that a pause sets.</summary>
    protected abstract SentMembers SentPause { get; }

    /// <summary>The members that the pause of what vanished from the code sets, which is noted as such.</summary>
    public SentMembers SentPrune(PrefectState was) => SentPause with
    {
        Members = new Dictionary<string, JsonElement>(SentPause.Members, StringComparer.Ordinal) { [JobVariables] = PrunePause.Noted(was.Members[JobVariables]) },
    };

    /// <summary>Notes that a deployment is paused because it vanished from the code.</summary>
    public Task NotePruneAsync(PrefectState live, CancellationToken cancellationToken) => RestoreAsync(
        live with { Members = new Dictionary<string, JsonElement>(live.Members, StringComparer.Ordinal) { [JobVariables] = PrunePause.Noted(live.Members[JobVariables]) } }, live, [JobVariables], cancellationToken);

    /// <summary>Whether what is live is what was sent, as far as this can be told: servers fill in and write some values anew.</summary>
    public abstract bool IsAsSent(string member, JsonElement sent, JsonElement live);

    /// <summary>Creates it, or changes the live one.</summary>
    /// <param name="apply">What it is to be.</param>
    /// <param name="flowId">Its flow.</param>
    /// <param name="live">What it is; null where it does not exist.</param>
    /// <param name="moved">The live deployment that becomes this one under another name: what is not said is taken from it.</param>
    /// <param name="mark">What is made for it and needs no name is named so, that an undo may find it.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>Its id.</returns>
    public abstract Task<Guid> WriteAsync(DeploymentApply apply, Guid flowId, PrefectState? live, PrefectState? moved, string mark, CancellationToken cancellationToken);

    /// <summary>Brings members back.</summary>
    public abstract Task RestoreAsync(PrefectState before, PrefectState live, IReadOnlyCollection<string> members, CancellationToken cancellationToken);

    /// <summary>Brings schedules back, where they are not members.</summary>
    /// <returns>What somebody else changed, and stays.</returns>
    public virtual Task<IReadOnlyList<string>> RestoreSchedulesAsync(PrefectState before, PrefectState live, SentMembers sent, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>Makes a deployment that was deleted, all but its ids and times.</summary>
    public abstract Task RecreateAsync(PrefectState before, CancellationToken cancellationToken);

    /// <summary>A pool alone would move a deployment into that pool's default queue: the one that it is in is not sent.</summary>
    protected static void KeepQueue(Dictionary<string, JsonElement> body, PrefectState live)
    {
        if (!body.ContainsKey("work_queue_name") && body.TryGetValue("work_pool_name", out JsonElement pool) && JsonElement.DeepEquals(pool, live.Members["work_pool_name"]))
            body.Remove("work_pool_name");
    }

    /// <summary>Removes what was made besides for deployments, and that no live one names.</summary>
    public virtual Task CleanAsync(IEnumerable<string> marks, IEnumerable<PrefectState> live, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>What an apply sends for one deployment.</summary>
internal sealed record SentMembers
{
    public static readonly SentMembers None = new();

    /// <summary>By the names on the wire.</summary>
    public IReadOnlyDictionary<string, JsonElement> Members { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The schedules, with their slugs; null where they are not touched.</summary>
    public IReadOnlyList<DeploymentScheduleCreate>? Schedules { get; init; }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Orchestration;

/// <summary>One deployment as code declares it, for <see cref="IOrchestrationApi.ApplyAsync(DeploymentChanges, System.Threading.CancellationToken)"/>.</summary>
public sealed record DeploymentApply
{
    /// <summary>Its flow, created when missing.</summary>
    public required string FlowName { get; init; }

    /// <summary>Tags of a flow that is created.</summary>
    public IReadOnlyList<string>? FlowTags { get; init; }

    /// <summary>What the code declares. <c>FlowId</c> is ignored. Null members keep the live value (so a pause made by a person stays); schedules match by slug, those not listed are removed, and <c>Active</c> null keeps the live value.</summary>
    public required DeploymentCreate Deployment { get; init; }

    /// <summary>
    /// In which infrastructure an agent of Prefect 2 starts its runs: <c>process</c> (when null), <c>docker</c> or <c>kubernetes</c>, or a named block as
    /// <c>docker-container/prod</c>. Every other worker goes by its work pool, and no other server is told.
    /// </summary>
    [JsonIgnore]
    public string? Infrastructure { get; init; }

    /// <summary>The fields of the block that an agent of Prefect 2 starts its runs by, where a file of Prefect's says them; null for those that the job variables give. No other server is told.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, JsonElement>? InfrastructureData { get; init; }

    /// <summary>The saved block from which Prefect 2's agents and workers fetch the code of a Python flow, as <c>s3/prod</c>. No other server is told.</summary>
    [JsonIgnore]
    public string? StorageBlock { get; init; }

    /// <summary>
    /// The live deployment that becomes this one, whatever its flow and name are: a rename, which keeps its id and its runs where the server can move a
    /// deployment (Prefect cannot: there the new one is created and the old one deleted). Null: the one of that flow and name, or a new one.
    /// </summary>
    public Guid? Id { get; init; }

    /// <summary>Members of <see cref="Deployment"/> that are set to nothing, by their names on the wire, as <c>concurrency_limit</c> or <c>description</c>: null alone keeps the live value. What cannot be cleared: the name, the pause, and whether the schema is enforced.</summary>
    public IReadOnlyList<string> Cleared { get; init => field = value ?? []; } = [];

    /// <summary>Whether the caller saw no deployment of that flow and name: one that is there by now is a conflict, and nothing is applied.</summary>
    public bool MustBeNew { get; init; }
}

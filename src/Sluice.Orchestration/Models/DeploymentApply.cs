using System.Text.Json.Serialization;

namespace Sluice.Orchestration;

/// <summary>One deployment as code declares it, for <see cref="IOrchestrationApi.ApplyDeploymentsAsync"/>.</summary>
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
}

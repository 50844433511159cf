using Sluice.Deploy.Provenance;
using Sluice.Orchestration;

namespace Sluice.Deploy.Versions;

/// <summary>A deployment that an apply changes, for its record.</summary>
/// <param name="FlowName">Its flow.</param>
/// <param name="Declared">What the code says.</param>
/// <param name="Desired">What the API is told: the same, with what people changed and keep.</param>
/// <param name="Live">What is there now; null where it is created.</param>
internal sealed record VersionedDeployment(string FlowName, DeploymentCreate Declared, DeploymentCreate Desired, Deployment? Live)
{
    /// <summary>What the live one is called, as <c>flow/deployment</c>, where it is moved.</summary>
    public string? LiveFullName { get; init; }

    /// <summary>As <see cref="DeploymentApply.Infrastructure"/>.</summary>
    public string? Infrastructure { get; init; }

    /// <summary>As <see cref="AppliedVersion.StorageBlock"/>.</summary>
    public string? StorageBlock { get; init; }

    /// <summary>The version that is brought back; null where code is applied.</summary>
    public int? RolledBackTo { get; init; }

    /// <summary>Where the code of that version comes from.</summary>
    public BuildFacts? Origin { get; init; }
}

using Sluice.Orchestration;

namespace Sluice.Deploy.Versions;

/// <summary>A deployment and the version of it that is brought back.</summary>
/// <param name="FlowName">Its flow now.</param>
/// <param name="Live">What is there now.</param>
/// <param name="Now">The version that it is.</param>
/// <param name="Then">The version that it becomes again; its <c>Version</c> and <c>Record</c> are there.</param>
internal sealed record RollbackTarget(string FlowName, Deployment Live, VersionEntry Now, VersionEntry Then)
{
    /// <summary><c>flow/deployment</c>.</summary>
    public string FullName => $"{FlowName}/{Live.Name}";

    /// <summary>The version itself.</summary>
    public AppliedVersion Version => Then.Version!;
}

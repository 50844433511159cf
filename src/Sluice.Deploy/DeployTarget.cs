using Sluice.Orchestration;

namespace Sluice.Deploy;

/// <summary>The API that a deploy goes to.</summary>
/// <param name="Api">It; disposed by the deploy.</param>
/// <param name="Description">Where it is, for people: a URL, or the embedded API with its database.</param>
/// <param name="IsLocal">True when nothing was configured and the API is this machine's own: its workers run here.</param>
public sealed record DeployTarget(IOrchestrationApi Api, string Description, bool IsLocal);

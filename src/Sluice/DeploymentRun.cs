using Sluice.Orchestration;

namespace Sluice;

/// <summary>A run of a deployment that was started.</summary>
/// <param name="Id">The flow run's id.</param>
/// <param name="Name">The flow run's name, for people.</param>
public sealed record DeploymentRun(Guid Id, string Name)
{
    /// <summary>The run's state when this was answered: a final one where it was waited for to its end. Null where the server tells none.</summary>
    public StateType? State { get; init; }

    /// <summary>What the state says, as the reason of a failure.</summary>
    public string? Message { get; init; }
}

namespace Sluice.Orchestration;

/// <summary>What became of one applied deployment.</summary>
public sealed record DeploymentApplied
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Id of its flow.</summary>
    public required Guid FlowId { get; init; }

    /// <summary>True when it was created, false when it was updated.</summary>
    public required bool Created { get; init; }
}

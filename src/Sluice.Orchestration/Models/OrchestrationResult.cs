namespace Sluice.Orchestration;

/// <summary>The answer to a proposed state.</summary>
public sealed record OrchestrationResult
{
    /// <summary>The state that holds now.</summary>
    public State? State { get; init; }

    /// <summary>Whether it was taken.</summary>
    public required SetStateStatus Status { get; init; }

    /// <summary>Why.</summary>
    public required OrchestrationDetails Details { get; init; }
}

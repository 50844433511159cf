namespace Sluice.Orchestration;

/// <summary>How a state is proposed.</summary>
public readonly record struct SetStateOptions
{
    /// <summary>Skips the transition rules.</summary>
    public bool Force { get; init; }

    /// <summary>
    /// Gives the run a lease of this length with the transition (a claim), to be renewed by <see cref="IOrchestrationApi.RenewLeasesAsync"/>.
    /// Travels as the header <c>Sluice-Lease-Seconds</c>, which Prefect ignores.
    /// </summary>
    public TimeSpan? Lease { get; init; }
}

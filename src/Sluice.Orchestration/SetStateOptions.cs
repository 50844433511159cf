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

    /// <summary>
    /// The attempt that speaks: the transition id of the claim that it runs under. A server that has given it up, or to another claim, answers ABORT.
    /// Travels as the header <c>Sluice-Attempt</c>.
    /// </summary>
    public Guid? Attempt { get; init; }

    /// <summary>
    /// With RUNNING: how often the server may schedule the run again when its worker and its process have vanished, from 0. Travels as the header
    /// <c>Sluice-Crash-Retries</c>.
    /// </summary>
    public int? CrashRetries { get; init; }

    /// <summary>
    /// Whether who speaks renews the lease of its slot under the deployment's concurrency limit: it then loses the slot when it stops. On the wire Prefect's
    /// user agent from 3.4.11 on says so.
    /// </summary>
    public bool RenewsConcurrencyLease { get; init; }
}

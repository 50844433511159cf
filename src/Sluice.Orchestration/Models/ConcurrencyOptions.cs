namespace Sluice.Orchestration;

/// <summary>What happens to a run beyond the deployment's limit.</summary>
public sealed record ConcurrencyOptions
{
    /// <summary><c>ENQUEUE</c> or <c>CANCEL_NEW</c>.</summary>
    public required string CollisionStrategy { get; init; }

    /// <summary>How long a claimed slot is kept for a run that does not start, 60 to 86,400 s.</summary>
    public int? GracePeriodSeconds { get; init; }
}

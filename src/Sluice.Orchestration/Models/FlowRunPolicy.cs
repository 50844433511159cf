namespace Sluice.Orchestration;

/// <summary>Retry policy of a run.</summary>
public sealed record FlowRunPolicy
{
    /// <summary>Deprecated by Prefect; 0.</summary>
    public int MaxRetries { get; init; }

    /// <summary>Deprecated by Prefect; 0.</summary>
    public double RetryDelaySeconds { get; init; }

    /// <summary>How often a failed run is tried again.</summary>
    public int? Retries { get; init; }

    /// <summary>Seconds between tries.</summary>
    public int? RetryDelay { get; init; }

    /// <summary>Kept for Prefect.</summary>
    public IReadOnlyList<string>? PauseKeys { get; init; }

    /// <summary>Kept for Prefect.</summary>
    public bool? Resuming { get; init; }

    /// <summary><c>in_process</c> (hidden from workers) or <c>reschedule</c>.</summary>
    public string? RetryType { get; init; }
}

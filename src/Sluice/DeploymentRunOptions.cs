namespace Sluice;

/// <summary>How a run of a deployment is started. Everything may be left out.</summary>
public sealed record DeploymentRunOptions
{
    /// <summary>The run's name; made up when absent.</summary>
    public string? Name { get; init; }

    /// <summary>When it is due; now when absent.</summary>
    public DateTimeOffset? ScheduledTime { get; init; }

    /// <summary>Two starts with the same key are one run, so that a flow that is tried again starts nothing twice.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>
    /// How long to wait for the run's end: 0 or more, or <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes. Null: the run is started, not
    /// waited for. When the time is over the run goes on, and <see cref="DeploymentRun.State"/> is not a final one.
    /// </summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>Added to the deployment's tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}

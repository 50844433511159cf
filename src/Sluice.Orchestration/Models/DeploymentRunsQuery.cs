namespace Sluice.Orchestration;

/// <summary>Asks for the due runs of deployments, whatever their pool: the poll of a program that serves its own deployments.</summary>
public sealed record DeploymentRunsQuery
{
    /// <summary>Whose runs. They count as READY for a minute after each poll.</summary>
    public required IReadOnlyList<Guid> DeploymentIds { get; init; }

    /// <summary>Only runs due until then.</summary>
    public DateTimeOffset? ScheduledBefore { get; init; }

    /// <summary>At most so many, 1 to 200 (the default).</summary>
    public int? Limit { get; init; }
}

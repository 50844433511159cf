namespace Sluice.Orchestration;

/// <summary>
/// Which runs of a deployment's active schedules to create by hand, as Prefect's <c>POST /deployments/{id}/schedule</c> takes it. Times of the past are
/// allowed. A due time that has its run gets no second one.
/// </summary>
public sealed record Backfill
{
    /// <summary>The first due time that counts; now when absent.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>The last due time that counts; 100 days after <see cref="StartTime"/> when absent.</summary>
    public DateTimeOffset? EndTime { get; init; }

    /// <summary>Seconds from <see cref="StartTime"/> on that runs are created for, even where there are more than <see cref="MinRuns"/>; an hour when absent.</summary>
    public double? MinTime { get; init; }

    /// <summary>At least so many runs for each schedule, as far as <see cref="EndTime"/> reaches; 3 when absent.</summary>
    public int? MinRuns { get; init; }

    /// <summary>At most so many runs for each schedule; 100 when absent.</summary>
    public int? MaxRuns { get; init; }
}

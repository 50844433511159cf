namespace Sluice.Orchestration;

/// <summary>A list of concurrency limits by name, in the body of Prefect's <c>/v2/concurrency_limits/filter</c>.</summary>
public sealed record ConcurrencyLimitsQuery
{
    /// <summary>At most so many, 1 to 200; 200 when absent.</summary>
    public int? Limit { get; init; }

    /// <summary>Skip so many.</summary>
    public int? Offset { get; init; }
}

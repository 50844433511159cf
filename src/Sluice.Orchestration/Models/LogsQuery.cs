namespace Sluice.Orchestration;

/// <summary>A list of log records, in the body of Prefect's <c>/logs/filter</c>.</summary>
public sealed record LogsQuery
{
    /// <summary><c>TIMESTAMP_ASC</c> (default) or <c>TIMESTAMP_DESC</c>.</summary>
    public string? Sort { get; init; }

    /// <summary>These records.</summary>
    public LogFilter? Logs { get; init; }

    /// <summary>At most so many, 1 to 200; 200 when absent.</summary>
    public int? Limit { get; init; }

    /// <summary>Skip so many.</summary>
    public int? Offset { get; init; }
}

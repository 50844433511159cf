namespace Sluice.Orchestration;

/// <summary>Matches log records; all parts must match.</summary>
public sealed record LogFilter
{
    /// <summary>By level.</summary>
    public LevelFilter? Level { get; init; }

    /// <summary>By time.</summary>
    public TimeFilter? Timestamp { get; init; }

    /// <summary>By flow run.</summary>
    public IdFilter? FlowRunId { get; init; }
}

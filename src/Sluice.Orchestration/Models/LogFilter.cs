namespace Sluice.Orchestration;

/// <summary>Matches log records; all parts must match.</summary>
public sealed record LogFilter
{
    /// <summary>How the parts are joined; all must match when absent.</summary>
    public FilterOperator? Operator { get; init; }

    /// <summary>By level.</summary>
    public LevelFilter? Level { get; init; }

    /// <summary>By time.</summary>
    public TimeFilter? Timestamp { get; init; }

    /// <summary>By flow run.</summary>
    public IdFilter? FlowRunId { get; init; }

    /// <summary>By task run.</summary>
    public IdFilter? TaskRunId { get; init; }

    /// <summary>By words in message and name.</summary>
    public TextFilter? Text { get; init; }
}

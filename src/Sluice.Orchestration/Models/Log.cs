namespace Sluice.Orchestration;

/// <summary>A log record.</summary>
public sealed record Log
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The logger's name.</summary>
    public required string Name { get; init; }

    /// <summary>10 debug, 20 information, 30 warning, 40 error, 50 critical.</summary>
    public required int Level { get; init; }

    /// <summary>The text.</summary>
    public required string Message { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>Its flow run.</summary>
    public Guid? FlowRunId { get; init; }

    /// <summary>Its task run.</summary>
    public Guid? TaskRunId { get; init; }
}

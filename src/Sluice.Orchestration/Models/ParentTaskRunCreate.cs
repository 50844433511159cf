namespace Sluice.Orchestration;

/// <summary>The body of Prefect's <c>POST /task_runs/</c>, as far as a run needs it that stands for another one.</summary>
public sealed record ParentTaskRunCreate
{
    /// <summary>Its first state: PENDING when absent.</summary>
    public StateCreate? State { get; init; }

    /// <summary>Its name; made up when absent.</summary>
    public string? Name { get; init; }

    /// <summary>The flow run that it belongs to.</summary>
    public required Guid FlowRunId { get; init; }

    /// <summary>Which task it is a run of.</summary>
    public required string TaskKey { get; init; }

    /// <summary>Tells apart the runs of one task in one flow run: two creations with the same keys are one task run.</summary>
    public required string DynamicKey { get; init; }

    /// <summary>Version of the task.</summary>
    public string? TaskVersion { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string>? Tags { get; init; }
}

/// <summary>A task run: what is needed of it to name it as a parent.</summary>
public sealed record ParentTaskRun
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its state: of one that was found by its keys in place of being made, any; null where the server does not say.</summary>
    public StateType? StateType { get; init; }
}

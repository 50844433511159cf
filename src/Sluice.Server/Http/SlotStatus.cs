using Sluice.Orchestration;

namespace Sluice.Server.Http;

/// <summary>A run that takes up a slot of its queue and pool.</summary>
internal sealed record SlotHolder
{
    public required Guid Id { get; init; }

    public required string Name { get; init; }

    public StateType? StateType { get; init; }

    public string? StateName { get; init; }

    public DateTimeOffset? StartTime { get; init; }

    public DateTimeOffset? StateTimestamp { get; init; }

    /// <summary>Seconds.</summary>
    public double? TimeInCurrentState { get; init; }

    public static SlotHolder Of(FlowRun run, DateTimeOffset now) => new()
    {
        Id = run.Id,
        Name = run.Name,
        StateType = run.State?.Type,
        StateName = run.State?.Name,
        StartTime = run.StartTime,
        StateTimestamp = run.State?.Timestamp,
        TimeInCurrentState = run.State is { } state ? (now - state.Timestamp).TotalSeconds : null,
    };
}

/// <summary>What <c>/work_queues/{id}/concurrency_status</c> answers.</summary>
internal sealed record QueueSlotStatus
{
    public required int ActiveSlots { get; init; }

    public int? ConcurrencyLimit { get; init; }

    public required IReadOnlyList<SlotHolder> FlowRuns { get; init; }

    public required int Count { get; init; }

    public required int Limit { get; init; }

    public required int Pages { get; init; }

    public required int Page { get; init; }
}

/// <summary>A queue in what <c>/work_pools/{name}/concurrency_status</c> answers.</summary>
internal sealed record QueueSlots
{
    public required Guid QueueId { get; init; }

    public required string QueueName { get; init; }

    public required int ActiveSlots { get; init; }

    public int? ConcurrencyLimit { get; init; }

    public required IReadOnlyList<SlotHolder> FlowRuns { get; init; }

    public int? FlowRunCount { get; init; }
}

/// <summary>What <c>/work_pools/{name}/concurrency_status</c> answers.</summary>
internal sealed record PoolSlotStatus
{
    public required int ActiveSlots { get; init; }

    public int? ConcurrencyLimit { get; init; }

    public required IReadOnlyList<QueueSlots> Queues { get; init; }

    public required int Count { get; init; }

    public required int Limit { get; init; }

    public required int Pages { get; init; }

    public required int Page { get; init; }
}

/// <summary>The body of <c>/work_queues/{id}/concurrency_status</c>.</summary>
internal sealed record QueueSlotsQuery
{
    /// <summary>From 1.</summary>
    public int? Page { get; init; }

    public int? Limit { get; init; }
}

/// <summary>The body of <c>/work_pools/{name}/concurrency_status</c>.</summary>
internal sealed record PoolSlotsQuery
{
    /// <summary>Of its queues, from 1.</summary>
    public int? Page { get; init; }

    public int? Limit { get; init; }

    /// <summary>At most so many runs of each queue, 0 to 200.</summary>
    public int? FlowRunLimit { get; init; }
}

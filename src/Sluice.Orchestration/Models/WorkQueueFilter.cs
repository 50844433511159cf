using System.Text.Json.Serialization;

namespace Sluice.Orchestration;

/// <summary>Matches queues; all parts must match.</summary>
public sealed record WorkQueueFilter
{
    /// <summary>How the parts are joined; all must match when absent.</summary>
    public FilterOperator? Operator { get; init; }

    /// <summary>By id.</summary>
    public IdFilter? Id { get; init; }

    /// <summary>By name.</summary>
    public WorkQueueNameFilter? Name { get; init; }
}

/// <summary>Matches names of work queues.</summary>
public sealed record WorkQueueNameFilter
{
    /// <summary>One of these.</summary>
    [JsonPropertyName("any_")] public IReadOnlyList<string>? Any { get; init; }

    /// <summary>Begins with one of these, without regard to case.</summary>
    [JsonPropertyName("startswith_")] public IReadOnlyList<string>? StartsWith { get; init; }
}

using System.Text.Json.Serialization;

namespace Sluice.Orchestration;

/// <summary>The body that changes a queue. Null members are absent and keep their value.</summary>
public sealed record WorkQueueUpdate
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>Whether its runs are held back.</summary>
    public bool? IsPaused { get; init; }

    /// <summary>How many of its runs may be pending or running at once.</summary>
    public int? ConcurrencyLimit { get; init; }

    /// <summary>Takes the limit away, by a <c>concurrency_limit</c> of null, as Prefect's clients do, whatever <see cref="ConcurrencyLimit"/> says.</summary>
    [JsonIgnore]
    public bool ClearConcurrencyLimit { get; init; }

    /// <summary>1 is served first.</summary>
    public int? Priority { get; init; }
}

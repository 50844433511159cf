namespace Sluice.Orchestration;

/// <summary>The body that changes a concurrency limit. Null members are absent and keep their value.</summary>
public sealed record ConcurrencyLimitUpdate
{
    /// <summary>Its unique name.</summary>
    public string? Name { get; init; }

    /// <summary>How many slots it has, 0 or more. Fewer than are occupied takes nobody's away.</summary>
    public int? Limit { get; init; }

    /// <summary>Whether it holds anybody back.</summary>
    public bool? Active { get; init; }

    /// <summary>How many slots are occupied: 0 frees all, whoever thinks to hold them.</summary>
    public int? ActiveSlots { get; init; }

    /// <summary>How many slots were refused, for the time that others are told to wait.</summary>
    public int? DeniedSlots { get; init; }

    /// <summary>How many occupied slots become free each second by themselves.</summary>
    public double? SlotDecayPerSecond { get; init; }
}

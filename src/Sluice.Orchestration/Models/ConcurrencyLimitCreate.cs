namespace Sluice.Orchestration;

/// <summary>The body that creates a concurrency limit.</summary>
public sealed record ConcurrencyLimitCreate
{
    /// <summary>Its unique name, without the characters <c>/ % &amp; &gt; &lt;</c>.</summary>
    public required string Name { get; init; }

    /// <summary>How many slots it has, 0 or more.</summary>
    public required int Limit { get; init; }

    /// <summary>Whether it holds anybody back; true when absent.</summary>
    public bool? Active { get; init; }

    /// <summary>How many slots are occupied at first; 0 when absent.</summary>
    public int? ActiveSlots { get; init; }

    /// <summary>How many slots were refused at first, for the time that others are told to wait; 0 when absent.</summary>
    public int? DeniedSlots { get; init; }

    /// <summary>How many occupied slots become free each second by themselves; 0 when absent.</summary>
    public double? SlotDecayPerSecond { get; init; }
}

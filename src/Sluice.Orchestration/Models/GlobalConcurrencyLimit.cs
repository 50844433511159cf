namespace Sluice.Orchestration;

/// <summary>A number of slots under a name, which programs occupy while they do something together with all others.</summary>
public sealed record GlobalConcurrencyLimit
{
    /// <summary>Its id.</summary>
    public Guid Id { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset? Updated { get; init; }

    /// <summary>Whether it holds anybody back; true when absent.</summary>
    public bool? Active { get; init; }

    /// <summary>Its unique name.</summary>
    public string? Name { get; init; }

    /// <summary>How many slots it has.</summary>
    public int? Limit { get; init; }

    /// <summary>How many of them are occupied now.</summary>
    public int? ActiveSlots { get; init; }

    /// <summary>How many occupied slots become free each second by themselves; 0 for none. More makes a limit of rate.</summary>
    public double? SlotDecayPerSecond { get; init; }
}

namespace Sluice.Orchestration;

/// <summary>Matches the current state; both parts must match.</summary>
public sealed record StateFilter
{
    /// <summary>By kind.</summary>
    public StateTypeFilter? Type { get; init; }

    /// <summary>By name.</summary>
    public NameFilter? Name { get; init; }
}

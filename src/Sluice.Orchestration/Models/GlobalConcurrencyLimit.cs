namespace Sluice.Orchestration;

/// <summary>The part of Prefect's concurrency limit object that a deployment's reader needs.</summary>
public sealed record GlobalConcurrencyLimit
{
    /// <summary>How many slots it has.</summary>
    public int? Limit { get; init; }
}

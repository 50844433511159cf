namespace Sluice.Orchestration;

/// <summary>The body that gives slots back which were taken without a lease.</summary>
public sealed record SlotsRelease
{
    /// <summary>The limits' names, one at least.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>How many slots of each, 1 at least.</summary>
    public required int Slots { get; init; }

    /// <summary>How long they were held, in seconds, more than 0: it tells others how long to wait.</summary>
    public double? OccupancySeconds { get; init; }
}

namespace Sluice.Orchestration;

/// <summary>The body that asks for slots of concurrency limits, of all of them or of none.</summary>
public sealed record SlotsAcquire
{
    /// <summary>The limits' names, one at least. Names that no limit has hold nobody back.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>How many slots of each, 1 at least.</summary>
    public required int Slots { get; init; }

    /// <summary><c>concurrency</c> (default), or <c>rate_limit</c>, which only limits with a decay allow.</summary>
    public string? Mode { get; init; }

    /// <summary>How long they are held without a sign of life, 60 to 86,400 seconds; 300 when absent. Only with a lease.</summary>
    public double? LeaseDuration { get; init; }

    /// <summary>Who holds them. Only with a lease.</summary>
    public SlotsHolder? Holder { get; init; }
}

/// <summary>Who holds slots.</summary>
public sealed record SlotsHolder
{
    /// <summary><c>flow_run</c>, <c>task_run</c> or <c>deployment</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }
}

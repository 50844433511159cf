namespace Sluice.Orchestration;

/// <summary>Who created an object.</summary>
public sealed record CreatedBy
{
    /// <summary>Id of the creator, as a schedule's.</summary>
    public Guid? Id { get; init; }

    /// <summary><c>SCHEDULE</c>, <c>DEPLOYMENT</c>, …</summary>
    public string? Type { get; init; }

    /// <summary>For people.</summary>
    public string? DisplayValue { get; init; }
}

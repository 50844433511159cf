namespace Sluice.Orchestration;

/// <summary>The body that changes a flow; absent members keep their value.</summary>
public sealed record FlowUpdate
{
    /// <summary>Its tags, replaced as a whole.</summary>
    public IReadOnlyList<string>? Tags { get; init; }
}

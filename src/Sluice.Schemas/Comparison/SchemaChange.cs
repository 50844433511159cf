namespace Sluice.Schemas.Comparison;

/// <summary>One difference between two versions of a parameter schema.</summary>
/// <param name="Path">JSON path of the values that it is about, as <c>$.days</c> or <c>$.orders[*].price</c>.</param>
/// <param name="IsBreaking">Whether values that the old version accepted may be refused by the new one.</param>
/// <param name="Message">What changed, as "was removed" goes on after the path.</param>
public sealed record SchemaChange(string Path, bool IsBreaking, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path} {Message}";
}

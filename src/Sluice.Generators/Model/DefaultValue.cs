namespace Sluice.Generators.Model;

/// <summary>The default of a parameter.</summary>
/// <param name="Value">
/// A primitive or string (an enum's is its underlying number); null for null and for <c>default</c> of a struct; <see cref="NoItems.Instance"/> for
/// a collection without items.
/// </param>
/// <param name="Json">The value as JSON where [DefaultValue] gives it: it is read when JSON lacks it. Null for C#'s own defaults.</param>
internal sealed record DefaultValue(object? Value, string? Json = null)
{
    /// <summary>What <c>params</c> and extra parameters are when no one gives any.</summary>
    public static readonly DefaultValue Empty = new(NoItems.Instance);
}

/// <summary>A collection without items.</summary>
internal sealed record NoItems
{
    public static readonly NoItems Instance = new();
}

namespace Sluice.Generators.Model;

/// <summary>The default of a parameter.</summary>
/// <param name="Value">A primitive or string (an enum's is its underlying number); null for null and for <c>default</c> of a struct.</param>
internal sealed record DefaultValue(object? Value);

namespace Sluice.Schemas;

/// <summary>One thing that does not fit.</summary>
/// <param name="Path">JSON path, as <c>$.days</c> or <c>$.orders[2]['unit price']</c>.</param>
/// <param name="Message">The value found and what was expected, as <c>"x" is not an integer</c>.</param>
public sealed record SchemaViolation(string Path, string Message);

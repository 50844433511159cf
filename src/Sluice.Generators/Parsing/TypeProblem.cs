namespace Sluice.Generators.Parsing;

/// <summary>Why a type cannot be a parameter or result.</summary>
/// <param name="Path">From the parameter to the member, as <c>order.lines[].price</c>.</param>
/// <param name="Message">The type and the reason.</param>
/// <param name="IsNameClash">Whether two names in JSON are the same, which is a rule of its own.</param>
internal sealed record TypeProblem(string Path, string Message, bool IsNameClash = false);

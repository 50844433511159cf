namespace Sluice.Generators.Json;

/// <summary>A JSON value that a type does not take.</summary>
/// <param name="Path">From the parameter to it, as <c>$.order.lines[0]</c>.</param>
/// <param name="Message">What was expected, and what stands there.</param>
/// <param name="Kind">What is wrong.</param>
/// <param name="Names">The names that would do: an enum's, the object's members, or the one that is missing.</param>
internal sealed record Misfit(int Offset, int Length, string Path, string Message, MisfitKind Kind, IReadOnlyList<string> Names);

internal enum MisfitKind
{
    /// <summary>The value; the place is the value's.</summary>
    Value,

    /// <summary>A member that the object does not have; the place is its name's.</summary>
    Unknown,

    /// <summary>A member is missing; the place is the object's.</summary>
    Missing,
}

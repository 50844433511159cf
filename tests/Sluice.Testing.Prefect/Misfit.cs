namespace Sluice.Testing.Prefect;

/// <summary>A part of a request that Prefect does not know or take, in the words of its own answer.</summary>
/// <param name="Type">The kind, as <c>extra_forbidden</c> (pydantic 2) or <c>value_error.extra</c> (pydantic 1).</param>
/// <param name="Place">Where, in steps, as <c>body</c>, <c>schedules</c>, <c>0</c>, <c>slug</c>.</param>
/// <param name="Message">The reason.</param>
public sealed record Misfit(string Type, IReadOnlyList<string> Place, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{string.Join('.', Place)}: {Message}";
}

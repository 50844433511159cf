namespace Sluice.Testing.Prefect;

/// <summary>A part of a request that Prefect does not know or take, in the words of its own answer.</summary>
/// <param name="Type">The kind, as <c>extra_forbidden</c> (pydantic 2) or <c>value_error.extra</c> (pydantic 1).</param>
/// <param name="Place">Where, in steps, as <c>body</c>, <c>schedules</c>, <c>0</c>, <c>slug</c>.</param>
/// <param name="Message">The reason.</param>
public sealed record Misfit(string Type, IReadOnlyList<string> Place, string Message)
{
    /// <summary>
    /// Whether the request itself is one that Prefect does not know: an unknown path or key, a missing one, another kind of value. Otherwise a value is
    /// out of its range, which a test may well send on purpose.
    /// </summary>
    public bool IsShape => Type is "unknown" or "unexpected_body" or "missing" or "extra_forbidden" or "value_error.missing" or "value_error.extra" or "none_required"
        || Type.EndsWith("_type", StringComparison.Ordinal) || (Type.StartsWith("type_error.", StringComparison.Ordinal) && Type is not ("type_error.enum" or "type_error.uuid"));

    /// <inheritdoc/>
    public override string ToString() => $"{string.Join('.', Place)}: {Message}";
}

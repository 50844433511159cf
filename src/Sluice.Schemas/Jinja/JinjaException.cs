namespace Sluice.Schemas.Jinja;

/// <summary>A template that cannot be rendered: wrong, not supported, or too much work.</summary>
/// <param name="line">Where, counted from 1.</param>
/// <param name="message">What.</param>
public sealed class JinjaException(int line, string message) : Exception(FormattableString.Invariant($"{message} (line {line})"))
{
    /// <summary>Where, counted from 1.</summary>
    public int Line => line;
}

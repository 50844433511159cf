using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Sluice.Deploy.Files.Yaml;

/// <summary>
/// What a scalar without quotes is. Prefect reads YAML 1.1, most editors and people think in 1.2: what the two read differently is refused, rather than read
/// in one of the ways.
/// </summary>
internal static partial class PlainScalar
{
    /// <summary>Reads one.</summary>
    /// <param name="text">The scalar.</param>
    /// <param name="value">A truth value, a number, a text, or null.</param>
    /// <returns>Why it cannot be read; null where it could.</returns>
    public static string? TryRead(string text, out JsonNode? value)
    {
        value = null;
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE":
                value = JsonValue.Create(true);
                return null;
            case "false" or "False" or "FALSE":
                value = JsonValue.Create(false);
                return null;
        }
        if (Truth().IsMatch(text))
        {
            string truth = text.ToUpperInvariant() is "YES" or "ON" ? "true" : "false";
            return $"'{text}' is a text to some programs and {truth} to others: write \"{text}\" for the text, or {truth}.";
        }
        if (Integer().IsMatch(text))
        {
            value = JsonNode.Parse(text.TrimStart('+'));
            return null;
        }
        if (Hex().IsMatch(text) && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong hex))
        {
            value = JsonValue.Create(hex);
            return null;
        }
        if (Fraction().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number))
        {
            value = JsonValue.Create(number);
            return null;
        }
        if (Infinite().IsMatch(text))
            return $"'{text}' is no number that JSON can write: write \"{text}\" for the text.";
        if (Doubtful().IsMatch(text))
            return $"'{text}' is a text to some programs and a number to others: write \"{text}\" for the text, or the number in plain digits.";
        value = JsonValue.Create(text);
        return null;
    }

    /// <summary>Whether Prefect's YAML writes and reads it as a text without quotes, where YAML 1.2 has a number: a number with an exponent needs a point and a sign there.</summary>
    public static bool IsTextToPrefect(string text) => Exponent().IsMatch(text) && !Fraction().IsMatch(text);

    /// <summary>Whether a text can be written without quotes and is read as that text by everybody.</summary>
    public static bool IsSafe(string text) =>
        Safe().IsMatch(text) && !text.Contains(": ", StringComparison.Ordinal) && !text.Contains(" #", StringComparison.Ordinal)
        && !text.StartsWith("...", StringComparison.Ordinal) && !text.EndsWith(':') && !text.EndsWith(' ')
        && !Truth().IsMatch(text) && !Letter().IsMatch(text) && !TimeLike().IsMatch(text) && TryRead(text, out JsonNode? value) is null && value is JsonValue one && one.TryGetValue<string>(out _);

    [GeneratedRegex(@"\A(yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)\z")]
    private static partial Regex Truth();

    // YAML 1.1 has y and n for truth; few programs do.
    [GeneratedRegex(@"\A[yYnN=]\z")]
    private static partial Regex Letter();

    [GeneratedRegex(@"\A[-+]?(0|[1-9][0-9]{0,300})\z")]
    private static partial Regex Integer();

    [GeneratedRegex(@"\A0x[0-9a-fA-F]+\z")]
    private static partial Regex Hex();

    [GeneratedRegex(@"\A[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+][0-9]+)?\z")]
    private static partial Regex Fraction();

    [GeneratedRegex(@"\A[-+]?([0-9]+|[0-9]+\.[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+\z")]
    private static partial Regex Exponent();

    [GeneratedRegex(@"\A([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z")]
    private static partial Regex Infinite();

    // Octal and binary numbers, numbers with underscores, to base 60, and with an exponent that one version of YAML takes.
    [GeneratedRegex(@"\A([-+]?0[0-9_]+|0o[0-7]+|[-+]?0b[01_]+|[-+]?0x[0-9a-fA-F_]+|[-+]?[0-9][0-9_]*|[-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?\.[0-9_]+([eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?)\z")]
    private static partial Regex Doubtful();

    // YAML 1.1 reads it as a time; a text stays one.
    [GeneratedRegex(@"\A[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")]
    private static partial Regex TimeLike();

    [GeneratedRegex(@"\A[\p{L}\p{Nd}/_.(+$][\p{L}\p{M}\p{Nd} /_.,:;()+*$^~!?'""@%&=<>|#\\-]*\z")]
    private static partial Regex Safe();
}

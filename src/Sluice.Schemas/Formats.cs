using System.Globalization;
using System.Text.RegularExpressions;

namespace Sluice.Schemas;

/// <summary>The formats that are asserted. Lenient: what a flow program reads is accepted, also where the RFC asks for more (a date-time without offset).</summary>
internal static partial class Formats
{
    /// <summary>Whether a format is more than a note.</summary>
    public static bool IsAsserted(string format) => format is "date-time" or "date" or "time" or "duration" or "uuid" or "uri" or "email" or "byte";

    /// <summary>What is wrong with the text, as "is not …" goes on, or null when it fits or the format is only a note.</summary>
    public static string? Expected(string format, string text)
    {
        (bool fits, string expected) = format switch
        {
            "date-time" => (DateTimeText().IsMatch(text) && IsDate(text[..10]) && IsTime(text[11..]), "a date-time, as 2026-01-31T06:00:00Z"),
            "date" => (IsDate(text), "a date, as 2026-01-31"),
            "time" => (IsTime(text), "a time, as 06:00:00"),
            "duration" => (Duration().IsMatch(text) || ClockDuration().IsMatch(text), "a duration, as PT15M"),
            "uuid" => (Guid.TryParseExact(text, "D", out _), "a UUID, as 123e4567-e89b-12d3-a456-426614174000"),
            "uri" => (Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out _), "a URI"),
            "email" => (text.Contains('@', StringComparison.Ordinal), "an email address"),
            "byte" => (IsBase64(text), "base64"),
            _ => (true, ""),
        };
        return fits ? null : expected;
    }

    private static bool IsDate(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static bool IsTime(string text)
    {
        Match match = TimeText().Match(text);
        return match.Success && TimeOnly.TryParseExact(match.Groups[1].Value, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
    }

    private static bool IsBase64(string text) => System.Buffers.Text.Base64.IsValid(text.AsSpan());

    [GeneratedRegex(@"\A\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", RegexOptions.CultureInvariant)]
    private static partial Regex DateTimeText();

    [GeneratedRegex(@"\A(\d\d:\d\d)(:[0-5]\d([.,]\d+)?)?(Z|z|[+-]\d\d(:?\d\d)?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex TimeText();

    [GeneratedRegex(@"\A[+-]?P(?=.)(\d+([.,]\d+)?Y)?(\d+([.,]\d+)?M)?(\d+([.,]\d+)?W)?(\d+([.,]\d+)?D)?(T(?=.)(\d+([.,]\d+)?H)?(\d+([.,]\d+)?M)?(\d+([.,]\d+)?S)?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Duration();

    [GeneratedRegex(@"\A-?(\d{1,8}\.)?([01]?\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,7})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex ClockDuration();
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace Sluice.Schemas;

/// <summary>
/// The formats that are asserted, by the grammar of <c>docs/parameters.md</c>. Lenient: what Prefect and flows in Python take is taken, also where
/// the RFC asks for more (a date-time without offset) or C# for less (a duration with months); what only C# refuses, its schema's <c>pattern</c> says.
/// </summary>
internal static partial class Formats
{
    /// <summary>Whether a format is more than a note.</summary>
    public static bool IsAsserted(string format) => format is "date-time" or "date" or "time" or "duration" or "uuid" or "uri" or "email" or "byte";

    /// <summary>What is wrong with the text, as "is not …" goes on, or null when it fits or the format is only a note.</summary>
    public static string? Expected(string format, string text)
    {
        (bool fits, string expected) = format switch
        {
            "date-time" => (DateTimeText().IsMatch(text) && IsDate(text[..10]), "a date-time, as 2026-01-31T06:00:00Z"),
            "date" => (IsDate(text), "a date, as 2026-01-31"),
            "time" => (TimeText().IsMatch(text), "a time, as 06:00:00"),
            "duration" => (Duration().IsMatch(text), "a duration, as PT15M"),
            "uuid" => (UniqueId().IsMatch(text), "a UUID, as 123e4567-e89b-12d3-a456-426614174000"),
            "uri" => (UriReference().IsMatch(text), "a URI"),
            "email" => (Email().IsMatch(text), "an email address"),
            "byte" => (Base64().IsMatch(text), "base64"),
            _ => (true, ""),
        };
        return fits ? null : expected;
    }

    /// <summary>The day must exist: 2026-02-30 does not.</summary>
    private static bool IsDate(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    [GeneratedRegex($@"\A[0-9]{{4}}-[0-9][0-9]-[0-9][0-9][Tt ]{Clock}{Offset}\z", RegexOptions.CultureInvariant)]
    private static partial Regex DateTimeText();

    [GeneratedRegex($@"\A{Clock}{Offset}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TimeText();

    [GeneratedRegex(
        @"\A[+-]?(?:P(?=[0-9T])(?:" + Count + "Y)?(?:" + Count + "M)?(?:" + Count + "W)?(?:" + Count + "D)?(?:T(?=[0-9])(?:" + Count + "H)?(?:" + Count + "M)?(?:" + Count + "S)?)?"
        + @"|(?:[0-9]+\.)?(?:[01]?[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.,][0-9]+)?)\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Duration();

    [GeneratedRegex(@"\A[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\z", RegexOptions.CultureInvariant)]
    private static partial Regex UniqueId();

    [GeneratedRegex(@"\A[^\x00-\x20""<>\\^`{|}\x7f-\xa0]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex UriReference();

    [GeneratedRegex(@"\A[^@\r\n]+@[^@\r\n]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Email();

    [GeneratedRegex(@"\A(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Base64();

    private const string Clock = "(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]+)?)?";
    private const string Offset = "(?:[Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)?";
    private const string Count = "[0-9]+(?:[.,][0-9]+)?";
}

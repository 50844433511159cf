using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Sluice.Storage.Packages;

/// <summary>Names as Prefect's storage writes them: what python-slugify 4 with text-unidecode makes of a text, Unicode included.</summary>
public static partial class PackageSlug
{
    /// <summary>
    /// Lower-case ASCII letters, digits and single dashes, as <c>weather-report</c>, and <c>tian-qi</c> for <c>天気</c>; empty where nothing of the text can be
    /// written so, as of emoji.
    /// </summary>
    public static string Of(string text)
    {
        // The order is python-slugify's. An apostrophe separates; one that a typographic quote becomes is dropped.
        string ascii = Transliteration.Of(Apostrophes().Replace(text, "-"));
        ascii = Entities().Replace(ascii, match => match.Value == "&apos;" ? match.Value : WebUtility.HtmlDecode(match.Value));
        ascii = References(ascii, Decimals(), NumberStyles.None);
        ascii = References(ascii, Hexadecimals(), NumberStyles.AllowHexSpecifier);
        ascii = ascii.Normalize(NormalizationForm.FormKD).ToLowerInvariant();
        ascii = ThousandsSeparator().Replace(Apostrophes().Replace(ascii, ""), "");
        return Refused().Replace(ascii, "-").Trim('-');
    }

    /// <summary>A time as <c>2022-12-05t23-06-27-123456-00-00</c>: <c>slugify(now.isoformat())</c>, always UTC and with microseconds. Its ordinal order is that of time.</summary>
    public static string Of(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd't'HH-mm-ss-ffffff'-00-00'", CultureInfo.InvariantCulture);

    /// <summary>Replaces <c>&amp;#233;</c> by what it names. One that names nothing leaves all of them as they are.</summary>
    private static string References(string text, Regex pattern, NumberStyles style)
    {
        bool all = pattern.Matches(text).All(match => Number(match) is <= 0x10FFFF);
        return all ? pattern.Replace(text, match => Rune.TryCreate(Number(match)!.Value, out Rune rune) ? rune.ToString() : "-") : text;

        int? Number(Match match) => int.TryParse(match.Groups[1].ValueSpan, style, CultureInfo.InvariantCulture, out int number) && number >= 0 ? number : null;
    }

    [GeneratedRegex("'+")]
    private static partial Regex Apostrophes();

    [GeneratedRegex("&[A-Za-z]+[0-9]*;")]
    private static partial Regex Entities();

    [GeneratedRegex("&#([0-9]+);")]
    private static partial Regex Decimals();

    [GeneratedRegex("&#x([0-9A-Fa-f]+);")]
    private static partial Regex Hexadecimals();

    [GeneratedRegex(@"(?<=\d),(?=\d)")]
    private static partial Regex ThousandsSeparator();

    // Dashes too: python-slugify folds runs of them.
    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Refused();
}

using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Sluice.Storage.Packages;

/// <summary>Names as Prefect's storage writes them: python-slugify's rules, with a small transliteration.</summary>
public static partial class PackageSlug
{
    /// <summary>Lower-case ASCII letters, digits and single dashes, as <c>weather-report</c>; empty where nothing of the text can be written so.</summary>
    public static string Of(string text)
    {
        string ascii = Transliterate(WebUtility.HtmlDecode(text.Replace('\'', '-'))).ToLowerInvariant();
        ascii = ThousandsSeparator().Replace(ascii.Replace("'", "", StringComparison.Ordinal), "");
        return Refused().Replace(ascii, "-").Trim('-');
    }

    /// <summary>A time as <c>2022-12-05t23-06-27-123456-00-00</c>: <c>slugify(now.isoformat())</c>, always UTC and with microseconds. Its ordinal order is that of time.</summary>
    public static string Of(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd't'HH-mm-ss-ffffff'-00-00'", CultureInfo.InvariantCulture);

    private static string Transliterate(string text)
    {
        var ascii = new StringBuilder(text.Length);
        foreach (char c in text.Normalize(NormalizationForm.FormKD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark)
                continue;
            ascii.Append(c switch
            {
                'ß' => "ss", 'ẞ' => "SS", 'æ' => "ae", 'Æ' => "AE", 'œ' => "oe", 'Œ' => "OE", 'ø' => "o", 'Ø' => "O", 'ł' => "l", 'Ł' => "L",
                'đ' or 'ð' => "d", 'Đ' or 'Ð' => "D", 'þ' => "th", 'Þ' => "Th", 'ı' => "i", '’' or '‘' => "'",
                _ => c.ToString(),
            });
        }
        return ascii.ToString();
    }

    [GeneratedRegex("(?<=[0-9]),(?=[0-9])")]
    private static partial Regex ThousandsSeparator();

    // Dashes too: python-slugify folds runs of them.
    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Refused();
}

using System.IO.Compression;
using System.Text;

namespace Sluice.Storage.Packages;

/// <summary>What ASCII stands for a character: the facts of text-unidecode 1.3 (from Text::Unidecode, 2001), reduced to what matters to a slug.</summary>
/// <remarks><c>transliteration.gz</c> holds a line for each code point from U+0080 on: lower case, and a space for whatever a slug does not hold.</remarks>
internal static class Transliteration
{
    private const int First = 0x80;

    // 240 kB, read for the first name that is not ASCII.
    private static readonly Lazy<string[]> s_table = new(Read);

    /// <summary>The text in ASCII. What the table lacks, as emoji, is dropped.</summary>
    internal static string Of(string text)
    {
        if (Ascii.IsValid(text))
            return text;
        var ascii = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.IsAscii)
                ascii.Append((char)rune.Value);
            else if (rune.Value - First < s_table.Value.Length)
                ascii.Append(s_table.Value[rune.Value - First]);
        }
        return ascii.ToString();
    }

    private static string[] Read()
    {
        using Stream resource = typeof(Transliteration).Assembly.GetManifestResourceStream("transliteration.gz")!;
        using var reader = new StreamReader(new GZipStream(resource, CompressionMode.Decompress), Encoding.ASCII);
        return reader.ReadToEnd().Split('\n');
    }
}

using System;
using System.Globalization;

namespace Sluice.Runtime.Binding;

/// <summary>Exact readings of formatted strings. Compiled into the generator as well, as <see cref="IsoText"/> is.</summary>
internal static class ScalarText
{
    /// <summary>Reads a JSON number as decimal; digits past the 28th or 29th are rounded, but what lies beyond the largest is refused, however little.</summary>
    public static bool TryDecimal(string number, out decimal value) =>
        decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
        && (Math.Abs(value) != decimal.MaxValue || NumberText.Of(number).IsInteger);

    /// <summary>Whether a JSON number is at most so far from zero, without rounding.</summary>
    public static bool IsWithin(string number, string maximum) => NumberText.Of(number.TrimStart('-')).CompareTo(NumberText.Of(maximum)) <= 0;

    /// <summary>Whether a name is an integer as one writes it: without sign for plus, leading zeros, point and exponent.</summary>
    public static bool IsIntegerKey(string name)
    {
        int first = name.Length > 1 && name[0] == '-' ? 1 : 0;
        if (name.Length == first || (name[first] == '0' && name.Length > 1))
            return false;
        for (int i = first; i < name.Length; i++)
            if (name[i] is < '0' or > '9')
                return false;
        return true;
    }

    /// <summary>Reads two to four numbers with points between them.</summary>
    public static bool TryVersion(string text, out Version? version)
    {
        version = null;
        foreach (char c in text)
            if (c is not ('.' or (>= '0' and <= '9')))
                return false;
        return Version.TryParse(text, out version);
    }

    /// <summary>Whether the text is a UUID in its usual form: 8-4-4-4-12 hexadecimal digits.</summary>
    public static bool IsGuid(string text)
    {
        if (text.Length != 36)
            return false;
        for (int i = 0; i < text.Length; i++)
        {
            bool dash = i is 8 or 13 or 18 or 23;
            if (dash ? text[i] != '-' : text[i] is not ((>= '0' and <= '9') or (>= 'a' and <= 'f') or (>= 'A' and <= 'F')))
                return false;
        }
        return true;
    }

    /// <summary>
    /// Whether the text begins with a scheme, has no character that a URI must escape (RFC 3986; letters of all scripts are taken), and is one to
    /// .NET. A bare path is none, though .NET on Unix takes it for a file.
    /// </summary>
    public static bool TryUri(string text, out Uri? uri)
    {
        uri = null;
        int colon = text.IndexOf(':');
        if (colon < 1 || text[0] is not ((>= 'a' and <= 'z') or (>= 'A' and <= 'Z')))
            return false;
        for (int i = 1; i < colon; i++)
            if (text[i] is not ((>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '+' or '-' or '.'))
                return false;
        for (int i = colon + 1; i < text.Length; i++)
            if (text[i] is <= ' ' or '"' or '<' or '>' or '\\' or '^' or '`' or '{' or '|' or '}' or (>= '\x7f' and <= '\xa0'))
                return false;
        return Uri.TryCreate(text, UriKind.Absolute, out uri);
    }

    /// <summary>Whether the text is base64 (RFC 4648, 4): padded, without white space, and the bits that padding leaves over are 0.</summary>
    public static bool IsBase64(string text)
    {
        if (text.Length % 4 != 0)
            return false;
        int padding = text.EndsWith("==", StringComparison.Ordinal) ? 2 : text.EndsWith("=", StringComparison.Ordinal) ? 1 : 0;
        for (int i = 0; i < text.Length - padding; i++)
            if (text[i] is not ((>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '+' or '/'))
                return false;
        char last = padding == 0 ? 'A' : text[text.Length - padding - 1];
        return (padding == 2 ? "AQgw" : "AEIMQUYcgkosw048").IndexOf(last) >= 0;
    }
}

using System;
using System.Globalization;

namespace Sluice.Runtime.Binding;

/// <summary>Exact readings of JSON numbers and of formatted strings. Compiled into the generator as well, as <see cref="IsoText"/> is.</summary>
internal static class ScalarText
{
    /// <summary>
    /// Reads the text of a JSON number as an integer without rounding; <c>3.0</c> and <c>1e3</c> are integers (JSON Schema 2020-12, 4.2.3).
    /// </summary>
    /// <param name="number">A number by JSON's grammar.</param>
    /// <param name="negative">Whether it is below zero.</param>
    /// <param name="magnitude">Its absolute value; 0 when <paramref name="fits"/> is false.</param>
    /// <param name="fits">Whether the absolute value fits 64 bits.</param>
    /// <returns>Whether it is a whole number.</returns>
    public static bool TryInteger(string number, out bool negative, out ulong magnitude, out bool fits)
    {
        negative = number.Length > 0 && number[0] == '-';
        magnitude = 0;
        fits = true;

        int exponentAt = number.IndexOfAny(['e', 'E']);
        int mantissaEnd = exponentAt < 0 ? number.Length : exponentAt;
        long exponent = exponentAt < 0 ? 0 : Exponent(number, exponentAt + 1);
        int point = number.IndexOf('.');
        if (point >= 0)
            exponent -= mantissaEnd - point - 1;

        int first = negative ? 1 : 0;
        while (first < mantissaEnd && number[first] is '0' or '.')
            first++;
        if (first == mantissaEnd)
        {
            negative = false;
            return true;
        }
        int last = mantissaEnd - 1;
        while (number[last] is '0' or '.')
        {
            if (number[last] == '0')
                exponent++;
            last--;
        }
        if (exponent < 0)
            return false;

        for (int i = first; i <= last && fits; i++)
            if (number[i] != '.')
                fits = TryAppend(ref magnitude, number[i] - '0');
        for (; exponent > 0 && fits; exponent--)
            fits = TryAppend(ref magnitude, 0);
        if (!fits)
            magnitude = 0;
        return true;
    }

    /// <summary>One text for equal numbers, without rounding: <c>1.50</c>, <c>15e-1</c> and <c>0.15E1</c> are <c>15e-1</c>.</summary>
    /// <param name="number">A number by JSON's grammar.</param>
    public static string Normal(string number)
    {
        string digits = Digits(number, out bool negative, out long exponent);
        return digits.Length == 0 ? "0" : $"{(negative ? "-" : "")}{digits}e{exponent.ToString(CultureInfo.InvariantCulture)}";
    }

    /// <summary>The digits of a JSON number that is whole, without leading zeros; null when it is not, or longer than any integer type.</summary>
    public static string? WholeDigits(string number, out bool negative)
    {
        const int Longest = 39;
        string digits = Digits(number, out negative, out long exponent);
        negative &= digits.Length > 0;
        return digits.Length == 0 ? "0" : exponent < 0 || digits.Length + exponent > Longest ? null : digits.PadRight(digits.Length + (int)exponent, '0');
    }

    /// <summary>Whether a JSON number is whole, however large.</summary>
    public static bool IsWhole(string number) => Digits(number, out _, out long exponent).Length == 0 || exponent >= 0;

    /// <summary>Reads a JSON number as decimal; digits past the 28th or 29th are rounded, but what lies beyond the largest is refused, however little.</summary>
    public static bool TryDecimal(string number, out decimal value) =>
        decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
        && (Math.Abs(value) != decimal.MaxValue || WholeDigits(number, out _) is not null);

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

    /// <summary>The digits between the first and the last that is not 0, and the exponent of the last one.</summary>
    private static string Digits(string number, out bool negative, out long exponent)
    {
        negative = number[0] == '-';
        int exponentAt = number.IndexOfAny(['e', 'E']);
        int end = exponentAt < 0 ? number.Length : exponentAt;
        exponent = exponentAt < 0 ? 0 : Exponent(number, exponentAt + 1);
        string digits = number.Substring(negative ? 1 : 0, end - (negative ? 1 : 0));
        int point = digits.IndexOf('.');
        if (point >= 0)
        {
            exponent -= digits.Length - point - 1;
            digits = digits.Remove(point, 1);
        }
        digits = digits.TrimStart('0');
        string significant = digits.TrimEnd('0');
        exponent += digits.Length - significant.Length;
        return significant;
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

    private static bool TryAppend(ref ulong magnitude, int digit)
    {
        if (magnitude > (ulong.MaxValue - (ulong)digit) / 10)
            return false;
        magnitude = (magnitude * 10) + (ulong)digit;
        return true;
    }

    private static long Exponent(string number, int at)
    {
        bool negative = number[at] == '-';
        if (number[at] is '+' or '-')
            at++;
        long exponent = 0;
        // Cut long before it overflows; the digits of a number are far fewer than this.
        for (; at < number.Length && exponent < 1_000_000_000_000; at++)
            exponent = (exponent * 10) + (number[at] - '0');
        return negative ? -exponent : exponent;
    }
}

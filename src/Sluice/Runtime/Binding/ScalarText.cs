using System;

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

    /// <summary>Whether the text begins with a scheme and is a URI. A bare path is none, though .NET on Unix takes it for a file.</summary>
    public static bool TryUri(string text, out Uri? uri)
    {
        uri = null;
        int colon = text.IndexOf(':');
        if (colon < 1 || text[0] is not ((>= 'a' and <= 'z') or (>= 'A' and <= 'Z')))
            return false;
        for (int i = 1; i < colon; i++)
            if (text[i] is not ((>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '+' or '-' or '.'))
                return false;
        return Uri.TryCreate(text, UriKind.Absolute, out uri);
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

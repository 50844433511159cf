using System;
using System.Globalization;
using System.Numerics;

namespace Sluice.Runtime.Binding;

/// <summary>
/// A JSON number, exactly as written: <c>1</c>, <c>1.0</c> and <c>1e0</c> are one number, and nothing is rounded. Compiled into the generator and
/// into Sluice.Schemas as well, so that all three compare alike.
/// </summary>
internal readonly struct NumberText : IComparable<NumberText>, IEquatable<NumberText>
{
    private readonly bool _negative;
    private readonly string _digits;
    private readonly long _exponent;

    private NumberText(bool negative, string digits, long exponent)
    {
        _negative = negative;
        _digits = digits;
        _exponent = exponent;
    }

    /// <summary>Whether it has no fraction, as 3, 3.0 and 3e0 (JSON Schema 2020-12, 4.2.3).</summary>
    public bool IsInteger => _exponent >= 0;

    /// <summary>Reads a number.</summary>
    /// <param name="number">A number by JSON's grammar.</param>
    public static NumberText Of(string number)
    {
        int exponentAt = number.IndexOfAny(['e', 'E']);
        int end = exponentAt < 0 ? number.Length : exponentAt;
        long exponent = exponentAt < 0 ? 0 : Exponent(number, exponentAt + 1);
        int point = number.IndexOf('.');
        if (point >= 0)
            exponent -= end - point - 1;
        int first = number[0] == '-' ? 1 : 0;
        string digits = (point < 0 ? number.Substring(first, end - first) : number.Substring(first, point - first) + number.Substring(point + 1, end - point - 1)).TrimStart('0');
        int all = digits.Length;
        digits = digits.TrimEnd('0');
        return digits.Length == 0 ? new(false, "", 0) : new(first == 1, digits, exponent + all - digits.Length);
    }

    /// <summary>The absolute value as an integer of 64 bits.</summary>
    /// <param name="magnitude">The absolute value; 0 when the number has a fraction or does not fit.</param>
    /// <param name="negative">Whether it is below zero.</param>
    public bool TryMagnitude(out ulong magnitude, out bool negative)
    {
        negative = _negative;
        magnitude = 0;
        // The largest has 20 digits.
        return _exponent >= 0 && _digits.Length + _exponent <= 20
            && (_digits.Length == 0 || ulong.TryParse(_digits + new string('0', (int)_exponent), NumberStyles.None, CultureInfo.InvariantCulture, out magnitude));
    }

    /// <summary>Its digits when it is whole, without sign and leading zeros; null when it is not, or longer than any integer type.</summary>
    /// <param name="negative">Whether it is below zero.</param>
    public string? WholeDigits(out bool negative)
    {
        const int Longest = 39;
        negative = _negative;
        return _digits.Length == 0 ? "0" : _exponent < 0 || _digits.Length + _exponent > Longest ? null : _digits.PadRight(_digits.Length + (int)_exponent, '0');
    }

    /// <summary>Whether it is a whole multiple of another one, which is above zero.</summary>
    public bool IsMultipleOf(NumberText divisor)
    {
        if (_digits.Length == 0)
            return true;
        // Neither ends with a zero: with a smaller power of ten nothing that has a larger one divides it.
        if (_exponent < divisor._exponent)
            return false;
        BigInteger modulus = BigInteger.Parse(divisor._digits, NumberStyles.None, CultureInfo.InvariantCulture);
        BigInteger power = BigInteger.ModPow(10, _exponent - divisor._exponent, modulus);
        return (BigInteger.Parse(_digits, NumberStyles.None, CultureInfo.InvariantCulture) * power % modulus).IsZero;
    }

    /// <inheritdoc/>
    public int CompareTo(NumberText other)
    {
        int sign = Sign(this).CompareTo(Sign(other));
        if (sign != 0 || _digits.Length == 0)
            return sign;
        int magnitude = (_digits.Length + _exponent).CompareTo(other._digits.Length + other._exponent);
        if (magnitude == 0)
            magnitude = string.CompareOrdinal(_digits, other._digits);
        return _negative ? -magnitude : magnitude;
    }

    /// <inheritdoc/>
    public bool Equals(NumberText other) => CompareTo(other) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NumberText other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode();

    /// <summary>One text for equal numbers; no JSON.</summary>
    public override string ToString() => (_negative ? "-" : "") + _digits + "e" + _exponent.ToString(CultureInfo.InvariantCulture);

    private static int Sign(NumberText number) => number._digits.Length == 0 ? 0 : number._negative ? -1 : 1;

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

using System.Globalization;
using System.Text.Json;

namespace Sluice.Schemas;

/// <summary>A JSON number: exact where decimal holds it, else as a double.</summary>
internal readonly struct JsonNumber : IComparable<JsonNumber>
{
    private readonly decimal? _exact;
    private readonly double _rough;

    private JsonNumber(decimal? exact, double rough)
    {
        _exact = exact;
        _rough = rough;
    }

    public static JsonNumber Of(JsonElement value)
    {
        double rough = value.GetDouble();
        // Decimal would round 1e-40 to 0; the sizes where it is exact enough are plain to see.
        bool exact = Math.Abs(rough) is 0 or (> 1e-12 and < 1e27);
        return new JsonNumber(exact && value.TryGetDecimal(out decimal number) ? number : null, rough);
    }

    /// <summary>Whether it has no fraction: 3, 3.0 and 3e0.</summary>
    public bool IsInteger => _exact is { } number ? decimal.Truncate(number) == number : Math.Truncate(_rough) == _rough;

    public int CompareTo(JsonNumber other) => _exact is { } a && other._exact is { } b ? a.CompareTo(b) : _rough.CompareTo(other._rough);

    public bool IsMultipleOf(JsonNumber divisor)
    {
        if (_exact is { } a && divisor._exact is { } b)
            return a % b == 0;
        double quotient = _rough / divisor._rough;
        return Math.Truncate(quotient) == quotient;
    }

    /// <summary>One text for equal numbers.</summary>
    public override string ToString() =>
        _exact is { } number ? (number == 0 ? "0" : number.ToString("0.############################", CultureInfo.InvariantCulture)) : _rough.ToString("R", CultureInfo.InvariantCulture);
}

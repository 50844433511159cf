using System.Globalization;
using System.Text.Json;

namespace Sluice.Runtime.Binding;

/// <content>One method for each scalar type of the generator's type model, named like the type.</content>
public sealed partial class JsonBinder
{
    /// <summary>Reads a string.</summary>
    public string String(JsonElement json) => Text(json, "a string") ?? "";

    /// <summary>Reads one UTF-16 code unit: a character of the Basic Multilingual Plane.</summary>
    public char Char(JsonElement json)
    {
        const string What = "one character";
        if (Text(json, What) is not { } text)
            return default;
        if (text.Length == 1)
            return text[0];
        Expected(What, json);
        return default;
    }

    /// <summary>Reads a boolean.</summary>
    public bool Boolean(JsonElement json)
    {
        if (json.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            Expected("true or false", json);
        return json.ValueKind == JsonValueKind.True;
    }

    /// <summary>Reads an 8-bit integer.</summary>
    public sbyte SByte(JsonElement json) => (sbyte)Signed(json, sbyte.MinValue, sbyte.MaxValue);

    /// <summary>Reads an unsigned 8-bit integer.</summary>
    public byte Byte(JsonElement json) => (byte)Unsigned(json, byte.MaxValue);

    /// <summary>Reads a 16-bit integer.</summary>
    public short Int16(JsonElement json) => (short)Signed(json, short.MinValue, short.MaxValue);

    /// <summary>Reads an unsigned 16-bit integer.</summary>
    public ushort UInt16(JsonElement json) => (ushort)Unsigned(json, ushort.MaxValue);

    /// <summary>Reads a 32-bit integer.</summary>
    public int Int32(JsonElement json) => (int)Signed(json, int.MinValue, int.MaxValue);

    /// <summary>Reads an unsigned 32-bit integer.</summary>
    public uint UInt32(JsonElement json) => (uint)Unsigned(json, uint.MaxValue);

    /// <summary>Reads a 64-bit integer.</summary>
    public long Int64(JsonElement json) => Signed(json, long.MinValue, long.MaxValue);

    /// <summary>Reads an unsigned 64-bit integer.</summary>
    public ulong UInt64(JsonElement json) => Unsigned(json, ulong.MaxValue);

    /// <summary>Reads a 128-bit integer.</summary>
    public Int128 Int128(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Number && NumberText.Of(json.GetRawText()).WholeDigits(out bool negative) is { } digits
            && System.Int128.TryParse((negative ? "-" : "") + digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out Int128 number))
            return number;
        Expected("an integer from -170141183460469231731687303715884105728 to 170141183460469231731687303715884105727", json);
        return 0;
    }

    /// <summary>Reads an unsigned 128-bit integer.</summary>
    public UInt128 UInt128(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Number && NumberText.Of(json.GetRawText()).WholeDigits(out bool negative) is { } digits && !negative
            && System.UInt128.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out UInt128 number))
            return number;
        Expected("an integer from 0 to 340282366920938463463374607431768211455", json);
        return 0;
    }

    /// <summary>Reads a number of half precision.</summary>
    public Half Half(JsonElement json)
    {
        if (Number(json) is var number && Math.Abs(number) <= 65504 && ScalarText.IsWithin(json.GetRawText(), "65504"))
            return System.Half.Parse(json.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!double.IsInfinity(number))
            Expected("a number of half precision (up to 65504)", json);
        return default;
    }

    /// <summary>Reads a number of single precision.</summary>
    public float Single(JsonElement json)
    {
        // The shortest text of float.MaxValue, which is what is written, lies a little above it and rounds back.
        if (Number(json) is var number && Math.Abs(number) <= 3.4028235E+38 && ScalarText.IsWithin(json.GetRawText(), "3.4028235E+38"))
            return json.GetSingle();
        if (!double.IsInfinity(number))
            Expected("a number of single precision (up to 3.4028235E+38)", json);
        return 0;
    }

    /// <summary>Reads a number of double precision.</summary>
    public double Double(JsonElement json) => Number(json);

    /// <summary>Reads a decimal; digits past the 28th or 29th are rounded.</summary>
    public decimal Decimal(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Number && ScalarText.TryDecimal(json.GetRawText(), out decimal number))
            return number;
        Expected("a number within 79228162514264337593543950335 of zero", json);
        return 0;
    }

    /// <summary>Reads a date and time. With an offset it is UTC, without one its kind is unspecified.</summary>
    public DateTime DateTime(JsonElement json)
    {
        const string What = "a date and time as 2026-01-31T06:00:00Z";
        if (Text(json, What) is not { } text)
            return default;
        if (IsoText.TryDateTime(text, out long ticks, out int? offset))
            return offset is { } minutes
                ? new DateTime(ticks - (minutes * System.TimeSpan.TicksPerMinute), DateTimeKind.Utc)
                : new DateTime(ticks, DateTimeKind.Unspecified);
        Expected(What, json);
        return default;
    }

    /// <summary>Reads a date and time with its offset; without one it is UTC.</summary>
    public DateTimeOffset DateTimeOffset(JsonElement json)
    {
        const string What = "a date and time as 2026-01-31T06:00:00+01:00";
        if (Text(json, What) is not { } text)
            return default;
        if (IsoText.TryDateTime(text, out long ticks, out int? offset))
            return new DateTimeOffset(ticks, System.TimeSpan.FromMinutes(offset ?? 0));
        Expected(What, json);
        return default;
    }

    /// <summary>Reads a date.</summary>
    public DateOnly DateOnly(JsonElement json)
    {
        const string What = "a date as 2026-01-31";
        if (Text(json, What) is not { } text)
            return default;
        if (IsoText.TryDate(text, out long ticks))
            return System.DateOnly.FromDateTime(new DateTime(ticks));
        Expected(What, json);
        return default;
    }

    /// <summary>Reads a time of day.</summary>
    public TimeOnly TimeOnly(JsonElement json)
    {
        const string What = "a time as 06:00:00";
        if (Text(json, What) is not { } text)
            return default;
        if (IsoText.TryTime(text, out long ticks))
            return new TimeOnly(ticks);
        Expected(What, json);
        return default;
    }

    /// <summary>Reads a duration.</summary>
    public TimeSpan TimeSpan(JsonElement json)
    {
        const string What = "a duration as PT15M or P1DT2H";
        if (Text(json, What) is not { } text)
            return default;
        if (IsoText.TryDuration(text, out long ticks))
            return new TimeSpan(ticks);
        Expected(What, json);
        return default;
    }

    /// <summary>Reads a UUID.</summary>
    public Guid Guid(JsonElement json)
    {
        const string What = "a UUID as 0f8fad5b-d9cb-469f-a165-70867728950e";
        if (Text(json, What) is not { } text)
            return default;
        if (ScalarText.IsGuid(text))
            return System.Guid.ParseExact(text, "D");
        Expected(What, json);
        return default;
    }

    /// <summary>Reads an absolute URI.</summary>
    public Uri Uri(JsonElement json)
    {
        const string What = "a URI as https://example.org/data";
        if (Text(json, What) is { } text)
        {
            if (ScalarText.TryUri(text, out Uri? uri))
                return uri!;
            Expected(What, json);
        }
        return null!;
    }

    /// <summary>Reads base64, without spaces and line breaks.</summary>
    public byte[] Bytes(JsonElement json)
    {
        const string What = "base64 text";
        if (Text(json, What) is { } text)
        {
            // JsonElement refuses bits past the last byte, which Python and Convert ignore.
            if (ScalarText.IsBase64(text))
                return Convert.FromBase64String(text);
            Expected(What, json);
        }
        return [];
    }

    /// <summary>Reads base64.</summary>
    public Memory<byte> Memory(JsonElement json) => Bytes(json);

    /// <summary>Reads base64.</summary>
    public ReadOnlyMemory<byte> ReadOnlyMemory(JsonElement json) => Bytes(json);

    /// <summary>Reads two to four numbers with points between them.</summary>
    public Version Version(JsonElement json)
    {
        const string What = "a version as 1.2.3";
        if (Text(json, What) is { } text)
        {
            if (ScalarText.TryVersion(text, out Version? version))
                return version!;
            Expected(What, json);
        }
        return null!;
    }

    private string? Text(JsonElement json, string expected)
    {
        if (json.ValueKind != JsonValueKind.String)
            Expected(expected, json);
        else if (Unicode(json) is { } text)
            return text;
        else
            errors.Add(Path(), $"expected {expected}, found text that is not valid Unicode");
        return null;
    }

    private double Number(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Number)
            Expected("a number", json);
        else if (json.TryGetDouble(out double number) && double.IsFinite(number) && (Math.Abs(number) < double.MaxValue || ScalarText.IsWithin(json.GetRawText(), "1.7976931348623157E+308")))
            return number;
        else
            Expected("a number of double precision (up to 1.7976931348623157E+308)", json);
        return double.PositiveInfinity;
    }

    private long Signed(JsonElement json, long minimum, long maximum)
    {
        if (json.ValueKind == JsonValueKind.Number && NumberText.Of(json.GetRawText()).TryMagnitude(out ulong magnitude, out bool negative))
        {
            if (negative && magnitude <= (ulong)-(minimum + 1) + 1)
                return -(long)(magnitude - 1) - 1;
            if (!negative && magnitude <= (ulong)maximum)
                return (long)magnitude;
        }
        Expected(string.Create(CultureInfo.InvariantCulture, $"an integer from {minimum} to {maximum}"), json);
        return 0;
    }

    private ulong Unsigned(JsonElement json, ulong maximum)
    {
        if (json.ValueKind == JsonValueKind.Number && NumberText.Of(json.GetRawText()).TryMagnitude(out ulong magnitude, out bool negative)
            && !negative && magnitude <= maximum)
            return magnitude;
        Expected(string.Create(CultureInfo.InvariantCulture, $"an integer from 0 to {maximum}"), json);
        return 0;
    }
}

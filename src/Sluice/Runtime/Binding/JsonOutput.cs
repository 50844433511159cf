using System.ComponentModel;
using System.Globalization;
using System.Text.Json;

namespace Sluice.Runtime.Binding;

/// <summary>
/// Writes typed values as JSON for generated code, in the form that <see cref="JsonBinder"/> reads. A null where the type allows none is
/// written as null; NaN and the infinities, which JSON does not have, as the strings that System.Text.Json uses.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class JsonOutput
{
    /// <summary>Writes a string.</summary>
    public static void Write(Utf8JsonWriter writer, string? value) => writer.WriteStringValue(value);

    /// <summary>Writes a boolean.</summary>
    public static void Write(Utf8JsonWriter writer, bool value) => writer.WriteBooleanValue(value);

    /// <summary>Writes an integer.</summary>
    public static void Write(Utf8JsonWriter writer, long value) => writer.WriteNumberValue(value);

    /// <summary>Writes an unsigned integer.</summary>
    public static void Write(Utf8JsonWriter writer, ulong value) => writer.WriteNumberValue(value);

    /// <summary>Writes a number of single precision.</summary>
    public static void Write(Utf8JsonWriter writer, float value)
    {
        if (float.IsFinite(value))
            writer.WriteNumberValue(value);
        else
            Write(writer, (double)value);
    }

    /// <summary>Writes a number of double precision.</summary>
    public static void Write(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
            writer.WriteNumberValue(value);
        else
            writer.WriteStringValue(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    }

    /// <summary>Writes a decimal.</summary>
    public static void Write(Utf8JsonWriter writer, decimal value) => writer.WriteNumberValue(value);

    /// <summary>Writes a date and time; one of local kind with its offset.</summary>
    public static void Write(Utf8JsonWriter writer, DateTime value) => writer.WriteStringValue(value);

    /// <summary>Writes a date and time with its offset.</summary>
    public static void Write(Utf8JsonWriter writer, DateTimeOffset value) => writer.WriteStringValue(value);

    /// <summary>Writes a date.</summary>
    public static void Write(Utf8JsonWriter writer, DateOnly value) => writer.WriteStringValue(value.ToString("O", CultureInfo.InvariantCulture));

    /// <summary>Writes a time of day.</summary>
    public static void Write(Utf8JsonWriter writer, TimeOnly value) =>
        writer.WriteStringValue(value.ToString(value.Ticks % TimeSpan.TicksPerSecond == 0 ? "HH:mm:ss" : "HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture));

    /// <summary>Writes a duration.</summary>
    public static void Write(Utf8JsonWriter writer, TimeSpan value) => writer.WriteStringValue(IsoText.Duration(value));

    /// <summary>Writes a UUID.</summary>
    public static void Write(Utf8JsonWriter writer, Guid value) => writer.WriteStringValue(value);

    /// <summary>Writes a URI.</summary>
    public static void Write(Utf8JsonWriter writer, Uri? value) => writer.WriteStringValue(value?.OriginalString);

    /// <summary>Writes base64.</summary>
    public static void Write(Utf8JsonWriter writer, byte[]? value)
    {
        if (value is null)
            writer.WriteNullValue();
        else
            writer.WriteBase64StringValue(value);
    }

    /// <summary>Writes null, or a value of a reference type.</summary>
    public static void WriteNullOr<T>(Utf8JsonWriter writer, T? value, Action<Utf8JsonWriter, T> write) where T : class
    {
        if (value is null)
            writer.WriteNullValue();
        else
            write(writer, value);
    }

    /// <summary>Writes null, or a value of a value type.</summary>
    public static void WriteNullOrValue<T>(Utf8JsonWriter writer, T? value, Action<Utf8JsonWriter, T> write) where T : struct
    {
        if (value is { } set)
            write(writer, set);
        else
            writer.WriteNullValue();
    }

    /// <summary>Writes an array.</summary>
    public static void WriteList<T>(Utf8JsonWriter writer, IEnumerable<T>? items, Action<Utf8JsonWriter, T> write)
    {
        if (items is null)
        {
            writer.WriteNullValue();
            return;
        }
        writer.WriteStartArray();
        foreach (T item in items)
            write(writer, item);
        writer.WriteEndArray();
    }
}

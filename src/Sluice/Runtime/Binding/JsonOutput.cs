using System.Collections;
using System.Collections.Immutable;
using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

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

    /// <summary>Writes a character.</summary>
    public static void Write(Utf8JsonWriter writer, char value) => writer.WriteStringValue(new ReadOnlySpan<char>(in value));

    /// <summary>Writes a boolean.</summary>
    public static void Write(Utf8JsonWriter writer, bool value) => writer.WriteBooleanValue(value);

    /// <summary>Writes an integer.</summary>
    public static void Write(Utf8JsonWriter writer, long value) => writer.WriteNumberValue(value);

    /// <summary>Writes an unsigned integer.</summary>
    public static void Write(Utf8JsonWriter writer, ulong value) => writer.WriteNumberValue(value);

    /// <summary>Writes a 128-bit integer.</summary>
    public static void WriteInt128(Utf8JsonWriter writer, Int128 value) => writer.WriteRawValue(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Writes an unsigned 128-bit integer.</summary>
    public static void WriteUInt128(Utf8JsonWriter writer, UInt128 value) => writer.WriteRawValue(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Writes a number of half precision.</summary>
    public static void WriteHalf(Utf8JsonWriter writer, Half value)
    {
        if (Half.IsFinite(value))
            writer.WriteRawValue(value.ToString(CultureInfo.InvariantCulture));
        else
            Write(writer, (double)value);
    }

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

    /// <summary>Writes base64.</summary>
    public static void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> value) => writer.WriteBase64StringValue(value.Span);

    /// <summary>Writes a version.</summary>
    public static void Write(Utf8JsonWriter writer, Version? value) => writer.WriteStringValue(value?.ToString());

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

    /// <summary>Writes an array; one that was never made is null.</summary>
    public static void WriteList<T>(Utf8JsonWriter writer, ImmutableArray<T> items, Action<Utf8JsonWriter, T> write) =>
        WriteList(writer, items.IsDefault ? null : (IEnumerable<T>)items, write);

    /// <summary>Writes a stack's items, the first one pushed first, as they are read.</summary>
    public static void WriteReversed<T>(Utf8JsonWriter writer, IEnumerable<T>? items, Action<Utf8JsonWriter, T> write) => WriteList(writer, items?.Reverse(), write);

    /// <summary>Writes an object whose names are keys.</summary>
    public static void WriteDictionary<TKey, TValue>(
        Utf8JsonWriter writer, IEnumerable<KeyValuePair<TKey, TValue>>? items, Func<TKey, string> name, Action<Utf8JsonWriter, TValue> write)
    {
        if (items is null)
        {
            writer.WriteNullValue();
            return;
        }
        writer.WriteStartObject();
        foreach ((TKey key, TValue value) in items)
        {
            writer.WritePropertyName(name(key));
            write(writer, value);
        }
        writer.WriteEndObject();
    }

    /// <summary>The name for a key: digits of a number, a UUID with hyphens.</summary>
    public static string Key<T>(T key) where T : IFormattable => key.ToString("D", CultureInfo.InvariantCulture);

    /// <summary>Writes a tuple as an array.</summary>
    public static void WriteTuple<T>(Utf8JsonWriter writer, T? value, Action<Utf8JsonWriter, T> writeItems)
    {
        if (value is null)
        {
            writer.WriteNullValue();
            return;
        }
        writer.WriteStartArray();
        writeItems(writer, value);
        writer.WriteEndArray();
    }

    /// <summary>Writes the names of bits that are set; the number, when one of them has no name.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="value">The enum's number.</param>
    /// <param name="flags">What bits each name stands for, the highest first.</param>
    public static void WriteFlags(Utf8JsonWriter writer, long value, (ulong Bits, string Name)[] flags)
    {
        if (!TryWriteFlags(writer, (ulong)value, flags))
            writer.WriteNumberValue(value);
    }

    /// <inheritdoc cref="WriteFlags(Utf8JsonWriter, long, ValueTuple{ulong, string}[])"/>
    public static void WriteFlags(Utf8JsonWriter writer, ulong value, (ulong Bits, string Name)[] flags)
    {
        if (!TryWriteFlags(writer, value, flags))
            writer.WriteNumberValue(value);
    }

    /// <summary>
    /// Writes what is declared as <c>object</c>: JSON, null, scalars, dictionaries with text keys and sequences of these. There is no reflection that
    /// could look into other types.
    /// </summary>
    /// <exception cref="NotSupportedException">It is of another type.</exception>
    public static void WriteAny(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null or JsonElement { ValueKind: JsonValueKind.Undefined }: writer.WriteNullValue(); break;
            case JsonElement json: json.WriteTo(writer); break;
            case JsonNode node: node.WriteTo(writer); break;
            case JsonDocument document: document.WriteTo(writer); break;
            case string text: Write(writer, text); break;
            case char letter: Write(writer, letter); break;
            case bool flag: Write(writer, flag); break;
            case sbyte or short or int or long: Write(writer, Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
            case byte or ushort or uint or ulong: Write(writer, Convert.ToUInt64(value, CultureInfo.InvariantCulture)); break;
            case Int128 number: WriteInt128(writer, number); break;
            case UInt128 number: WriteUInt128(writer, number); break;
            case Half number: WriteHalf(writer, number); break;
            case float number: Write(writer, number); break;
            case double number: Write(writer, number); break;
            case decimal number: Write(writer, number); break;
            case DateTime time: Write(writer, time); break;
            case DateTimeOffset time: Write(writer, time); break;
            case DateOnly date: Write(writer, date); break;
            case TimeOnly time: Write(writer, time); break;
            case TimeSpan duration: Write(writer, duration); break;
            case Guid id: Write(writer, id); break;
            case Uri uri: Write(writer, uri); break;
            case Version version: Write(writer, version); break;
            case byte[] bytes: Write(writer, bytes); break;
            case Enum name: Write(writer, name.ToString()); break;
            case IEnumerable<KeyValuePair<string, object?>> members: WriteDictionary(writer, members, static key => key, WriteAny); break;
            case IDictionary: throw Unwritable(value.GetType());
            case IEnumerable items: WriteList(writer, items.Cast<object?>(), WriteAny); break;
            default: throw Unwritable(value.GetType());
        }
    }

    /// <summary>What is thrown for a value of a derived type that its base does not name.</summary>
    public static Exception Underived(Type type, string parent) =>
        new NotSupportedException($"{type} cannot be written as {parent}: name it there with [JsonDerivedType].");

    private static NotSupportedException Unwritable(Type type) =>
        new($"{type} cannot be written where object is declared: declare the type itself, or make it a JsonNode.");

    private static bool TryWriteFlags(Utf8JsonWriter writer, ulong bits, (ulong Bits, string Name)[] flags)
    {
        var names = new Stack<string>();
        foreach ((ulong flag, string name) in flags)
        {
            if ((bits & flag) != flag)
                continue;
            names.Push(name);
            bits &= ~flag;
        }
        if (bits == 0)
            WriteList(writer, names, Write);
        return bits == 0;
    }
}

using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Sluice.Runtime.Services;

/// <summary>Writes a table's rows as JSON objects, without reflection.</summary>
internal static class TableCells
{
    /// <summary>The text of the JSON.</summary>
    /// <exception cref="ArgumentException">A row has not as many cells as there are columns, or a column is there twice.</exception>
    public static string Write(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<object?>> rows)
    {
        if (columns.Distinct(StringComparer.Ordinal).Count() != columns.Count)
            throw new ArgumentException("A column is there twice.", nameof(columns));
        ArrayBufferWriter<byte> json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartArray();
            foreach ((int number, IReadOnlyList<object?> row) in rows.Index())
            {
                if (row.Count != columns.Count)
                    throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Row {number + 1} has {row.Count} cells, and there are {columns.Count} columns."), nameof(rows));
                writer.WriteStartObject();
                for (int i = 0; i < columns.Count; i++)
                {
                    writer.WritePropertyName(columns[i]);
                    Write(writer, row[i]);
                }
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, object? cell)
    {
        switch (cell)
        {
            case null:
            case double.NaN or double.PositiveInfinity or double.NegativeInfinity or float.NaN or float.PositiveInfinity or float.NegativeInfinity:
                writer.WriteNullValue();
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case JsonElement json:
                json.WriteTo(writer);
                break;
            case byte or sbyte or short or ushort or int or uint or long or ulong or decimal or double or float or Int128 or UInt128:
                writer.WriteRawValue(((IFormattable)cell).ToString(null, CultureInfo.InvariantCulture));
                break;
            case DateTime or DateTimeOffset or DateOnly or TimeOnly:
                writer.WriteStringValue(((IFormattable)cell).ToString("O", CultureInfo.InvariantCulture));
                break;
            case IFormattable formattable:
                writer.WriteStringValue(formattable.ToString(null, CultureInfo.InvariantCulture));
                break;
            default:
                writer.WriteStringValue(cell.ToString());
                break;
        }
    }
}

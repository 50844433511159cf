using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Data.Sqlite;

namespace Sluice.Server.Store;

/// <summary>Reads the columns of a row from left to right, in the order of the SELECT list.</summary>
internal sealed class Row(SqliteDataReader reader)
{
    private int _next;

    public Guid Id() => new(reader.GetFieldValue<byte[]>(_next++), bigEndian: true);

    public Guid? IdOrNull() => Null() ? null : Id();

    public string Text() => reader.GetString(_next++);

    public string? TextOrNull() => Null() ? null : Text();

    public byte[] Bytes() => reader.GetFieldValue<byte[]>(_next++);

    public long Number() => reader.GetInt64(_next++);

    public int Int() => (int)Number();

    public int? IntOrNull() => Null() ? null : Int();

    public double Real() => reader.GetDouble(_next++);

    public double? RealOrNull() => Null() ? null : Real();

    public bool Flag() => Number() != 0;

    public DateTimeOffset Time() => new(Number(), TimeSpan.Zero);

    public DateTimeOffset? TimeOrNull() => Null() ? null : Time();

    public T Json<T>(JsonTypeInfo<T> type) => JsonSerializer.Deserialize(Text(), type)!;

    public T? JsonOrNull<T>(JsonTypeInfo<T> type) where T : class => Null() ? null : Json(type);

    public JsonElement? ElementOrNull() => Null() ? null : Columns.Parse(Text());

    public IReadOnlyDictionary<string, JsonElement> Map() => Columns.ParseMap(Text());

    public IReadOnlyDictionary<string, JsonElement>? MapOrNull() => Null() ? null : Map();

    public IReadOnlyList<string> List() => Columns.ParseList(Text());

    /// <summary>Answers true and steps over the column when it is NULL.</summary>
    private bool Null()
    {
        if (!reader.IsDBNull(_next))
            return false;
        _next++;
        return true;
    }
}

using System.Runtime.CompilerServices;
using System.Text;

namespace Sluice.Server.Store;

/// <summary>
/// SQL as an interpolated string: every hole becomes a bound parameter, an <see cref="Sql"/> in a hole is a fragment, and text of our own goes
/// through <see cref="Raw"/>. So no value can become SQL.
/// </summary>
[InterpolatedStringHandler]
internal sealed class Sql
{
    private readonly StringBuilder _text;
    private readonly List<object?> _values;

    public Sql(int literalLength, int formattedCount)
    {
        _text = new(literalLength + formattedCount * 4);
        _values = new(formattedCount);
    }

    public IReadOnlyList<object?> Values => _values;

    public static Sql Raw(string text)
    {
        var sql = new Sql(text.Length, 0);
        sql._text.Append(text);
        return sql;
    }

    /// <summary>Joins fragments; <paramref name="empty"/> stands for none.</summary>
    public static Sql Join(string separator, IReadOnlyList<Sql> fragments, string empty)
    {
        if (fragments.Count == 0)
            return Raw(empty);
        var sql = new Sql(0, 0);
        for (int i = 0; i < fragments.Count; i++)
        {
            if (i > 0)
                sql._text.Append(separator);
            sql.AppendFormatted(fragments[i]);
        }
        return sql;
    }

    /// <summary>
    /// A list of bound values for <c>IN (…)</c>; empty matches nothing. Long lists of ids and texts are bound as one value: SQLite takes time quadratic
    /// in the number of values to bind, and no more than 32,766 of them.
    /// </summary>
    public static Sql List<T>(IEnumerable<T> values)
    {
        T[] all = [.. values];
        return all switch
        {
            { Length: <= LongestInline } => Join(", ", [.. all.Select(value => (Sql)$"{value}")], "NULL"),
            Guid[] ids => (Sql)$"SELECT unhex(value) FROM json_each({Columns.List([.. ids.Select(id => Convert.ToHexString(id.ToByteArray(bigEndian: true)))])})",
            string[] texts => (Sql)$"SELECT value FROM json_each({Columns.List(texts)})",
            _ => Join(", ", [.. all.Select(value => (Sql)$"{value}")], "NULL"),
        };
    }

    public void AppendLiteral(string text) => _text.Append(text);

    public void AppendFormatted<T>(T value)
    {
        _values.Add(Bind(value));
        _text.Append(Placeholder);
    }

    public void AppendFormatted(Sql fragment)
    {
        _text.Append(fragment._text);
        _values.AddRange(fragment._values);
    }

    /// <summary>The text with numbered placeholders.</summary>
    public string Build()
    {
        var text = new StringBuilder(_text.Length + _values.Count * 3);
        int next = 0;
        foreach (ReadOnlyMemory<char> chunk in _text.GetChunks())
        {
            foreach (char c in chunk.Span)
            {
                text.Append(c);
                if (c == Placeholder)
                    text.Append(next++);
            }
        }
        return text.ToString();
    }

    private const char Placeholder = '$';

    private const int LongestInline = 50;

    private static object? Bind<T>(T value) => value switch
    {
        null => null,
        Guid id => id.ToByteArray(bigEndian: true),
        DateTimeOffset time => time.UtcTicks,
        DateTime time => time.Ticks,
        TimeSpan span => span.Ticks,
        bool flag => flag ? 1L : 0L,
        StateTypeText state => state.Value,
        _ => value,
    };
}

/// <summary>A state type as the database and the wire write it.</summary>
internal readonly record struct StateTypeText(string Value);

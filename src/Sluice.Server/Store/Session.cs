using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Sluice.Server.Store;

/// <summary>A connection with its prepared statements. Used by one caller at a time.</summary>
internal sealed class Session : IDisposable
{
    private const int MaxStatements = 200;
    private readonly Dictionary<string, SqliteCommand> _statements = [];
    private readonly SqliteConnection _connection;
    private readonly Action _count;

    public Session(SqliteConnection connection, Action count)
    {
        _connection = connection;
        _count = count;
    }

    public int Execute(Sql sql)
    {
        SqliteCommand command = Prepare(sql);
        return command.ExecuteNonQuery();
    }

    public List<T> Query<T>(Sql sql, Func<Row, T> read)
    {
        var rows = new List<T>();
        using SqliteDataReader reader = Prepare(sql).ExecuteReader();
        while (reader.Read())
            rows.Add(read(new(reader)));
        return rows;
    }

    public T? Find<T>(Sql sql, Func<Row, T> read) where T : class
    {
        using SqliteDataReader reader = Prepare(sql).ExecuteReader();
        return reader.Read() ? read(new(reader)) : null;
    }

    /// <summary>The first column of the first row; null for no row or NULL.</summary>
    public long? Number(Sql sql) => Prepare(sql).ExecuteScalar() is long number ? number : null;

    public bool Exists(Sql sql) => Prepare(sql).ExecuteScalar() is not null;

    public Guid? FindId(Sql sql) => Prepare(sql).ExecuteScalar() is byte[] id ? new Guid(id, bigEndian: true) : null;

    /// <summary>Runs a statement without parameters and answers SQLite's result code: for transaction control, where busy is not an error.</summary>
    public int Control(string sql) => raw.sqlite3_exec(_connection.Handle, sql);

    /// <summary>Like <see cref="Control"/>, but everything except success throws.</summary>
    public void Must(string sql)
    {
        int code = Control(sql);
        if (code != raw.SQLITE_OK)
            throw new SqliteException(raw.sqlite3_errmsg(_connection.Handle).utf8_to_string(), code & 0xff, code);
    }

    public bool InTransaction => raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    public void Dispose()
    {
        foreach (SqliteCommand command in _statements.Values)
            command.Dispose();
        _connection.Dispose();
    }

    private SqliteCommand Prepare(Sql sql)
    {
        _count();
        string text = sql.Build();
        if (!_statements.TryGetValue(text, out SqliteCommand? command))
        {
            if (_statements.Count >= MaxStatements)
                Forget();
            command = _connection.CreateCommand();
            command.CommandText = text;
            for (int i = 0; i < sql.Values.Count; i++)
                command.Parameters.Add(new SqliteParameter { ParameterName = FormattableString.Invariant($"${i}") });
            _statements.Add(text, command);
        }
        for (int i = 0; i < sql.Values.Count; i++)
            command.Parameters[i].Value = sql.Values[i] ?? DBNull.Value;
        return command;
    }

    private void Forget()
    {
        foreach (SqliteCommand command in _statements.Values)
            command.Dispose();
        _statements.Clear();
    }
}

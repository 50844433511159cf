using Microsoft.Data.Sqlite;
using SQLitePCL;
using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>Says in one line what happened to the database, where, and how to mend it.</summary>
internal static class StorageErrors
{
    public static bool IsBusy(int code) => (code & 0xff) is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    public static OrchestrationException From(SqliteException error, string path) => error.SqliteErrorCode switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => Busy(path, error),
        raw.SQLITE_FULL => Storage($"The disk that holds the database {path} is full; nothing was changed. Free some space and try again.", error),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => Damaged(path, error.Message, error),
        raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_AUTH => Unwritable(path, error),
        raw.SQLITE_IOERR => Storage($"The disk failed to read or write the database {path} ({Reason(error)}). Check the disk and try again.", error),
        raw.SQLITE_TOOBIG => TooMuch(error),
        raw.SQLITE_ERROR when error.Message.Contains("too many", StringComparison.Ordinal) || error.Message.Contains("too large", StringComparison.Ordinal) || error.Message.Contains("too complex", StringComparison.Ordinal) => TooMuch(error),
        raw.SQLITE_CONSTRAINT => new(OrchestrationErrorKind.Conflict, $"Data integrity conflict: {Reason(error)}.", error),
        _ => Storage($"The database {path} cannot be used: {Reason(error)}.", error),
    };

    public static OrchestrationException Busy(string path, Exception? error = null) => new(OrchestrationErrorKind.Unavailable,
        $"The database {path} is locked by another process for too long. Try again; if it stays so, look for a process that hangs.", error);

    public static OrchestrationException Damaged(string path, string reason, Exception? error = null) => Storage(
        $"The database {path} is damaged ({Plain(reason)}). Stop all Sluice processes, move it away together with its -wal and -shm files or put a backup in its place, and publish again: packages are not affected.", error);

    public static OrchestrationException Foreign(string path) => Storage(
        $"{path} is a SQLite database, but not one of Sluice. Move it away, or set {SluiceHome.Variable} to another folder.");

    public static OrchestrationException Newer(string path, long found, long known) => Storage(
        $"The database {path} was written by a newer version of Sluice (format {found}, this version knows up to {known}). Update Sluice, or set {SluiceHome.Variable} to another folder.");

    public static OrchestrationException Unwritable(string path, Exception error) => Storage(
        $"The database {path} cannot be opened for writing ({Reason(error)}). Make {Path.GetDirectoryName(path)} writable, or set {SluiceHome.Variable} to a folder that is.", error);

    /// <summary>A question with more values, or a longer text, than SQLite takes in a statement: tens of thousands.</summary>
    private static OrchestrationException TooMuch(Exception error) => new(OrchestrationErrorKind.Invalid, "The request holds more values than can be looked up at once, or one that is too long: ask in smaller parts.", error) { Field = "body" };

    private static OrchestrationException Storage(string message, Exception? error = null) => new(OrchestrationErrorKind.Storage, message, error);

    private static string Reason(Exception error) => Plain(error.Message);

    /// <summary>Microsoft.Data.Sqlite writes "SQLite Error 26: 'file is not a database'."; people need the part in quotes.</summary>
    private static string Plain(string message)
    {
        int open = message.IndexOf('\'', StringComparison.Ordinal), close = message.LastIndexOf('\'');
        string plain = message.StartsWith("SQLite Error", StringComparison.Ordinal) && close > open ? message[(open + 1)..close] : message;
        return plain.ReplaceLineEndings(" ").TrimEnd('.');
    }
}

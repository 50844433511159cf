using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>
/// The SQLite file: one writing connection and a few reading ones per process. Writes are <c>BEGIN IMMEDIATE</c> transactions, so that what a
/// transaction read cannot change before it writes, in this process or another.
/// </summary>
/// <remarks>
/// WAL with <c>synchronous=NORMAL</c>: a commit is in the system's file cache before the call returns, so it survives the death of any process
/// (kill -9). A loss of power may take back the last commits, never a part of one, and never damages the file.
/// </remarks>
internal sealed class Database : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentBag<Session> _readers = [];
    private Session? _writer;
    private long _statements;
    private bool _closed;

    private Database(string path) => Path = path;

    public string Path { get; }

    /// <summary>How many statements were run, for the measure "no queries while idle".</summary>
    public long Statements => Interlocked.Read(ref _statements);

    /// <summary>Opens the file, creating or migrating it first; <paramref name="seed"/> fills a new one in the same transaction.</summary>
    public static async Task<Database> OpenAsync(string path, Action<Session> seed, CancellationToken cancellationToken)
    {
        var database = new Database(path);
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            if (DatabaseHeader.Damage(path) is { } damage)
                throw StorageErrors.Damaged(path, damage);
            database._writer = await database.RetryAsync(() => database.TryConnect(seed), cancellationToken).ConfigureAwait(false);
            return database;
        }
        catch (SqliteException error)
        {
            throw StorageErrors.From(error, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Unwritable(path, error);
        }
    }

    /// <summary>Runs <paramref name="work"/> in one read transaction: a consistent view, never waiting for writers.</summary>
    public Task<T> ReadAsync<T>(Func<Session, T> work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<T>(cancellationToken);
        try
        {
            return Task.FromResult(Read(work));
        }
        catch (SqliteException error)
        {
            return Task.FromException<T>(StorageErrors.From(error, Path));
        }
        catch (OrchestrationException error)
        {
            return Task.FromException<T>(error);
        }
    }

    /// <summary>Runs <paramref name="work"/> in one write transaction: all of it happens or nothing.</summary>
    public async Task<T> WriteAsync<T>(Func<Session, T> work, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _writer ??= await RetryAsync(() => TryConnect(seed: null), cancellationToken).ConfigureAwait(false);
            await RetryAsync(() => TryBegin(_writer), cancellationToken).ConfigureAwait(false);
            T result = work(_writer);
            _writer.Must("COMMIT");
            return result;
        }
        catch (SqliteException error)
        {
            throw StorageErrors.From(error, Path);
        }
        finally
        {
            if (_writer is { InTransaction: true })
                _writer.Control("ROLLBACK");
            _writing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        _closed = true;
        _writer?.Dispose();
        _writer = null;
        while (_readers.TryTake(out Session? reader))
            reader.Dispose();
        _writing.Release();
    }

    private T Read<T>(Func<Session, T> work)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (!_readers.TryTake(out Session? reader))
            reader = Connect(busyMilliseconds: 5000);
        bool sound = false;
        try
        {
            reader.Must("BEGIN");
            T result = work(reader);
            reader.Must("COMMIT");
            sound = true;
            return result;
        }
        catch (OrchestrationException)
        {
            sound = reader.Control("ROLLBACK") == raw.SQLITE_OK;
            throw;
        }
        finally
        {
            if (sound && !_closed)
                _readers.Add(reader);
            else
                reader.Dispose();
        }
    }

    private Session? TryConnect(Action<Session>? seed)
    {
        Session? session = null;
        bool ready = false;
        try
        {
            session = Connect(busyMilliseconds: 0);
            int code = session.Control("PRAGMA journal_mode = WAL");
            if (StorageErrors.IsBusy(code))
                return null;
            if (code != raw.SQLITE_OK)
                session.Must("PRAGMA journal_mode = WAL");
            ready = seed is null || Migrator.TryMigrate(session, Path, seed);
            return ready ? session : null;
        }
        catch (SqliteException error) when (StorageErrors.IsBusy(error.SqliteErrorCode))
        {
            return null;
        }
        finally
        {
            if (!ready)
                session?.Dispose();
        }
    }

    private Session Connect(int busyMilliseconds)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 5,
        }.ToString());
        try
        {
            connection.Open();
            LogText.AddTo(connection);
            var session = new Session(connection, () => Interlocked.Increment(ref _statements));
            session.Must(FormattableString.Invariant($"PRAGMA busy_timeout = {busyMilliseconds}"));
            session.Must("PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864");
            return session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static object? TryBegin(Session session)
    {
        int code = session.Control("BEGIN IMMEDIATE");
        if (StorageErrors.IsBusy(code))
            return null;
        if (code != raw.SQLITE_OK)
            throw new SqliteException("cannot begin a transaction", code & 0xff, code);
        return session;
    }

    /// <summary>Tries again while another process writes: SQLite has no queue of waiters, so short random pauses keep it fair.</summary>
    private async Task<T> RetryAsync<T>(Func<T?> attempt, CancellationToken cancellationToken) where T : class
    {
        long start = Stopwatch.GetTimestamp();
        for (int tries = 0; ; tries++)
        {
            if (attempt() is { } done)
                return done;
            if (Stopwatch.GetElapsedTime(start) > _patience)
                throw StorageErrors.Busy(Path);
            await Task.Delay(1 + Random.Shared.Next(Math.Min(2 + tries, 10)), cancellationToken).ConfigureAwait(false);
        }
    }
}

using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>The embedded API: each member is one transaction of the database.</summary>
internal sealed partial class EmbeddedStore : IOrchestrationApi
{
    private readonly Database _database;
    private readonly ChangeFeed _feed;
    private readonly IdSource _ids;
    private readonly TimeProvider _time;
    private readonly BlockCipher _cipher;

    private EmbeddedStore(Database database, IdSource ids, SluiceHome home, TimeProvider time)
    {
        _database = database;
        _ids = ids;
        _time = time;
        _cipher = new(home);
        _feed = new(home, time, cancellationToken => Read(Change, cancellationToken));
    }

    /// <summary>The clock, in whole microseconds as Prefect writes times.</summary>
    public DateTimeOffset Now => WholeMicroseconds(_time);

    /// <summary>How many statements this process has run.</summary>
    public long Statements => _database.Statements;

    public static async Task<EmbeddedStore> OpenAsync(SluiceHome home, TimeProvider time, CancellationToken cancellationToken)
    {
        var ids = new IdSource(time);
        Database database = await Database.OpenAsync(home.Database, session => WorkPools.Seed(new(session, WholeMicroseconds(time), ids)), cancellationToken)
            .ConfigureAwait(false);
        return new(database, ids, home, time);
    }

    public async Task<ApiInfo> GetInfoAsync(CancellationToken cancellationToken)
    {
        long change = await Read(Change, cancellationToken).ConfigureAwait(false);
        return new("sluice", typeof(EmbeddedStore).Assembly.GetName().Version!.ToString(3), _database.Path, change);
    }

    public Task<long> WaitForChangeAsync(long after, TimeSpan timeout, CancellationToken cancellationToken) => _feed.WaitAsync(after, timeout, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _feed.Dispose();
        await _database.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>One read transaction.</summary>
    public Task<T> Read<T>(Func<Scope, T> work, CancellationToken cancellationToken) =>
        _database.ReadAsync(session => work(NewScope(session)), cancellationToken);

    /// <summary>One write transaction, then the bell.</summary>
    public async Task<T> Write<T>(Func<Scope, T> work, CancellationToken cancellationToken)
    {
        (T result, long change) = await _database.WriteAsync(session =>
        {
            Scope scope = NewScope(session);
            T done = work(scope);
            return (done, scope.Rings ? session.Number($"UPDATE meta SET change = change + 1 RETURNING change")!.Value : 0);
        }, cancellationToken).ConfigureAwait(false);
        if (change > 0)
            _feed.Ring(change);
        return result;
    }

    public Task Write(Action<Scope> work, CancellationToken cancellationToken) => Write(scope =>
    {
        work(scope);
        return true;
    }, cancellationToken);

    private static long Change(Scope scope) => scope.Db.Number($"SELECT change FROM meta")!.Value;

    private Scope NewScope(Session session) => new(session, Now, _ids);

    private static DateTimeOffset WholeMicroseconds(TimeProvider time)
    {
        DateTimeOffset now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}

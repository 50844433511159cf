using Sluice.Orchestration;
using Sluice.Server.Services;
using Sluice.Server.Store;

namespace Sluice.Server;

/// <summary>
/// What a server does besides answering: creates scheduled runs ahead, marks late ones, crashes runs whose lease ran out. Driven by the next due
/// time and the bell, not by polling. Several processes may run it at once.
/// </summary>
public sealed class ServerServices
{
    private static readonly TimeSpan _afterFailure = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _longestSleep = TimeSpan.FromDays(1);

    /// <summary>When the clock runs ahead of the machine's own time by so much, the machine was suspended.</summary>
    private static readonly TimeSpan _suspended = TimeSpan.FromSeconds(5);
    private readonly EmbeddedStore _store;
    private readonly TimeProvider _time;
    private readonly Action<string> _log;
    private readonly RunScheduler _scheduler;
    private DateTimeOffset? _awakeSince;
    private (DateTimeOffset Clock, long Stamp) _lastTurn;

    /// <summary>Creates the services over an API that <see cref="EmbeddedApi.OpenAsync"/> opened.</summary>
    /// <param name="api">The embedded API.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Takes one line for each thing worth knowing, as a schedule that cannot be read; may be called from any thread.</param>
    /// <exception cref="ArgumentException"><paramref name="api"/> is not the embedded one: the services of another server are its own.</exception>
    public ServerServices(IOrchestrationApi api, TimeProvider time, Action<string>? log = null)
    {
        _store = api as EmbeddedStore ?? throw new ArgumentException("The services need the embedded API, as EmbeddedApi.OpenAsync answers it.", nameof(api));
        _time = time;
        _log = log ?? (_ => { });
        _scheduler = new(_log);
    }

    /// <summary>Runs until cancelled, and then returns. What fails is logged once and tried again.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        string? failure = null;
        long change = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan sleep;
            try
            {
                DateTimeOffset? next = await CatchUpAsync(cancellationToken).ConfigureAwait(false);
                // Timers count whole milliseconds and may be early by a part of one.
                sleep = next is { } time ? Shorter(time - _time.GetUtcNow() + TimeSpan.FromMilliseconds(2), _longestSleep) : _longestSleep;
                failure = null;
                change = await _store.WaitForChangeAsync(change, sleep, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // Whatever one turn met, as a full disk or one damaged row, the next one may not: a server goes on.
                if (error.Message != failure)
                    _log($"The scheduler waits: {error.Message}");
                failure = error.Message;
                await Task.Delay(_afterFailure, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Does all that is due and answers when there is something again. Public to tests: one turn without a clock.</summary>
    internal async Task<DateTimeOffset?> CatchUpAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset awakeSince = AwakeSince();
        while (true)
        {
            (DateTimeOffset? refill, DateTimeOffset? watch) = await _store.Read(scope => NextDue(scope, awakeSince), cancellationToken).ConfigureAwait(false);
            DateTimeOffset now = _store.Now;
            if (!(refill <= now) && !(watch <= now))
                return refill < watch || watch is null ? refill : watch;
            if (refill <= now)
            {
                while (await _store.Write(_scheduler.Fill, cancellationToken).ConfigureAwait(false))
                {
                }
            }
            if (watch <= now)
            {
                bool more;
                do
                {
                    var told = new List<string>();
                    more = await _store.Write(scope => RunWatch.Sweep(scope, awakeSince, told), cancellationToken).ConfigureAwait(false);
                    told.ForEach(_log);
                }
                while (more);
            }
        }
    }

    /// <summary>When the scheduler and the watch have something to do next: the heads of five indexes.</summary>
    internal static (DateTimeOffset? Refill, DateTimeOffset? Watch) NextDue(Scope scope, DateTimeOffset awakeSince) => scope.Db.Query(NextDueQuery(awakeSince), row =>
    {
        DateTimeOffset? refill = row.TimeOrNull();
        DateTimeOffset?[] watch = [row.TimeOrNull() + RunWatch.LateAfter, row.TimeOrNull(), row.TimeOrNull() + RunWatch.CancellingAtMost, row.TimeOrNull()];
        return (refill, watch.Min());
    })[0];

    internal static Sql NextDueQuery(DateTimeOffset awakeSince) => $"""
        SELECT
            (SELECT MIN(refill_at) FROM deployment WHERE refill_at IS NOT NULL),
            (SELECT MIN(next_scheduled_start_time) FROM flow_run INDEXED BY flow_run_due WHERE state_type = 'SCHEDULED' AND state_name = 'Scheduled'),
            (SELECT MIN(MAX(lease_expires, {awakeSince} + lease_expires - lease_from)) FROM flow_run WHERE lease_expires IS NOT NULL),
            (SELECT MIN(state_time) FROM flow_run INDEXED BY flow_run_cancelling WHERE state_type = 'CANCELLING'),
            (SELECT MIN(pause_expires) FROM flow_run WHERE pause_expires IS NOT NULL)
        """;

    /// <summary>
    /// Since when signs of life could reach this server without a break: its start, or the end of the machine's sleep. Before that nobody could
    /// renew a lease, so every lease counts again from there.
    /// </summary>
    private DateTimeOffset AwakeSince()
    {
        DateTimeOffset now = _store.Now;
        long stamp = _time.GetTimestamp();
        if (_awakeSince is null || now - _lastTurn.Clock - _time.GetElapsedTime(_lastTurn.Stamp, stamp) > _suspended)
            _awakeSince = now;
        _lastTurn = (now, stamp);
        return _awakeSince.Value;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}

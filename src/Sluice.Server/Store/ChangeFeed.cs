using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>
/// Wakes those who wait for a change, in this process by a signal and in others by the bell file. The change number itself is counted in the
/// database, in the transaction that changes; the file only says "look".
/// </summary>
/// <remarks>
/// Every two seconds the file's stamp is compared as well, and that of the write-ahead log: this covers systems without file events, and a
/// writer that was killed between commit and ring. While nothing is written no query runs.
/// </remarks>
internal sealed class ChangeFeed : IDisposable
{
    private static readonly TimeSpan _glance = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _longest = TimeSpan.FromDays(1);
    private readonly string _bell;
    private readonly string _log;
    private readonly Func<CancellationToken, Task<long>> _read;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private TaskCompletionSource _signal = NewSignal();
    private FileSystemWatcher? _watcher;
    private bool _watching;
    private bool _stale = true;
    private Stamps _stamps;
    private long _newest;

    public ChangeFeed(SluiceHome home, TimeProvider time, Func<CancellationToken, Task<long>> read)
    {
        _bell = home.Bell;
        _log = home.Database + "-wal";
        _time = time;
        _read = read;
    }

    private readonly record struct Stamps(DateTime Bell, long Text, DateTime Log, long LogLength);

    /// <summary>Tells everybody that <paramref name="change"/> was committed.</summary>
    public void Ring(long change)
    {
        lock (_lock)
        {
            if (change > _newest)
                _newest = change;
            Wake();
        }
        try
        {
            using var file = new FileStream(_bell, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            Span<byte> text = stackalloc byte[20];
            change.TryFormat(text, out int length, "D19");
            file.Write(text[..length]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The commit stands, and the others see the write-ahead log's stamp within two seconds.
        }
    }

    /// <summary>Waits for a change after <paramref name="after"/> and answers the newest number, or the same after the timeout.</summary>
    public async Task<long> WaitAsync(long after, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Watch();
        using var expired = new CancellationTokenSource(Clamp(timeout), _time);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(expired.Token, cancellationToken);
        while (true)
        {
            Task signal;
            lock (_lock)
            {
                signal = _signal.Task;
                if (_newest > after)
                    return _newest;
            }
            long newest = await NewestAsync(cancellationToken).ConfigureAwait(false);
            if (newest > after || expired.IsCancellationRequested)
                return newest;
            // The glance is about files, which follow the real clock whatever clock the caller has.
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(done.Token);
            await Task.WhenAny(signal, Task.Delay(_glance, pause.Token)).ConfigureAwait(false);
            await pause.CancelAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public void Dispose() => _watcher?.Dispose();

    private static TimeSpan Clamp(TimeSpan timeout) =>
        timeout < TimeSpan.Zero ? TimeSpan.Zero : timeout > _longest ? _longest : timeout;

    private async Task<long> NewestAsync(CancellationToken cancellationToken)
    {
        // Stamps first: what is committed after this look makes the next one differ.
        Stamps now = Look();
        lock (_lock)
        {
            if (!_stale && now == _stamps)
                return _newest;
            _stale = false;
        }
        long read = await _read(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            _stamps = now;
            _newest = Math.Max(_newest, read);
            return _newest;
        }
    }

    private Stamps Look()
    {
        var bell = new FileInfo(_bell);
        var log = new FileInfo(_log);
        return new(bell.Exists ? bell.LastWriteTimeUtc : default, bell.Exists ? Text() : 0,
            log.Exists ? log.LastWriteTimeUtc : default, log.Exists ? log.Length : 0);
    }

    private long Text()
    {
        try
        {
            using var file = new FileStream(_bell, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            Span<byte> text = stackalloc byte[20];
            return long.TryParse(text[..file.Read(text)], out long change) ? change : 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private void Watch()
    {
        lock (_lock)
        {
            if (_watching)
                return;
            _watching = true;
            try
            {
                var watcher = new FileSystemWatcher(Path.GetDirectoryName(_bell)!, Path.GetFileName(_bell))
                {
                    NotifyFilter = NotifyFilters.LastWrite | NotifyFilters.FileName | NotifyFilters.Size,
                };
                watcher.Changed += (_, _) => Rang();
                watcher.Created += (_, _) => Rang();
                watcher.Error += (_, _) => Rang();
                watcher.EnableRaisingEvents = true;
                _watcher = watcher;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // No file events here (as when the system is out of watches): the glance every two seconds remains.
            }
        }
    }

    private void Rang()
    {
        lock (_lock)
        {
            _stale = true;
            Wake();
        }
    }

    private void Wake()
    {
        _signal.TrySetResult();
        _signal = NewSignal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

using Sluice.Orchestration;

namespace Sluice.Server.Events;

/// <summary>Something committed, with what every subscriber is sent of it, serialised once.</summary>
internal sealed record LiveItem<T>(long Seq, T Value, byte[] Json);

/// <summary>
/// Hands what is committed, by this process or another on the same database, to any number of subscribers. It keeps a window of the newest items;
/// a subscriber is only a place in their order, and one that falls behind the window reads on from the database. So a slow reader costs no memory
/// and loses nothing. While nobody subscribes, and while nothing is written, no query runs.
/// </summary>
internal sealed class LiveFeed<T>(
    Func<long, int, CancellationToken, Task<IReadOnlyList<LiveItem<T>>>> read,
    Func<CancellationToken, Task<long>> newest,
    Func<long, TimeSpan, CancellationToken, Task<long>> waitForChange,
    Action<string> report)
{
    /// <summary>The most items that are read or handed over at once.</summary>
    public const int Page = 250;

    internal const int MaxItems = 1024;
    internal const long MaxBytes = 8 << 20;

    private static readonly TimeSpan _afterFailure = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private readonly List<LiveItem<T>> _window = [];
    private long _bytes;
    private long _before; // the window holds everything after it, up to _last
    private long _last;
    private int _subscribers;
    private CancellationTokenSource? _pump;
    private TaskCompletionSource _signal = NewSignal();

    /// <summary>How much the window holds, for the measure "bounded memory".</summary>
    internal (int Items, long Bytes, int Subscribers) Held
    {
        get
        {
            lock (_lock)
                return (_window.Count, _bytes, _subscribers);
        }
    }

    /// <summary>Starts a subscription and answers the place from which it begins: the newest item. <see cref="Leave"/> ends it.</summary>
    public async Task<long> JoinAsync(CancellationToken cancellationToken)
    {
        long place = await newest(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            _subscribers++;
            if (_pump is null)
            {
                _window.Clear();
                _bytes = 0;
                _before = _last = place;
                _pump = new();
                _ = PumpAsync(_pump.Token);
            }
        }
        return place;
    }

    /// <summary>Ends a subscription.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            if (--_subscribers > 0)
                return;
            _pump!.Cancel();
            _pump = null;
            _window.Clear();
            _bytes = 0;
        }
    }

    /// <summary>Waits for items after a place; at most <see cref="Page"/> of them, in the order of their commits.</summary>
    public async Task<IReadOnlyList<LiveItem<T>>> NextAsync(long after, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task signal;
            lock (_lock)
            {
                signal = _signal.Task;
                if (after >= _before)
                {
                    int from = _window.Count;
                    while (from > 0 && _window[from - 1].Seq > after)
                        from--;
                    if (from < _window.Count)
                        return _window.GetRange(from, Math.Min(Page, _window.Count - from));
                }
            }
            if (after < Behind())
            {
                IReadOnlyList<LiveItem<T>> missed = await read(after, Page, cancellationToken).ConfigureAwait(false);
                if (missed.Count > 0)
                    return missed;
            }
            await signal.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private long Behind()
    {
        lock (_lock)
            return _before;
    }

    private async Task PumpAsync(CancellationToken cancellationToken)
    {
        long change = 0;
        string? failure = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                change = await waitForChange(change, TimeSpan.FromDays(1), cancellationToken).ConfigureAwait(false);
                IReadOnlyList<LiveItem<T>> items;
                do
                {
                    items = await read(_last, Page, cancellationToken).ConfigureAwait(false);
                    Append(items, cancellationToken);
                }
                while (items.Count == Page);
                failure = null;
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // Whatever it is: if this ended, every subscriber would wait for ever and nobody would know.
                if (error.Message != failure)
                    report($"live events wait: {(error is OrchestrationException or IOException ? error.Message : error)}");
                failure = error.Message;
                change = 0;
                await Task.Delay(_afterFailure, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Append(IReadOnlyList<LiveItem<T>> items, CancellationToken cancellationToken)
    {
        if (items.Count == 0)
            return;
        lock (_lock)
        {
            if (cancellationToken.IsCancellationRequested)
                return; // a newer pump owns the window
            _window.AddRange(items);
            _bytes += items.Sum(item => (long)item.Json.Length);
            _last = items[^1].Seq;
            int drop = 0;
            while (_window.Count - drop > MaxItems || _bytes > MaxBytes && drop < _window.Count - 1)
                _bytes -= _window[drop++].Json.Length;
            if (drop > 0)
            {
                _before = _window[drop - 1].Seq;
                _window.RemoveRange(0, drop);
            }
            _signal.TrySetResult();
            _signal = NewSignal();
        }
    }
}

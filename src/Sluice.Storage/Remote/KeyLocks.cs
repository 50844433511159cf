namespace Sluice.Storage.Remote;

/// <summary>
/// Locks by key within one process: many may read a key, one replaces it, and whoever came first goes first. Keys share a few locks by their hash, so nobody
/// may hold two.
/// </summary>
internal sealed class KeyLocks : IDisposable
{
    private const int Readers = 16;

    private readonly (SemaphoreSlim Door, SemaphoreSlim Inside)[] _locks = [.. Enumerable.Range(0, 32).Select(_ => (new SemaphoreSlim(1), new SemaphoreSlim(Readers)))];

    /// <summary>Runs work while nobody replaces the key.</summary>
    public async Task<T> ReadAsync<T>(string key, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        (SemaphoreSlim door, SemaphoreSlim inside) = Of(key);
        await door.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await inside.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            door.Release();
        }
        try
        {
            return await work().ConfigureAwait(false);
        }
        finally
        {
            inside.Release();
        }
    }

    /// <summary>Runs work while nobody else reads or replaces the key.</summary>
    public async Task<T> ReplaceAsync<T>(string key, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        (SemaphoreSlim door, SemaphoreSlim inside) = Of(key);
        int taken = 0;
        await door.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Nobody new comes through the door meanwhile.
            for (; taken < Readers; taken++)
                await inside.WaitAsync(cancellationToken).ConfigureAwait(false);
            return await work().ConfigureAwait(false);
        }
        finally
        {
            if (taken > 0)
                inside.Release(taken);
            door.Release();
        }
    }

    public void Dispose()
    {
        foreach ((SemaphoreSlim door, SemaphoreSlim inside) in _locks)
        {
            door.Dispose();
            inside.Dispose();
        }
    }

    private (SemaphoreSlim Door, SemaphoreSlim Inside) Of(string key) => _locks[(uint)StringComparer.Ordinal.GetHashCode(key) % (uint)_locks.Length];
}

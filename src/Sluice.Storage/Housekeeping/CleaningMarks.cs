namespace Sluice.Storage.Housekeeping;

/// <summary>
/// The marks by which cleanings and publishes of one store keep out of each other's way, without a lock that a publish would have to write. A cleaning
/// leaves a mark before it lists the store and another when it has deleted; a publish looks before it asks which blobs are there, and again after its
/// manifest is visible. Where nothing began or ran between the two looks, whatever is cleaned later sees the manifest. Else the publish waits for the
/// end and checks its blobs once more.
/// </summary>
/// <remarks>
/// No clocks are compared: a cleaning counts as dead when its marks have not changed for a lease by the watcher's own clock. Whoever finds that writes
/// the next number, which the dead one, should it only have slept, sees before it deletes more.
/// </remarks>
internal sealed class CleaningMarks(IPackageStore store, TimeProvider time, TimeSpan lease)
{
    internal static readonly TimeSpan DefaultLease = TimeSpan.FromMinutes(1);

    /// <summary>What the marks say now.</summary>
    public async Task<CleaningState> ReadAsync(CancellationToken cancellationToken) => CleaningState.Of(await KeysAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>All marks; none where the store does not exist yet, or where its contents may not be listed.</summary>
    public async Task<List<string>> KeysAsync(CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        try
        {
            await foreach (string key in store.ListAsync(CleaningState.Prefix, cancellationToken).ConfigureAwait(false))
                keys.Add(key);
        }
        catch (StorageException e) when (e.Kind is StorageErrorKind.NotFound or StorageErrorKind.Forbidden)
        {
            // The first publish makes it; and who may not list may still write, though nobody looks after it.
        }
        return keys;
    }

    /// <summary>Waits until no cleaning runs, and answers the marks then. One that is dead is fenced off.</summary>
    public async Task<CleaningState> WaitForEndAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            CleaningState state = await ReadAsync(cancellationToken).ConfigureAwait(false);
            if (!state.IsRunning)
                return state;
            // The number is taken as a cleaning takes it, so that none can have the same.
            if (!await IsAliveAsync(state, cancellationToken).ConfigureAwait(false)
                && await store.CreateAsync(CleaningState.Key(state.Epoch + 1, CleaningState.Run), new MemoryStream("fence"u8.ToArray(), writable: false), cancellationToken).ConfigureAwait(false))
            {
                // It showed life between the last look and the fence, and did not see that: what it deletes, it has begun, and ends within its lease.
                if (CleaningState.Of([.. (await KeysAsync(cancellationToken).ConfigureAwait(false)).Where(key => CleaningState.EpochOf(key) == state.Epoch)]).Marks != state.Marks)
                    await Task.Delay(lease, time, cancellationToken).ConfigureAwait(false);
                await store.CreateAsync(CleaningState.Key(state.Epoch + 1, CleaningState.Done), new MemoryStream("{}"u8.ToArray(), writable: false), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Watches a running cleaning until its marks change, or until a lease has gone by without a change.</summary>
    public async Task<bool> IsAliveAsync(CleaningState state, CancellationToken cancellationToken)
    {
        long since = time.GetTimestamp();
        while (time.GetElapsedTime(since) < lease)
        {
            await Task.Delay(lease / 30, time, cancellationToken).ConfigureAwait(false);
            if (await ReadAsync(cancellationToken).ConfigureAwait(false) != state)
                return true;
        }
        return false;
    }
}

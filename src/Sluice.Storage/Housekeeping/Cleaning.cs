using System.Globalization;
using System.Text;

namespace Sluice.Storage.Housekeeping;

/// <summary>A cleaning of a store that this process does: its number, and its signs of life.</summary>
internal sealed class Cleaning
{
    private readonly IPackageStore _store;
    private readonly TimeProvider _time;
    private readonly TimeSpan _lease;
    private readonly CleaningMarks _marks;
    private readonly long _epoch;
    private long _seen;
    private int _beat;

    /// <summary>Whether no deletion can be under way: else its end is not announced, and publishes wait until the lease has run out.</summary>
    public bool IsQuiet { get; private set; } = true;

    /// <summary>What was left already; null before that.</summary>
    public byte[]? Noted { get; private set; }

    private Cleaning(IPackageStore store, TimeProvider time, TimeSpan lease, long epoch, long seen) =>
        (_store, _time, _lease, _marks, _epoch, _seen) = (store, time, lease, new(store, time, lease), epoch, seen);

    /// <summary>Begins one. Where another runs, that is refused; where one was killed, after a lease it is no more in the way.</summary>
    public static async Task<Cleaning> BeginAsync(IPackageStore store, TimeProvider time, TimeSpan lease, CancellationToken cancellationToken)
    {
        var marks = new CleaningMarks(store, time, lease);
        byte[] id = Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("N"));
        while (true)
        {
            CleaningState state = await marks.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (state.IsRunning && await marks.IsAliveAsync(state, cancellationToken).ConfigureAwait(false))
            {
                // It may have ended meanwhile, or have been fenced off.
                if (await marks.ReadAsync(cancellationToken).ConfigureAwait(false) is { IsRunning: true } now && now.Epoch == state.Epoch)
                    throw Other(store);
                continue;
            }
            long seen = time.GetTimestamp();
            string key = CleaningState.Key(state.Epoch + 1, CleaningState.Run);
            if (!await store.CreateAsync(key, new MemoryStream(id, writable: false), cancellationToken).ConfigureAwait(false))
                continue;
            // Behind rclone two may create it: the later one has it.
            await using Stream stream = await store.GetAsync(key, cancellationToken).ConfigureAwait(false);
            var read = new MemoryStream();
            await stream.CopyToAsync(read, cancellationToken).ConfigureAwait(false);
            return read.ToArray().AsSpan().SequenceEqual(id) ? new(store, time, lease, state.Epoch + 1, seen) : throw Other(store);
        }
    }

    /// <summary>Shows life where it is time to. Called between all steps, and before every few deletions.</summary>
    /// <exception cref="StorageException">Somebody took this process for dead: it must not delete more.</exception>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        if (_time.GetElapsedTime(_seen) < _lease / 6)
            return;
        long now = _time.GetTimestamp();
        await CheckAsync(cancellationToken).ConfigureAwait(false);
        await _store.CreateAsync(Beat(++_beat), new MemoryStream(), cancellationToken).ConfigureAwait(false);
        await _store.DeleteAsync(Beat(_beat - 1), cancellationToken).ConfigureAwait(false);
        _seen = now;
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        if ((await _marks.ReadAsync(cancellationToken).ConfigureAwait(false)).Epoch != _epoch)
            throw new StorageException(StorageErrorKind.Unavailable, $"The cleaning of {_store.Location} was given up: it had shown no sign of life for {_lease.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s. What it did stays done; start it again.");
    }

    // A sign of life may take long itself, so that somebody has taken this process for dead before it is seen: whoever does so writes a number and then looks for
    // signs, this process writes signs and then looks for a number.
    private async Task ConfirmAsync(CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < 3; attempt++)
        {
            await KeepAsync(cancellationToken).ConfigureAwait(false);
            await CheckAsync(cancellationToken).ConfigureAwait(false);
            if (_time.GetElapsedTime(_seen) < _lease / 6)
                return;
        }
        throw TooSlow("a sign of life", _lease / 6);
    }

    /// <summary>
    /// Deletes objects, a few at once, each few after a look whether this process still counts as alive. It is cancelled between them; when two thirds of the lease
    /// are used up, it stops: the last third is for what is under way.
    /// </summary>
    public async Task DeleteAsync(IEnumerable<string> keys, Action deleted, CancellationToken cancellationToken)
    {
        foreach (string[] some in keys.Chunk(32))
        {
            await ConfirmAsync(cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            TimeSpan most = _lease * 2 / 3;
            using var bounded = new CancellationTokenSource(most - _time.GetElapsedTime(_seen), _time);
            IsQuiet = false;
            try
            {
                await Parallel.ForEachAsync(some, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = bounded.Token }, async (key, token) =>
                {
                    // A halted process goes on before its timers fire.
                    if (_time.GetElapsedTime(_seen) >= most)
                        throw new OperationCanceledException(token);
                    await _store.DeleteAsync(key, token).ConfigureAwait(false);
                    deleted();
                }).ConfigureAwait(false);
                IsQuiet = true;
            }
            catch (OperationCanceledException e)
            {
                throw TooSlow($"{some.Length.ToString(CultureInfo.InvariantCulture)} deletions", _lease / 2, e);
            }
        }
    }

    /// <summary>Leaves what the next one is to know, should this one not come to its end.</summary>
    public async Task NoteAsync(byte[] notes, CancellationToken cancellationToken)
    {
        await _store.CreateAsync(CleaningState.Key(_epoch, CleaningState.Notes), new MemoryStream(notes, writable: false), cancellationToken).ConfigureAwait(false);
        Noted = notes;
    }

    /// <summary>Ends it, and leaves what the next one is to know.</summary>
    public async Task EndAsync(byte[] notes, CancellationToken cancellationToken)
    {
        await _store.CreateAsync(CleaningState.Key(_epoch, CleaningState.Done), new MemoryStream(notes, writable: false), cancellationToken).ConfigureAwait(false);
        string done = CleaningState.Key(_epoch, CleaningState.Done);
        foreach (string key in await _marks.KeysAsync(cancellationToken).ConfigureAwait(false))
        {
            if (CleaningState.EpochOf(key) is { } epoch && epoch <= _epoch && key != done)
                await _store.DeleteAsync(key, cancellationToken).ConfigureAwait(false);
        }
    }

    private StorageException TooSlow(string what, TimeSpan bound, Exception? inner = null) => new(
        StorageErrorKind.Unavailable,
        $"The store {_store.Location} is too slow to be cleaned safely: {what} took more than {bound.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s. What was done stays done; start it again.",
        inner);

    private static StorageException Other(IPackageStore store) =>
        new(StorageErrorKind.Unavailable, $"Another cleaning of {store.Location} is at work: wait for its end.");

    private string Beat(int number) => CleaningState.Key(_epoch, string.Create(CultureInfo.InvariantCulture, $"beat-{number:D6}"));
}

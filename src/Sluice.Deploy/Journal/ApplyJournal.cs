using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Deploy.Journal;

/// <summary>The journal of this process's apply. It gives a sign of life now and then, and sees when another publisher took it over.</summary>
internal sealed class ApplyJournal : IApplyJournal, IAsyncDisposable
{
    /// <summary>How often a sign of life is given: a few may fail before the lease is over.</summary>
    private static readonly TimeSpan s_pulse = TimeSpan.FromSeconds(20);

    /// <summary>How long it is trusted that the journal still is one's own, before the next write looks again.</summary>
    private static readonly TimeSpan s_trust = TimeSpan.FromSeconds(1);

    private readonly JournalStore _store;
    private readonly DeployEnvironment _environment;
    private readonly string _app, _server, _folder;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _lost = new(), _stop = new();
    private JournalDocument? _document;
    private bool _isReplaced;
    private Moment _held, _renewed;
    private int _number = 1;
    private Task _beating = Task.CompletedTask;

    /// <summary>The id that it begins with.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>The other apps that the apply touches; null for none.</summary>
    public IReadOnlyList<string>? Others { get; init; }

    public ApplyJournal(JournalStore store, DeployEnvironment environment, string app, string server) =>
        (_store, _environment, _app, _server, _folder) = (store, environment, app, server, store.Folder(app));

    public CancellationToken Lost => _lost.Token;

    /// <summary>Takes over what a dead publisher left; null where another publisher was faster.</summary>
    public static async Task<ApplyJournal?> TakeOverAsync(JournalStore store, DeployEnvironment environment, FoundJournal found, CancellationToken cancellationToken)
    {
        var journal = new ApplyJournal(store, environment, found.Document.App, found.Document.Server) { _number = found.Number + 1 };
        JournalDocument document = found.Document with { Publisher = JournalPublisher.This(), Renewed = environment.Time.GetUtcNow(), Released = false };
        if (!await store.CreateAsync(found.Folder, journal._number, document, cancellationToken).ConfigureAwait(false))
            return null;
        // Its publisher may have come to the end meanwhile, and a new one begun.
        if (await store.ReadAsync(found.Folder, found.Number, cancellationToken).ConfigureAwait(false) is not { Done: false } lower || lower.Id != document.Id)
        {
            // The lower numbers are the new one's: only what was created here goes.
            await store.DeleteOneAsync(found.Folder, journal._number, document.Id, cancellationToken).ConfigureAwait(false);
            return null;
        }
        journal.Start(document);
        return journal;
    }

    public async Task BeginAsync(string entry, CancellationToken cancellationToken)
    {
        DateTimeOffset now = _environment.Time.GetUtcNow();
        var document = new JournalDocument
        {
            JournalVersion = JournalDocument.Format,
            Id = Id,
            App = _app,
            Others = Others,
            Server = _server,
            Publisher = JournalPublisher.This(),
            Created = now,
            Renewed = now,
            Entry = JsonElement.Parse(entry),
        };
        bool created;
        try
        {
            // An answer that was lost makes the repeated call find what the first one created.
            created = await _store.CreateAsync(_folder, _number, document, cancellationToken).ConfigureAwait(false) || await IsOursAsync(document, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // It may have been stored all the same; nothing was applied, so nobody is to complete it.
            await TidyAsync(async () =>
            {
                if (await IsOursAsync(document, CancellationToken.None).ConfigureAwait(false))
                    await _store.DeleteOneAsync(_folder, _number, document.Id, CancellationToken.None).ConfigureAwait(false);
            }, () => "may have been stored all the same, and could not be deleted: the next publish completes what it says").ConfigureAwait(false);
            throw;
        }
        if (!created)
            throw Running(_app, _server, (await _store.FindAsync(_app, tidies: false, cancellationToken).ConfigureAwait(false))?.Who);
        Start(document);
    }

    /// <summary>Where another publish was faster: planning again waits for it, or brings it to its end.</summary>
    public static PlanOutdatedException Running(string app, string server, string? who) => new($"Another publish of '{app}' began to apply at {server} just now{(who is null ? "" : $" ({who})")}.");

    private async Task<bool> IsOursAsync(JournalDocument document, CancellationToken cancellationToken) =>
        (await _store.ReadAsync(_folder, _number, cancellationToken).ConfigureAwait(false))?.Id == document.Id;

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        _lost.Token.ThrowIfCancellationRequested();
        if (_document is null || _held.Elapsed(_environment.Time) < s_trust)
            return;
        try
        {
            await HoldAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException) when (_renewed.Elapsed(_environment.Time) < JournalWatch.Lease - s_pulse)
        {
            // Nobody takes it for dead yet.
        }
        catch (StorageException)
        {
            await _lost.CancelAsync().ConfigureAwait(false);
            _lost.Token.ThrowIfCancellationRequested();
        }
    }

    public async Task ReplaceAsync(string entry, CancellationToken cancellationToken)
    {
        await HoldAsync(cancellationToken).ConfigureAwait(false);
        _isReplaced = true;
        await PutAsync(document => document with { Entry = JsonElement.Parse(entry), Renewed = _environment.Time.GetUtcNow() }, cancellationToken).ConfigureAwait(false);
    }

    public async Task EndAsync(CancellationToken cancellationToken)
    {
        await StopAsync().ConfigureAwait(false);
        if (_document is not { } document)
            return;
        _document = null;
        bool isMarked = false, isGivenUp = false;
        try
        {
            await ForgetAsync().ConfigureAwait(false);
        }
        catch (StorageException)
        {
            // Once more: what stays keeps the next publish from its beginning. It need not wait for this process.
            isGivenUp = true;
            await TidyAsync(ForgetAsync, () => isMarked
                ? "is done with and could not be deleted: the next publish deletes it"
                : "is done with and could be neither deleted nor marked so: delete it, or the next publish completes it once more").ConfigureAwait(false);
        }

        async Task ForgetAsync()
        {
            if (_lost.IsCancellationRequested || !await _store.IsHeldAsync(_folder, _number, document.Id, cancellationToken).ConfigureAwait(false))
            {
                await _store.DeleteStateAsync(_folder, _number, document.Id, cancellationToken).ConfigureAwait(false);
                return;
            }
            try
            {
                // Where it cannot be deleted, or this process is killed before: nobody is to complete what others may have changed since.
                await _store.PutAsync(_folder, _number, document with { Done = true, Released = isGivenUp }, withEntry: false, cancellationToken).ConfigureAwait(false);
                isMarked = true;
            }
            catch (StorageException)
            {
                // A full disk takes no mark, and deletes.
            }
            await _store.DeleteAsync(_folder, _number, document.Id, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives up what was not ended, so that the next one need not wait.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        if (_document is { } document)
        {
            await TidyAsync(async () =>
            {
                if (!_lost.IsCancellationRequested && await _store.IsHeldAsync(_folder, _number, document.Id, CancellationToken.None).ConfigureAwait(false))
                    await PutAsync(one => one with { Released = true }, CancellationToken.None).ConfigureAwait(false);
                else
                    await _store.DeleteStateAsync(_folder, _number, document.Id, CancellationToken.None).ConfigureAwait(false);
            }, () => "could not be given up: others wait for it for two minutes").ConfigureAwait(false);
        }
        _writing.Dispose();
        _lost.Dispose();
        _stop.Dispose();
    }

    private async Task TidyAsync(Func<Task> tidy, Func<string> otherwise)
    {
        try
        {
            await tidy().ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageException or DeployException)
        {
            await _environment.Output.WriteLineAsync($"Sluice: the journal {_store.Shown(_folder, _number)} {otherwise()} ({e.Message})").ConfigureAwait(false);
        }
    }

    /// <summary>Looks whether the journal still is this apply's.</summary>
    /// <exception cref="OperationCanceledException">It is not, and <see cref="Lost"/> says so.</exception>
    private async Task HoldAsync(CancellationToken cancellationToken)
    {
        Moment now = Moment.Of(_environment.Time);
        if (!await _store.IsHeldAsync(_folder, _number, _document!.Id, cancellationToken).ConfigureAwait(false))
            await _lost.CancelAsync().ConfigureAwait(false);
        _lost.Token.ThrowIfCancellationRequested();
        _held = now;
    }

    private void Start(JournalDocument document)
    {
        _document = document;
        _held = _renewed = Moment.Of(_environment.Time);
        _beating = Task.Run(BeatAsync);
    }

    private async Task StopAsync()
    {
        if (!_stop.IsCancellationRequested)
            await _stop.CancelAsync().ConfigureAwait(false);
        // What the beat met is no failure of the apply: others see that no sign of life came, and the next write looks.
        await _beating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(s_pulse, _environment.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                try
                {
                    await HoldAsync(_stop.Token).ConfigureAwait(false);
                    await PutAsync(document => document with { Renewed = _environment.Time.GetUtcNow() }, _stop.Token).ConfigureAwait(false);
                }
                catch (Exception) when (!IsOver() && _renewed.Elapsed(_environment.Time) < JournalWatch.Lease - s_pulse)
                {
                    // Whatever it was: the next one may succeed; until then the last one holds.
                }
                catch (Exception) when (!IsOver())
                {
                    // Others may take it for dead from now on.
                    await _lost.CancelAsync().ConfigureAwait(false);
                    return;
                }
            }
        }
        catch (Exception) when (IsOver())
        {
            // The apply is over, or another's.
        }

        bool IsOver() => _stop.IsCancellationRequested || _lost.IsCancellationRequested;
    }

    private async Task PutAsync(Func<JournalDocument, JournalDocument> change, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Moment now = Moment.Of(_environment.Time);
            JournalDocument next = change(_document!);
            await _store.PutAsync(_folder, _number, next, _isReplaced, cancellationToken).ConfigureAwait(false);
            (_document, _renewed) = (next, now);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>A moment of this process. Some systems stop the one clock while they sleep, and people set the other.</summary>
    private readonly record struct Moment(long Timestamp, DateTimeOffset Time)
    {
        public static Moment Of(TimeProvider time) => new(time.GetTimestamp(), time.GetUtcNow());

        public TimeSpan Elapsed(TimeProvider time) => TimeSpan.FromTicks(Math.Max(time.GetElapsedTime(Timestamp).Ticks, (time.GetUtcNow() - Time).Ticks));
    }
}

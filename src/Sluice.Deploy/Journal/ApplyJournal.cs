using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Deploy.Journal;

/// <summary>The journal of this process's apply. It gives a sign of life now and then, and sees when another publisher took it over.</summary>
internal sealed class ApplyJournal : IApplyJournal, IAsyncDisposable
{
    /// <summary>How often a sign of life is given: a few may fail before the lease is over.</summary>
    private static readonly TimeSpan s_pulse = TimeSpan.FromSeconds(20);

    private readonly JournalStore _store;
    private readonly DeployEnvironment _environment;
    private readonly string _app, _server, _folder;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _lost = new(), _stop = new();
    private JournalDocument? _document;
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
        if ((await store.ReadAsync(found.Folder, found.Number, cancellationToken).ConfigureAwait(false))?.Id != document.Id)
        {
            // The lower numbers are the new one's: only what was created here goes.
            await store.DeleteOneAsync(found.Folder, journal._number, cancellationToken).ConfigureAwait(false);
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
            if (await IsOursAsync(document, CancellationToken.None).ConfigureAwait(false))
                await _store.DeleteOneAsync(_folder, _number, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
        if (!created)
            throw Running(_app, _server, (await _store.FindAsync(_app, cancellationToken).ConfigureAwait(false)).FirstOrDefault()?.Who);
        Start(document);
    }

    /// <summary>What is said where another publish was faster.</summary>
    public static DeployException Running(string app, string server, string? who) => new((DeployCodes.PublishRunning,
        $"Another publish of '{app}' began to apply at {server} just now{(who is null ? "" : $" ({who})")}. Nothing was changed: publish again when it is done."));

    private async Task<bool> IsOursAsync(JournalDocument document, CancellationToken cancellationToken) =>
        (await _store.ReadAsync(_folder, _number, cancellationToken).ConfigureAwait(false))?.Id == document.Id;

    public async Task ReplaceAsync(string entry, CancellationToken cancellationToken) =>
        await PutAsync(document => document with { Entry = JsonElement.Parse(entry), Renewed = _environment.Time.GetUtcNow() }, cancellationToken).ConfigureAwait(false);

    public async Task EndAsync(CancellationToken cancellationToken)
    {
        await StopAsync().ConfigureAwait(false);
        _document = null;
        try
        {
            await _store.DeleteAsync(_folder, _number, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e)
        {
            // All is as it is to be: the next publish finds nothing to do in it, and deletes it.
            await _environment.Output.WriteLineAsync($"Sluice: the journal {_store.Shown(_folder, _number)} is done with and could not be deleted ({e.Message}); the next publish deletes it.").ConfigureAwait(false);
        }
    }

    /// <summary>Gives up what was not ended, so that the next one need not wait.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        if (_document is not null && !_lost.IsCancellationRequested)
        {
            try
            {
                await PutAsync(document => document with { Released = true }, CancellationToken.None).ConfigureAwait(false);
            }
            catch (StorageException e)
            {
                await _environment.Output.WriteLineAsync($"Sluice: the journal {_store.Shown(_folder, _number)} could not be given up ({e.Message}): others wait for it for two minutes.").ConfigureAwait(false);
            }
        }
        _writing.Dispose();
        _lost.Dispose();
        _stop.Dispose();
    }

    private void Start(JournalDocument document)
    {
        _document = document;
        _beating = Task.Run(BeatAsync);
    }

    private async Task StopAsync()
    {
        if (!_stop.IsCancellationRequested)
            await _stop.CancelAsync().ConfigureAwait(false);
        await _beating.ConfigureAwait(false);
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
                    if (await _store.IsTakenAsync(_folder, _number, _stop.Token).ConfigureAwait(false))
                    {
                        await _lost.CancelAsync().ConfigureAwait(false);
                        return;
                    }
                    await PutAsync(document => document with { Renewed = _environment.Time.GetUtcNow() }, _stop.Token).ConfigureAwait(false);
                }
                catch (StorageException) when (_environment.Time.GetUtcNow() - _document!.Renewed < FoundJournal.Lease - s_pulse)
                {
                    // The next one may succeed; until then the last one holds.
                }
                catch (StorageException)
                {
                    // Others may take it for dead from now on.
                    await _lost.CancelAsync().ConfigureAwait(false);
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The apply is over.
        }
    }

    private async Task PutAsync(Func<JournalDocument, JournalDocument> change, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            JournalDocument next = change(_document!);
            await _store.PutAsync(_folder, _number, next, cancellationToken).ConfigureAwait(false);
            _document = next;
        }
        finally
        {
            _writing.Release();
        }
    }
}

using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Deploy.Journal;

/// <summary>
/// The journal of an apply that touches several apps: the first app's folder has the entry, and each other's a document that points to it, so that a publish of any of
/// them waits for it and brings it to its end when it is dead. The entry is the truth: what points to none says nothing, and is deleted.
/// </summary>
/// <param name="store">Where all of them lie.</param>
/// <param name="journal">The journal, in the folder of the first app.</param>
/// <param name="environment">Gives the time, and takes what could not be tidied up.</param>
/// <param name="server">The server's URL.</param>
/// <param name="apps">The app of the journal, then the others.</param>
internal sealed class AppLocks(JournalStore store, ApplyJournal journal, DeployEnvironment environment, string server, IReadOnlyList<string> apps) : IApplyJournal, IAsyncDisposable
{
    private readonly List<string> _locked = [];

    public CancellationToken Lost => journal.Lost;

    public async Task BeginAsync(string entry, CancellationToken cancellationToken)
    {
        DateTimeOffset now = environment.Time.GetUtcNow();
        try
        {
            foreach (string app in apps.Skip(1))
            {
                var document = new JournalDocument
                {
                    JournalVersion = JournalDocument.Format,
                    Id = journal.Id,
                    App = app,
                    Main = apps[0],
                    Server = server,
                    Publisher = JournalPublisher.This(),
                    Created = now,
                    Renewed = now,
                    Entry = JsonElement.Parse("{}"),
                };
                // Taken down before it is asked for: an answer that is lost leaves one all the same.
                _locked.Add(app);
                if (await store.CreateAsync(store.Folder(app), 1, document, cancellationToken).ConfigureAwait(false) || (await ReadAsync(app, cancellationToken).ConfigureAwait(false))?.Id == journal.Id)
                    continue;
                throw ApplyJournal.Running(app, server, (await store.FindAsync(app, tidies: false, cancellationToken).ConfigureAwait(false))?.Who);
            }
            await journal.BeginAsync(entry, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await FreeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public Task CheckAsync(CancellationToken cancellationToken) => journal.CheckAsync(cancellationToken);

    public Task ReplaceAsync(string entry, CancellationToken cancellationToken) => journal.ReplaceAsync(entry, cancellationToken);

    public async Task EndAsync(CancellationToken cancellationToken)
    {
        await journal.EndAsync(cancellationToken).ConfigureAwait(false);
        await FreeAsync().ConfigureAwait(false);
    }

    /// <summary>Gives up what was not ended: the journal alone says then what becomes of it.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (string app in _locked)
        {
            await TidyAsync(store, app, environment, "others wait for it for two minutes", async () =>
            {
                if (await ReadAsync(app, CancellationToken.None).ConfigureAwait(false) is { } document && document.Id == journal.Id)
                    await store.PutAsync(store.Folder(app), 1, document with { Released = true }, withEntry: false, CancellationToken.None).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes what points to a journal that is done with.</summary>
    public static Task FreeAsync(JournalStore store, JournalDocument journal, DeployEnvironment environment) => FreeAsync(store, journal.Id, journal.Others ?? [], environment);

    private async Task FreeAsync()
    {
        await FreeAsync(store, journal.Id, _locked, environment).ConfigureAwait(false);
        _locked.Clear();
    }

    // What points to no journal is deleted by the next publish, too.
    private static async Task FreeAsync(JournalStore store, Guid id, IEnumerable<string> apps, DeployEnvironment environment)
    {
        foreach (string app in apps)
        {
            await TidyAsync(store, app, environment, $"the next publish of '{app}' deletes it", async () =>
            {
                if ((await store.ReadAsync(store.Folder(app), 1, CancellationToken.None).ConfigureAwait(false))?.Id == id)
                    await store.DeleteOneAsync(store.Folder(app), 1, id, CancellationToken.None).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
    }

    private static async Task TidyAsync(JournalStore store, string app, DeployEnvironment environment, string otherwise, Func<Task> tidy)
    {
        try
        {
            await tidy().ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageException or DeployException)
        {
            await environment.Output.WriteLineAsync($"Sluice: {store.Shown(store.Folder(app), 1)} is done with and could not be given up ({e.Message}); {otherwise}.").ConfigureAwait(false);
        }
    }

    private Task<JournalDocument?> ReadAsync(string app, CancellationToken cancellationToken) => store.ReadAsync(store.Folder(app), 1, cancellationToken);
}

using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Deploy.Journal;

/// <summary>
/// How everything is applied: with a journal where the server has no transactions, and after what an interrupted apply to the same apps left is completed or undone.
/// </summary>
/// <param name="environment">Its surroundings.</param>
/// <param name="server">What the server is; null for the embedded API, and where nothing is applied.</param>
internal sealed class JournaledApplies(DeployEnvironment environment, ApiInfo? server)
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    /// <summary>How long another publish of the app is waited for: longer than it takes to see that its publisher is dead.</summary>
    private static readonly TimeSpan s_patience = JournalWatch.Lease + TimeSpan.FromMinutes(1);

    private bool IsNeeded => server is { IsSluice: false };

    /// <summary>Completes or undoes what is left, before anything is read. A plan tells of it only.</summary>
    /// <param name="api">The server; null where nothing is applied.</param>
    /// <param name="places">The apps that are touched.</param>
    /// <param name="planOnly">Whether nothing may be changed.</param>
    /// <param name="warnings">Takes what a plan found.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>Whether anything was waited for, completed or undone: what was read before is to be read again.</returns>
    /// <exception cref="DeployException">It cannot be, or another publish of the app runs.</exception>
    public async Task<bool> RecoverAsync(IOrchestrationApi? api, IEnumerable<AppPlace> places, bool planOnly, List<(string Code, string Message)> warnings, CancellationToken cancellationToken)
    {
        bool changed = false;
        foreach (IGrouping<Uri, AppPlace> store in IsNeeded && api is not null ? places.Distinct().GroupBy(place => place.Store) : [])
        {
            await using var journals = new JournalStore(PackageStores.Open(store.Key, environment.Sources), server!.Location);
            foreach (AppPlace place in store)
                changed |= await RecoverAsync(api!, journals, place.App, planOnly, warnings, cancellationToken).ConfigureAwait(false);
        }
        return changed;
    }

    private async Task<bool> RecoverAsync(IOrchestrationApi api, JournalStore journals, string app, bool planOnly, List<(string Code, string Message)> warnings, CancellationToken cancellationToken)
    {
        long began = environment.Time.GetTimestamp();
        bool changed = false, told = false;
        var watch = new JournalWatch(environment.Time);
        while (await journals.FindAsync(app, !planOnly, cancellationToken).ConfigureAwait(false) is { } left
            && await MeantAsync(journals, environment, left, watch, !planOnly, cancellationToken).ConfigureAwait(false) is { } found)
        {
            PublisherLife life = watch.Look(found);
            if (planOnly)
            {
                warnings.Add((life == PublisherLife.Dead ? DeployCodes.ApplyLeft : DeployCodes.PublishRunning, life != PublisherLife.Dead
                    ? $"A publish of '{app}' applies at {server!.Location} right now{(life == PublisherLife.Unknown ? ", or was interrupted on another machine" : "")} ({found.Who}): what is planned here may be another thing in a moment."
                    : $"A publish of '{app}' at {server!.Location} was interrupted ({found.Who}), and is planned here as it was left: the next publish, or {Recover(journals)}, completes or undoes it first."));
                return false;
            }
            changed = true;
            if (life == PublisherLife.Dead)
            {
                if (await RecoveredApply.OfAsync(journals, environment, api, found, null, cancellationToken).ConfigureAwait(false) is { } recovered)
                    await environment.Output.WriteLineAsync($"Sluice: {recovered}").ConfigureAwait(false);
                continue;
            }
            if (environment.Time.GetElapsedTime(began) > s_patience)
            {
                throw new DeployException((DeployCodes.PublishRunning,
                    $"Another publish of '{app}' applies at {server!.Location} ({found.Who}), and was not done after {s_patience.TotalMinutes:0} minutes. Nothing was changed: publish again when it is done. "
                    + $"Its journal: {journals.Shown(found.Folder, found.Number)}"));
            }
            if (!told)
                await environment.Output.WriteLineAsync($"Sluice: waiting for another publish of '{app}' ({found.Who}){(life == PublisherLife.Unknown ? JournalWatch.Hint : "")} …").ConfigureAwait(false);
            told = true;
            await Task.Delay(s_look, environment.Time, cancellationToken).ConfigureAwait(false);
        }
        return changed;
    }

    /// <summary>Applies, whole or not at all.</summary>
    /// <param name="api">The server.</param>
    /// <param name="places">The apps that are touched: the first one's store gets the journal, in the folder of the app whose name sorts first, and a lock for each other, so that publishes of any of them wait.</param>
    /// <param name="changes">What is changed.</param>
    /// <param name="cancellationToken">Stops it; what was written is undone.</param>
    /// <exception cref="DeployException">It failed, and what was written could not be undone.</exception>
    /// <exception cref="PlanOutdatedException">Another publish of one of the apps began first; nothing was changed.</exception>
    public async Task<IReadOnlyList<DeploymentApplied>> ApplyAsync(IOrchestrationApi api, IReadOnlyList<AppPlace> places, DeploymentChanges changes, CancellationToken cancellationToken)
    {
        if (!IsNeeded || changes.IsEmpty)
            return await api.ApplyAsync(changes, cancellationToken).ConfigureAwait(false);
        await using var journals = new JournalStore(PackageStores.Open(places[0].Store, environment.Sources), server!.Location);
        // In one order, so that of two that touch the same apps one is first everywhere.
        string[] apps = [.. places.Select(place => place.App).DistinctBy(journals.Folder).Order(StringComparer.Ordinal)];
        await using var journal = new ApplyJournal(journals, environment, apps[0], server.Location) { Others = apps.Length == 1 ? null : apps[1..] };
        await using AppLocks? others = apps.Length == 1 ? null : new(journals, journal, environment, server.Location, apps);
        try
        {
            return await api.ApplyAsync(changes, (IApplyJournal?)others ?? journal, cancellationToken).ConfigureAwait(false);
        }
        catch (OrchestrationException e) when (e.Undo == ApplyUndo.Left)
        {
            throw new DeployException((DeployCodes.ApplyLeft, journal.Lost.IsCancellationRequested ? e.Message : $"{e.Message} The next publish, or {Recover(journals)}, completes or undoes it first."));
        }
    }

    /// <summary>What a journal that was found means: itself; the one that it points to; null where it means nothing any more, and is deleted unless it is only looked at.</summary>
    /// <exception cref="DeployException">It cannot be deleted.</exception>
    internal static async Task<FoundJournal?> MeantAsync(JournalStore journals, DeployEnvironment environment, FoundJournal found, JournalWatch watch, bool tidies, CancellationToken cancellationToken)
    {
        if (found.Document.Done)
        {
            if (watch.Look(found) != PublisherLife.Dead)
                return found; // it is being deleted
            if (tidies)
                await DeleteAsync(journals, found, cancellationToken).ConfigureAwait(false);
            return null;
        }
        if (found.Document.Main is null)
            return found;
        if (await journals.FindAsync(found.Document.Main, tidies, cancellationToken).ConfigureAwait(false) is { Document.Done: false } main && main.Document.Id == found.Document.Id)
            return main;
        // Its publisher is about to begin or to end.
        if (watch.Look(found) != PublisherLife.Dead)
            return found;
        if (tidies && await ApplyJournal.TakeOverAsync(journals, environment, found, cancellationToken).ConfigureAwait(false) is { } taken)
        {
            await using (taken.ConfigureAwait(false))
                await taken.EndAsync(CancellationToken.None).ConfigureAwait(false);
        }
        return null;
    }

    private static async Task DeleteAsync(JournalStore journals, FoundJournal done, CancellationToken cancellationToken)
    {
        try
        {
            await journals.DeleteAsync(done.Folder, done.Number, done.Document.Id, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e)
        {
            throw new DeployException((DeployCodes.StorageFailed,
                $"The journal of a publish that came to its end cannot be deleted: {journals.Shown(done.Folder, done.Number)}. Publishing to Prefect servers needs credentials that may delete under {JournalStore.Prefix}; delete it, and publish again. ({e.Message})"));
        }
    }

    private string Recover(JournalStore journals) =>
        $"{environment.Command} deploy recover{(journals.Location == StoreUri.OfFolder(environment.Home.Storage) ? "" : $" --storage '{StorageLocation.Shown(journals.Location)}'")}";
}

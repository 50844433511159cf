using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Deploy.Journal;

/// <summary>Applies changes with a journal where the server has no transactions, and first completes or undoes what an interrupted publish of the same app left.</summary>
/// <param name="environment">Its surroundings.</param>
/// <param name="server">What the server is; null for the embedded API, and where nothing is applied.</param>
/// <param name="store">The store that the journal lies in: that of the records.</param>
/// <param name="app">The app.</param>
internal sealed class JournaledApplies(DeployEnvironment environment, ApiInfo? server, Uri store, string app)
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    /// <summary>How long another publish of the app is waited for.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private bool IsNeeded => server is { IsSluice: false };

    public static JournaledApplies Of(DeployEnvironment environment, DeployRequest request, IDeploySource source, string app, ApiInfo? server) =>
        new(environment, server, VersionWriter.Find(request.Records, source.Flows.SelectMany(flow => flow.Deployments).Select(declared => declared.Storage ?? request.Storage)) ?? StoreUri.OfFolder(environment.Home.Storage), app);

    /// <summary>Completes or undoes what is left, before anything is read. A plan tells of it only.</summary>
    /// <param name="api">The server; null where nothing is applied.</param>
    /// <param name="planOnly">Whether nothing may be changed.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>A warning, where a plan found something.</returns>
    /// <exception cref="DeployException">It cannot be, or another publish of the app runs.</exception>
    public async Task<IReadOnlyList<(string Code, string Message)>> RecoverAsync(IOrchestrationApi? api, bool planOnly, CancellationToken cancellationToken)
    {
        if (!IsNeeded || api is null)
            return [];
        await using var journals = new JournalStore(PackageStores.Open(store, environment.Sources), server!.Location);
        long began = environment.Time.GetTimestamp();
        bool told = false;
        while ((await journals.FindAsync(app, cancellationToken).ConfigureAwait(false)).FirstOrDefault() is { } found)
        {
            bool alive = found.IsAlive(environment.Time);
            if (planOnly)
            {
                return [(alive ? DeployCodes.PublishRunning : DeployCodes.ApplyLeft, alive
                    ? $"A publish of '{app}' applies at {server.Location} right now ({found.Who}): what is planned here may be another thing in a moment."
                    : $"A publish of '{app}' at {server.Location} was interrupted ({found.Who}), and is planned here as it was left: the next publish, or {Recover(journals)}, completes or undoes it first.")];
            }
            if (!alive)
            {
                if (await RecoveredApply.OfAsync(journals, environment, api, found, null, cancellationToken).ConfigureAwait(false) is { } recovered)
                    await environment.Output.WriteLineAsync($"Sluice: {recovered}").ConfigureAwait(false);
                continue;
            }
            if (environment.Time.GetElapsedTime(began) > s_patience)
            {
                throw new DeployException((DeployCodes.PublishRunning,
                    $"Another publish of '{app}' applies at {server.Location} ({found.Who}), and was not done after {s_patience.TotalMinutes:0} minutes. Nothing was changed: publish again when it is done. "
                    + $"Where that process is gone, wait two minutes after its last sign of life: {journals.Shown(found.Folder, found.Number)}"));
            }
            if (!told)
                await environment.Output.WriteLineAsync($"Sluice: waiting for another publish of '{app}' ({found.Who}) …").ConfigureAwait(false);
            told = true;
            await Task.Delay(s_look, environment.Time, cancellationToken).ConfigureAwait(false);
        }
        return [];
    }

    /// <summary>Applies, whole or not at all.</summary>
    /// <param name="api">The server.</param>
    /// <param name="changes">What is changed.</param>
    /// <param name="cancellationToken">Stops it; what was written is undone.</param>
    /// <exception cref="DeployException">It failed, and what was written could not be undone.</exception>
    public async Task<IReadOnlyList<DeploymentApplied>> ApplyAsync(IOrchestrationApi api, DeploymentChanges changes, CancellationToken cancellationToken)
    {
        if (!IsNeeded)
            return await api.ApplyAsync(changes, cancellationToken).ConfigureAwait(false);
        await using var journals = new JournalStore(PackageStores.Open(store, environment.Sources), server!.Location);
        await using var journal = new ApplyJournal(journals, environment, app, server.Location);
        try
        {
            return await api.ApplyAsync(changes, journal, cancellationToken).ConfigureAwait(false);
        }
        catch (OrchestrationException e) when (e.Undo == ApplyUndo.Left)
        {
            throw new DeployException((DeployCodes.ApplyLeft, $"{e.Message} The next publish undoes it first, or {Recover(journals)}."));
        }
    }

    private string Recover(JournalStore journals) =>
        $"{environment.Command} deploy recover{(journals.Location == StoreUri.OfFolder(environment.Home.Storage) ? "" : $" --storage '{StorageLocation.Shown(journals.Location)}'")}";
}

using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Deploy.Journal;

/// <summary>Completes or undoes the publishes to a server that were interrupted: <c>sluice deploy recover</c>.</summary>
/// <param name="environment">Its surroundings.</param>
public sealed class DeployRecovery(DeployEnvironment environment)
{
    /// <summary>What the keys of journals in a store begin with.</summary>
    public const string Journals = JournalStore.Prefix;

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    /// <summary>Whether a key in a store is a journal's, and not what a publisher left beside one.</summary>
    /// <param name="key">The key.</param>
    public static bool IsJournal(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return JournalStore.IsJournal(key);
    }

    /// <summary>Does it for every journal of the server in a store.</summary>
    /// <param name="storage">The store that packages were published to, as a user wrote it; null for the home's.</param>
    /// <param name="complete">True to complete, false to undo; null to complete unless undoing had begun or somebody changed what is touched.</param>
    /// <param name="cancellationToken">Cancels it; the journals stay.</param>
    /// <returns>What became of each, and the errors of those that could not be recovered.</returns>
    public async Task<(IReadOnlyList<RecoveredApply> Applies, IReadOnlyList<DeployError> Errors)> RunAsync(string? storage, bool? complete, CancellationToken cancellationToken)
    {
        var applies = new List<RecoveredApply>();
        var errors = new List<DeployError>();
        try
        {
            DeployTarget target = await environment.OpenApiAsync(cancellationToken).ConfigureAwait(false);
            await using (target.Api.ConfigureAwait(false))
            {
                if (target.IsLocal || await target.Api.GetInfoAsync(cancellationToken).ConfigureAwait(false) is not { IsSluice: false } server)
                    return (applies, errors); // it has transactions, and nothing to recover
                Uri location = storage is { Length: > 0 } ? StorageLocation.Parse(storage) : StoreUri.OfFolder(environment.Home.Storage);
                await using var journals = new JournalStore(PackageStores.Open(location, environment.Sources), server.Location);
                await RunAsync(journals, target.Api, complete, applies, errors, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (Failures.Explain(e, environment.Home) is { } explained)
        {
            errors.AddRange(explained.Select(error => new DeployError(error.Code, error.Message, "sluice")));
        }
        return (applies, errors);
    }

    private async Task RunAsync(JournalStore journals, IOrchestrationApi api, bool? complete, List<RecoveredApply> applies, List<DeployError> errors, CancellationToken cancellationToken)
    {
        var watch = new JournalWatch(environment.Time);
        bool told = false;
        IReadOnlyDictionary<string, int> left = await journals.ListAsync(cancellationToken).ConfigureAwait(false);
        while (left.Count > 0)
        {
            var unknown = new SortedDictionary<string, int>(StringComparer.Ordinal);
            var found = new List<FoundJournal>();
            foreach ((string folder, int number) in left)
            {
                await EachAsync(async () =>
                {
                    if (await journals.FindAsync(folder, number, tidies: true, cancellationToken).ConfigureAwait(false) is { } one)
                        found.Add(one);
                }).ConfigureAwait(false);
            }
            // What points to another journal goes with it.
            foreach (FoundJournal one in found.OrderBy(one => one.Document.Main is not null))
            {
                await EachAsync(async () =>
                {
                    if (await JournaledApplies.MeantAsync(journals, environment, one, watch, tidies: true, cancellationToken).ConfigureAwait(false) is not { } meant)
                        return;
                    if (one.Document.Main is not null)
                    {
                        if (meant.Document.Main is not null && watch.Look(one) == PublisherLife.Unknown)
                            unknown[one.Folder] = one.Number;
                        return;
                    }
                    PublisherLife life = watch.Look(one);
                    if (life == PublisherLife.Unknown)
                        unknown[one.Folder] = one.Number;
                    else if (life == PublisherLife.Dead && await RecoveredApply.OfAsync(journals, environment, api, one, complete, cancellationToken).ConfigureAwait(false) is { } recovered)
                        applies.Add(recovered);
                    else
                        applies.Add(new() { App = one.Document.App, Outcome = "running", Publisher = one.Document.Publisher.ToString(), Began = one.Document.Created });
                }).ConfigureAwait(false);
            }
            if (unknown.Count > 0 && !told)
            {
                FoundJournal first = found.First(one => unknown.ContainsKey(one.Folder));
                await environment.Output.WriteLineAsync($"Sluice: looking whether {(unknown.Count == 1 ? $"a publish of '{first.Document.App}' runs ({first.Who})" : $"{unknown.Count} publishes run")}{JournalWatch.Hint} …").ConfigureAwait(false);
                told = true;
            }
            left = unknown;
            if (left.Count > 0)
                await Task.Delay(s_look, environment.Time, cancellationToken).ConfigureAwait(false);
        }

        // One that cannot be read or recovered keeps nobody else's from it.
        async Task EachAsync(Func<Task> act)
        {
            try
            {
                await act().ConfigureAwait(false);
            }
            catch (DeployException e)
            {
                errors.AddRange(e.Errors.Select(error => new DeployError(error.Code, error.Message, "sluice")));
            }
            catch (StorageException e) when (Failures.Explain(e, environment.Home) is { } explained)
            {
                errors.AddRange(explained.Select(error => new DeployError(error.Code, error.Message, "sluice")));
            }
        }
    }
}

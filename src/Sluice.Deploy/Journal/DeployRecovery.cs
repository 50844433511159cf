using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Deploy.Journal;

/// <summary>Completes or undoes the publishes to a server that were interrupted: <c>sluice deploy recover</c>.</summary>
/// <param name="environment">Its surroundings.</param>
public sealed class DeployRecovery(DeployEnvironment environment)
{
    /// <summary>What the keys of journals in a store begin with.</summary>
    public const string Journals = JournalStore.Prefix;

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
                IReadOnlyList<FoundJournal> all = await journals.FindAsync(null, cancellationToken).ConfigureAwait(false);
                foreach (FoundJournal found in all.OrderBy(one => one.Document.Main is not null))
                {
                    try
                    {
                        if (found.Document.Main is not null)
                        {
                            // It goes with the journal that it points to.
                            await JournaledApplies.LockedAsync(journals, found, environment.Time, cancellationToken).ConfigureAwait(false);
                            continue;
                        }
                        if (!found.IsAlive(environment.Time) && await RecoveredApply.OfAsync(journals, environment, target.Api, found, complete, cancellationToken).ConfigureAwait(false) is { } recovered)
                            applies.Add(recovered);
                        else
                            applies.Add(new() { App = found.Document.App, Outcome = "running", Publisher = found.Document.Publisher.ToString(), Began = found.Document.Created });
                    }
                    catch (DeployException e)
                    {
                        // The others are recovered all the same.
                        errors.AddRange(e.Errors.Select(error => new DeployError(error.Code, error.Message, "sluice")));
                    }
                }
            }
        }
        catch (Exception e) when (Failures.Explain(e, environment.Home) is { } explained)
        {
            errors.AddRange(explained.Select(error => new DeployError(error.Code, error.Message, "sluice")));
        }
        return (applies, errors);
    }
}

using Sluice.Deploy.Ownership;
using Sluice.Deploy.Versions;
using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Deploy.Journal;

/// <summary>
/// Applies what no publish plans (what is pruned, served or copied) as a publish applies: after a running publish of the same apps, after what an interrupted one left is
/// completed or undone, and with a journal where the server has no transactions, so that a kill leaves what <c>sluice deploy recover</c> or the next publish brings to its end.
/// </summary>
/// <param name="api">The server.</param>
/// <param name="environment">Its surroundings; the API that they open is not asked.</param>
public sealed class JournaledChanges(IOrchestrationApi api, DeployEnvironment environment)
{
    private const int Attempts = 3;

    /// <summary>Whether journals lie in the home alone, and not where the publishes of the live deployments keep theirs: for whoever has no credentials for those.</summary>
    public bool OnlyHome { get; init; }

    /// <summary>Waits for publishes that run, and completes or undoes those that were interrupted.</summary>
    /// <param name="live">The deployments that are to be changed, as they were read.</param>
    /// <param name="app">The app of those without a mark, and of new ones.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>Whether there was any: what was read is to be read again.</returns>
    /// <exception cref="OrchestrationException">A publish does not come to its end, or cannot be recovered.</exception>
    /// <exception cref="StorageException">The journals cannot be read.</exception>
    public Task<bool> RecoverAsync(IEnumerable<Deployment> live, string app, CancellationToken cancellationToken) =>
        DoAsync(live, app, async (applies, places) => await applies.RecoverAsync(api, places, planOnly: false, [], cancellationToken).ConfigureAwait(false), cancellationToken);

    /// <summary>Applies, whole or not at all.</summary>
    /// <param name="changes">What.</param>
    /// <param name="live">As for <see cref="RecoverAsync"/>.</param>
    /// <param name="app">As for <see cref="RecoverAsync"/>.</param>
    /// <param name="cancellationToken">Stops it; what was written is undone.</param>
    /// <exception cref="OrchestrationException">The API refuses; of kind Conflict where something is not as it was seen.</exception>
    /// <exception cref="StorageException">The journal cannot be written; nothing was changed.</exception>
    public Task<IReadOnlyList<DeploymentApplied>> ApplyAsync(DeploymentChanges changes, IEnumerable<Deployment> live, string app, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return DoAsync(live, app, async (applies, places) =>
        {
            for (int attempt = 1; ; attempt++)
            {
                await applies.RecoverAsync(api, places, planOnly: false, [], cancellationToken).ConfigureAwait(false);
                try
                {
                    return await applies.ApplyAsync(api, places, changes, cancellationToken).ConfigureAwait(false);
                }
                catch (PlanOutdatedException e) when (attempt < Attempts)
                {
                    await environment.Output.WriteLineAsync($"Sluice: {e.Message} Looking again.").ConfigureAwait(false);
                }
                catch (PlanOutdatedException e)
                {
                    throw new DeployException((DeployCodes.PublishRunning, $"{e.Message} That was so {Attempts} times. Nothing was changed: try again when it is done."));
                }
            }
        }, cancellationToken);
    }

    private async Task<T> DoAsync<T>(IEnumerable<Deployment> live, string app, Func<JournaledApplies, IReadOnlyList<AppPlace>, Task<T>> act, CancellationToken cancellationToken)
    {
        ApiInfo server = await api.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        await using var records = new VersionRecords(environment.Sources, VersionRecords.Stores(environment.Variable(VersionRecords.StoresVariable)));
        Uri home = StoreUri.OfFolder(environment.Home.Storage);
        AppPlace[] places = [.. live.Select(one => new AppPlace(OwnerMark.Of(one)?.App ?? app, OnlyHome ? home : records.StoreOfLive(one) ?? home)).DefaultIfEmpty(new(app, home)).Distinct()];
        try
        {
            return await act(new(environment, server), places).ConfigureAwait(false);
        }
        catch (DeployException e)
        {
            throw new OrchestrationException(OrchestrationErrorKind.Unavailable, e.Message, e) { Undo = e.Errors[0].Code == DeployCodes.ApplyLeft ? ApplyUndo.Left : null };
        }
    }
}

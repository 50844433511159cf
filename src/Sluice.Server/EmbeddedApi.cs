using Sluice.Orchestration;
using Sluice.Server.Store;

namespace Sluice.Server;

/// <summary>Opens the embedded API: the SQLite database of a home folder.</summary>
public static class EmbeddedApi
{
    /// <summary>Opens the database, creating or migrating it first. Several processes may have it open at once.</summary>
    /// <exception cref="OrchestrationException">
    /// Of kind Storage: the home cannot be written, the disk is full, the database is damaged or newer. Of kind Unavailable: another process holds it
    /// for more than 30 seconds.
    /// </exception>
    public static async Task<IOrchestrationApi> OpenAsync(SluiceHome home, TimeProvider time, CancellationToken cancellationToken) =>
        await EmbeddedStore.OpenAsync(home, time, cancellationToken).ConfigureAwait(false);
}

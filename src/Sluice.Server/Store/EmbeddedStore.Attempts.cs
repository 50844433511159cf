namespace Sluice.Server.Store;

internal sealed partial class EmbeddedStore : IRunAttempts
{
    public Task<bool> HoldsAsync(Guid flowRunId, Guid attempt, CancellationToken cancellationToken) =>
        Read(scope => Attempts.Holds(scope, flowRunId, attempt), cancellationToken);
}

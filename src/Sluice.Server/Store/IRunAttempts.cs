namespace Sluice.Server.Store;

/// <summary>Tells living attempts of runs from dead ones.</summary>
internal interface IRunAttempts
{
    /// <summary>Whether the run is this attempt's.</summary>
    Task<bool> HoldsAsync(Guid flowRunId, Guid attempt, CancellationToken cancellationToken);
}

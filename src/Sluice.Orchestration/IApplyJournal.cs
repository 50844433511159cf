namespace Sluice.Orchestration;

/// <summary>
/// Keeps, outside the process, what an apply needs to be completed or undone after a kill. Servers of Prefect have no transactions; Sluice's own has, and no
/// journal is opened for it.
/// </summary>
/// <remarks>An entry is text that only <see cref="Http.HttpOrchestrationApi"/> reads. It holds the deployments as the server answered them and as they are to be, and no credentials.</remarks>
public interface IApplyJournal
{
    /// <summary>Cancelled when somebody else took the entry over: then nothing more may be written to the server.</summary>
    CancellationToken Lost { get; }

    /// <summary>Keeps the entry before the first write; when it returns, the entry outlives a power failure.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task BeginAsync(string entry, CancellationToken cancellationToken);

    /// <summary>Called before each write to the server: a process that slept may have been taken for dead meanwhile.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="OperationCanceledException">Somebody else took the entry over, as <see cref="Lost"/> says: nothing may be written.</exception>
    Task CheckAsync(CancellationToken cancellationToken);

    /// <summary>Puts another entry in the place of the one that is kept.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task ReplaceAsync(string entry, CancellationToken cancellationToken);

    /// <summary>Forgets the entry: all is as it is to be, or as it was.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task EndAsync(CancellationToken cancellationToken);
}

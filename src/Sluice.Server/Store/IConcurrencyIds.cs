using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>Concurrency limits by id or name in one path segment, as Prefect's routes take them.</summary>
internal interface IConcurrencyIds
{
    Task<GlobalConcurrencyLimit?> FindConcurrencyLimitAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Answers false where it does not exist.</summary>
    Task<bool> UpdateConcurrencyLimitAsync(Guid id, ConcurrencyLimitUpdate update, CancellationToken cancellationToken);

    /// <summary>Answers false where it does not exist.</summary>
    Task<bool> DeleteConcurrencyLimitAsync(Guid id, CancellationToken cancellationToken);
}

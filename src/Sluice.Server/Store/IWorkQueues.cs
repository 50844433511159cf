using Sluice.Orchestration;
using Sluice.Server.Http;

namespace Sluice.Server.Store;

/// <summary>Work queues whatever their pool, as the legacy routes of Prefect address them.</summary>
internal interface IWorkQueues
{
    /// <summary>Reads a queue by id.</summary>
    Task<WorkQueue?> ReadWorkQueueAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Lists the queues of all pools.</summary>
    Task<IReadOnlyList<WorkQueue>> ListWorkQueuesAsync(WorkQueuesQuery query, CancellationToken cancellationToken);

    /// <summary>Forgets a worker of a pool. Answers false where there is none.</summary>
    Task<bool> DeleteWorkerAsync(string poolName, string name, CancellationToken cancellationToken);
}

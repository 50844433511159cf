using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Server.Http;

namespace Sluice.Server.Store;

/// <summary>What only Prefect's clients ask for.</summary>
internal sealed partial class EmbeddedStore : IWorkQueues, IFlowRunDetails
{
    public Task<WorkQueue?> ReadWorkQueueAsync(Guid id, CancellationToken cancellationToken) => Read(scope => WorkQueues.Read(scope, id), cancellationToken);

    public Task<IReadOnlyList<WorkQueue>> ListWorkQueuesAsync(WorkQueuesQuery query, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<WorkQueue>>(scope => WorkQueues.List(scope, query), cancellationToken);

    public Task<bool> DeleteWorkerAsync(string poolName, string name, CancellationToken cancellationToken) =>
        Write(scope => WorkPools.DeleteWorker(scope, poolName, name), cancellationToken);

    public Task UpdateFlowRunLabelsAsync(Guid id, IReadOnlyDictionary<string, JsonElement> labels, CancellationToken cancellationToken) =>
        Write(scope => FlowRuns.UpdateLabels(scope, id, labels), cancellationToken);

    public Task<State?> ReadFlowRunStateAsync(Guid stateId, CancellationToken cancellationToken) =>
        Read(scope => FlowRunStates.Read(scope, stateId), cancellationToken);
}

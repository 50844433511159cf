using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Store;

/// <summary>What Prefect's clients read and change of a flow run beside the run itself.</summary>
internal interface IFlowRunDetails
{
    /// <summary>Lays labels over those of a run.</summary>
    Task UpdateFlowRunLabelsAsync(Guid id, IReadOnlyDictionary<string, JsonElement> labels, CancellationToken cancellationToken);

    /// <summary>Reads one state of any run by its own id.</summary>
    Task<State?> ReadFlowRunStateAsync(Guid stateId, CancellationToken cancellationToken);
}

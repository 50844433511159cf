using System.Text.Json;
using Sluice.Deploy.Planning;
using Sluice.Deploy.Planning.Merge;
using Sluice.Orchestration;

namespace Sluice.Deploy.Files;

/// <summary>The storage blocks that files of Prefect name, on Prefect 2: there a deployment has the block's id, and on other servers pull steps, which the merge compares.</summary>
internal static class StorageBlocks
{
    /// <summary>Adds a change of the block to what the merge found.</summary>
    /// <param name="planned">The merged deployments.</param>
    /// <param name="api">The API; null where nothing is applied.</param>
    /// <param name="server">What it is; null for Sluice's own.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    public static async Task<PlannedDeployment[]> CompareAsync(PlannedDeployment[] planned, IOrchestrationApi? api, ApiInfo? server, CancellationToken cancellationToken)
    {
        if (api is null || server is not { IsPrefect2: true })
            return planned;
        PlannedDeployment[] result = [.. planned];
        for (int i = 0; i < planned.Length; i++)
        {
            if (planned[i] is not { Live: { } live, Merged: { } merged, Blocks: { } blocks })
                continue;
            if (blocks.Storage?.Split('/', 2) is [var type, var name])
            {
                Guid? wanted = (await api.FindBlockDocumentAsync(type, name, includeSecrets: false, cancellationToken).ConfigureAwait(false))?.Id;
                if (wanted is not null && wanted == live.StorageBlockId)
                    continue;
            }
            else if (blocks.HasNoStorage && live.StorageBlockId is not null)
                merged = merged with { Cleared = [.. merged.Cleared, "storage_document_id"] };
            else
                continue;
            merged = merged with
            {
                Fields = [.. merged.Fields, new() { Path = "storage", Code = blocks.Storage is { } block ? Text(block) : null, Live = await NameAsync(live, api, cancellationToken).ConfigureAwait(false), Class = FieldClass.CodeChanged, Decision = FieldDecision.Code }],
            };
            result[i] = planned[i] with { Merged = merged, Fields = merged.Fields };
        }
        return result;
    }

    private static async Task<JsonElement?> NameAsync(Deployment live, IOrchestrationApi api, CancellationToken cancellationToken) =>
        live.StorageBlockId is not { } id ? null
        : await api.ReadBlockDocumentAsync(id, includeSecrets: false, cancellationToken).ConfigureAwait(false) is { Name: { } name } block ? Text($"{block.BlockType?.Slug}/{name}")
        : Text(id.ToString());

    private static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text, DeployJson.Default.String);
}

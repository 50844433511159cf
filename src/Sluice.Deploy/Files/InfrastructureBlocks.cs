using System.Text.Json;
using Sluice.Deploy.Planning;
using Sluice.Deploy.Planning.Merge;
using Sluice.Orchestration;
using Sluice.Orchestration.Http;
using Sluice.Orchestration.Http.Prefect2;

namespace Sluice.Deploy.Files;

/// <summary>
/// The infrastructure that files say field by field, on Prefect 2: there the agents' pools have it as an anonymous block of the deployment, which is compared with the file.
/// What the block's <c>env</c> and <c>command</c> say is among the job variables and merged as those are.
/// </summary>
internal static class InfrastructureBlocks
{
    /// <summary>Adds the changed fields to what the merge found.</summary>
    /// <param name="planned">The merged deployments.</param>
    /// <param name="api">The API; null where nothing is applied.</param>
    /// <param name="server">What it is; null for Sluice's own.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    public static async Task<PlannedDeployment[]> CompareAsync(PlannedDeployment[] planned, IOrchestrationApi? api, ApiInfo? server, CancellationToken cancellationToken)
    {
        if (server is not { IsPrefect2: true } || api is not HttpOrchestrationApi http)
            return planned;
        PlannedDeployment[] result = [.. planned];
        for (int i = 0; i < planned.Length; i++)
        {
            if (planned[i] is not { Live.InfrastructureBlockId: { } id, Merged: { } merged, Blocks.Infrastructure: { } said, Declared: var declared }
                || !await Prefect2Infrastructure.IsForAgentsAsync(http, merged.Body.WorkPoolName, cancellationToken).ConfigureAwait(false)
                || await api.ReadBlockDocumentAsync(id, includeSecrets: false, cancellationToken).ConfigureAwait(false) is not { } live)
                continue;
            var mask = new FieldMask();
            FieldChange[] changes = [.. Prefect2BlockData.Differences(declared.Infrastructure, said, merged.Body.JobVariables, live).Select(name => new FieldChange
            {
                Path = $"infrastructure.{name}",
                Code = Shown(mask, name, said.TryGetValue(name, out JsonElement code) ? code : Text(Prefect2Infrastructure.KindOf(declared.Infrastructure))),
                Live = Shown(mask, name, live.Data.TryGetValue(name, out JsonElement there) ? there : name == "type" ? Text(live.BlockType?.Slug) : null),
                Class = FieldClass.CodeChanged,
                Decision = FieldDecision.Code,
            })];
            if (changes.Length == 0)
                continue;
            merged = merged with { Fields = [.. merged.Fields, .. changes] };
            result[i] = planned[i] with { Merged = merged, Fields = merged.Fields };
        }
        return result;
    }

    private static JsonElement? Shown(FieldMask mask, string name, JsonElement? value) =>
        value is { ValueKind: JsonValueKind.Null } ? null : mask.Of(new(FieldPath.JobVariables, name), value);

    private static JsonElement? Text(string? text) => text is null ? null : JsonSerializer.SerializeToElement(text, DeployJson.Default.String);
}

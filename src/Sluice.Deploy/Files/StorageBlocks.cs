using System.Text.Json;
using Sluice.Deploy.Planning;
using Sluice.Deploy.Planning.Merge;
using Sluice.Orchestration;

namespace Sluice.Deploy.Files;

/// <summary>The storage blocks that files of Prefect name, on Prefect 2: there a deployment has the block's id, and on other servers pull steps, which the merge compares.</summary>
internal static class StorageBlocks
{
    private const string Field = "storage";

    /// <summary>
    /// Decides of the block as of every field: what the file said when it was applied last, what it says, what the server has. Without the first the file's is taken, and so it is
    /// where the block that it names is not there, which is told by applying it.
    /// </summary>
    /// <param name="planned">The merged deployments.</param>
    /// <param name="api">The API; null where nothing is applied.</param>
    /// <param name="server">What it is; null for Sluice's own.</param>
    /// <param name="rule">Decides conflicts.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    public static async Task<PlannedDeployment[]> MergeAsync(PlannedDeployment[] planned, IOrchestrationApi? api, ApiInfo? server, ConflictRule rule, CancellationToken cancellationToken)
    {
        if (api is null || server is not { IsPrefect2: true })
            return planned;
        PlannedDeployment[] result = [.. planned];
        for (int i = 0; i < planned.Length; i++)
        {
            if (planned[i] is not { Live: { } live, Merged: { } merged, Blocks: { SaidStorage: { } said } blocks })
                continue;
            Guid? wanted = blocks.Storage?.Split('/', 2) is [var type, var name]
                ? (await api.FindBlockDocumentAsync(type, name, includeSecrets: false, cancellationToken).ConfigureAwait(false))?.Id : null;
            bool isLost = blocks.Storage is not null && wanted is null;
            bool isSame = !isLost && wanted == live.StorageBlockId;
            string? before = merged.StorageBefore;
            if (isSame && (before is null || before == said))
                continue;
            string has = await NameAsync(live, api, cancellationToken).ConfigureAwait(false);
            (FieldClass kind, FieldDecision decision) =
                isSame ? (FieldClass.Agreed, FieldDecision.Live)
                : isLost || before is null || before == has ? (FieldClass.CodeChanged, FieldDecision.Code)
                : before == said ? (FieldClass.Drift, FieldDecision.Live)
                : (FieldClass.Conflict, rule switch { ConflictRule.Keep => FieldDecision.Live, ConflictRule.Code => FieldDecision.Code, _ => FieldDecision.Undecided });
            merged = merged with
            {
                Fields = [.. merged.Fields, new() { Path = Field, Base = Text(before), Code = Text(said), Live = Text(has), Class = kind, Decision = decision }],
                Cleared = decision == FieldDecision.Code && blocks.HasNoStorage ? [.. merged.Cleared, "storage_document_id"] : merged.Cleared,
                IsBaseOld = merged.IsBaseOld || (before is not null && before != said),
            };
            result[i] = planned[i] with { Merged = merged, Fields = merged.Fields, Blocks = blocks with { KeepsStorage = decision != FieldDecision.Code } };
        }
        return result;
    }

    /// <summary>The deployments of whose block nobody has decided.</summary>
    /// <param name="planned">As merged.</param>
    /// <param name="words">How conflicts are told.</param>
    public static IReadOnlyList<(string Code, string Message)> Conflicts(IEnumerable<PlannedDeployment> planned, ConflictWords words) =>
    [
        .. planned.Where(one => one.Merged?.Conflicts.Any(field => field is { Path: Field, Decision: FieldDecision.Undecided }) == true)
            .Select(one => (DeployCodes.Conflict, FieldWords.Conflicts(one, words))),
    ];

    /// <summary>The live block's name; empty where there is none, and its id where it has none.</summary>
    private static async Task<string> NameAsync(Deployment live, IOrchestrationApi api, CancellationToken cancellationToken) =>
        live.StorageBlockId is not { } id ? ""
        : await api.ReadBlockDocumentAsync(id, includeSecrets: false, cancellationToken).ConfigureAwait(false) is { Name: { } name } block ? $"{block.BlockType?.Slug}/{name}"
        : id.ToString();

    private static JsonElement? Text(string? text) => string.IsNullOrEmpty(text) ? null : JsonSerializer.SerializeToElement(text, DeployJson.Default.String);
}

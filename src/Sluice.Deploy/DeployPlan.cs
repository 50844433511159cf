using System.Text.Json;
using Sluice.Deploy.Planning.Merge;

namespace Sluice.Deploy;

/// <summary>What a deploy would do, or did, for programs: <c>sluice deployment plan --output json</c> and <c>SluicePlanFile</c>. docs/plan.md describes it.</summary>
public sealed record DeployPlan
{
    /// <summary>The version of this document: 1. Members may be added; what is there keeps its meaning.</summary>
    public const int Format = 1;

    /// <summary><see cref="Format"/>.</summary>
    public required int PlanVersion { get; init; }

    /// <summary>The API, for people; null where nothing is applied.</summary>
    public string? Api { get; init; }

    /// <summary>True where it was carried out.</summary>
    public required bool Applied { get; init; }

    /// <summary>Whether anything changes: what <c>--exit-code</c> tells.</summary>
    public required bool HasChanges { get; init; }

    /// <summary>What the code declares.</summary>
    public required IReadOnlyList<DeployedDeployment> Deployments { get; init; }

    /// <summary>What the code no longer declares.</summary>
    public required IReadOnlyList<DeployedDeployment> Orphans { get; init; }

    /// <summary>The fields that both sides changed.</summary>
    public required IReadOnlyList<PlannedConflict> Conflicts { get; init; }

    /// <summary>How many deployments there are of each outcome, and how many fields are <c>drift</c> (changed on the server and kept) and <c>conflicts</c>.</summary>
    public required IReadOnlyDictionary<string, int> Counts { get; init; }

    /// <summary>The digest of the package; null where none is made.</summary>
    public string? PackageSha256 { get; init; }

    /// <summary>Makes the document.</summary>
    /// <param name="outcome">The outcome of a deploy or of its plan.</param>
    /// <param name="applied">Whether it was carried out.</param>
    public static DeployPlan Of(DeployOutcome outcome, bool applied)
    {
        PlannedConflict[] conflicts = [.. outcome.Deployments.SelectMany(deployment => deployment.Fields.Where(change => change.Class == FieldClass.Conflict)
            .Select(change => new PlannedConflict { Deployment = deployment.FullName, Path = change.Path, Base = change.Base, Code = change.Code, Live = change.Live, Decision = change.Decision }))];
        var counts = new SortedDictionary<string, int>(outcome.Deployments.GroupBy(deployment => deployment.Outcome).ToDictionary(group => group.Key, group => group.Count()), StringComparer.Ordinal)
        {
            ["conflicts"] = conflicts.Length,
            ["drift"] = outcome.Deployments.Sum(deployment => deployment.Fields.Count(change => change is { Class: FieldClass.Drift, Decision: FieldDecision.Live })),
        };
        return new()
        {
            PlanVersion = Format,
            Api = outcome.AppliedTo,
            Applied = applied,
            HasChanges = outcome.HasChanges,
            Deployments = [.. outcome.Deployments.Where(deployment => !deployment.IsOrphan)],
            Orphans = [.. outcome.Deployments.Where(deployment => deployment.IsOrphan)],
            Conflicts = conflicts,
            Counts = counts,
            PackageSha256 = outcome.PackageSha256,
        };
    }

    /// <summary>The document as JSON, snake_case, null members left out.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, DeployJson.Default.DeployPlan);
}

/// <summary>A field that both the code and somebody on the server changed since the last publish.</summary>
public sealed record PlannedConflict
{
    /// <summary>Of which deployment, as <c>flow/deployment</c>.</summary>
    public required string Deployment { get; init; }

    /// <inheritdoc cref="FieldChange.Path"/>
    public required string Path { get; init; }

    /// <inheritdoc cref="FieldChange.Base"/>
    public JsonElement? Base { get; init; }

    /// <inheritdoc cref="FieldChange.Code"/>
    public JsonElement? Code { get; init; }

    /// <inheritdoc cref="FieldChange.Live"/>
    public JsonElement? Live { get; init; }

    /// <inheritdoc cref="FieldChange.Decision"/>
    public required FieldDecision Decision { get; init; }
}

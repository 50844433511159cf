using System.Globalization;
using System.Text.Json;
using Sluice.Deploy.Planning.Merge;
using Sluice.Orchestration;
using Sluice.Storage;

namespace Sluice.Deploy.Planning;

/// <summary>The lines of a plan: one for each deployment, then its fields.</summary>
internal static class PlanLines
{
    private const int ShownFields = 40;
    private const int ShownDigest = 12;

    /// <summary>What begins the line of a deployment, the same wherever one is told: <c>+ created</c>, <c>~ updated</c>, <c>= unchanged</c>, <c>&gt; moved</c>, <c>- orphaned</c>.</summary>
    public static char Symbol(string outcome) => outcome switch
    {
        "created" => '+',
        "updated" => '~',
        "moved" => '>',
        "orphaned" or "paused" or "deleted" => '-',
        "stored" => '+',
        _ => '=',
    };

    /// <summary>The fields, indented. What publishing alone writes is told in a word; what a server normalises only in a plan.</summary>
    public static IEnumerable<string> Fields(PlannedDeployment planned, ConflictWords words, bool isPlan)
    {
        if (planned.Live is null && !isPlan)
            yield break;
        if (planned is { Live: { } live, Merged: { } merged } && merged.Fields.Any(change => FieldWords.IsPackage(change, planned.Desired!)))
            yield return $"    package: {Packages(live.JobVariables, planned.Desired!.JobVariables)} ({words.Changed})";
        FieldChange[] shown = [.. planned.Fields.Where(change => !FieldWords.IsPackage(change, planned.Desired!) && !FieldWords.IsNote(change) && (isPlan || change.Class != FieldClass.Normalised))];
        foreach (FieldChange change in shown.Take(ShownFields))
            yield return "    " + FieldWords.Of(change, words, isNew: planned.Live is null);
        if (shown.Length > ShownFields)
            yield return string.Create(CultureInfo.InvariantCulture, $"    … and {shown.Length - ShownFields} more fields; --output json names them all");
        if (planned is { Live: not null, Merged: { HasBase: false, IsEqual: false }, Desired.JobVariables: not null })
            yield return "    what the code said at the last publish is not known: its values are taken, and pauses and schedules of people stay";
    }

    // The same contents may be stored twice.
    private static string Packages(IReadOnlyDictionary<string, JsonElement>? before, IReadOnlyDictionary<string, JsonElement>? after) =>
        (Package(before), Package(after)) is var (then, now) && then == now && Place(before) is { } from && Place(after) is { } to && from != to ? $"{now}, in {from} → {to}" : $"{then} → {now}";

    private static string? Place(IReadOnlyDictionary<string, JsonElement>? variables) => DeploymentDesign.PackageOf(variables)?.Location is { } location ? StorageLocation.Shown(location) : null;

    private static string Package(IReadOnlyDictionary<string, JsonElement>? variables) =>
        DeploymentDesign.PackageOf(variables) is { } program ? program.Package?.Digest[..ShownDigest] ?? program.Commit?[..ShownDigest] ?? program.ToString()
        : variables?.TryGetValue("image", out JsonElement image) == true ? image.ToString() : "none";
}

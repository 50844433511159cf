using System.Text.Encodings.Web;
using System.Text.Json;
using Sluice.Orchestration;
using Sluice.Storage.Packages;
using Sluice.Storage.Secrets;

namespace Sluice.Deploy.Planning.Merge;

/// <summary>Says fields and conflicts to people.</summary>
internal static class FieldWords
{
    private const int LongestValue = 80;
    private const string EnvPath = "job_variables.env.";

    private static readonly JsonSerializerOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, TypeInfoResolver = DeployJson.Default };

    // In the order of a deployment's line.
    private static readonly string[] s_groups = ["package", "storage", "version", "description", "entrypoint", "schedules", "paused", "parameters", "parameter schema", "tags", "work pool", "work queue", "concurrency limit", "job variables", "labels"];

    /// <summary>What changes, in few words: <c>package</c>, <c>schedules</c>.</summary>
    public static IReadOnlyList<string> Groups(MergedDeployment merged)
    {
        bool isPackage = HasPackage(merged.Body);
        string[] groups = [.. merged.Fields.Where(field => field.Decision == FieldDecision.Code).Select(field => Group(field.Path, isPackage)).Distinct().OrderBy(group => Array.IndexOf(s_groups, group))];
        return groups.Length > 0 || !merged.IsChanged ? groups : merged.Conflicts.Any() ? ["decided conflicts"] : ["record"];
    }

    /// <summary>Whether it is what the deployment runs.</summary>
    public static bool IsPackage(FieldChange field, DeploymentCreate deployment) => Group(field.Path, HasPackage(deployment)) == "package";

    /// <summary>Whether publishing notes it for itself.</summary>
    public static bool IsNote(FieldChange field) => field.Path.StartsWith("labels.sluice.", StringComparison.Ordinal)
        || (field.Path.StartsWith(EnvPath, StringComparison.Ordinal) && DeploymentFields.IsOwnVariable(field.Path[EnvPath.Length..]) && field.Path != $"job_variables.env.{RunSecrets.Variable}");

    /// <summary>One line about a field.</summary>
    /// <param name="field">It.</param>
    /// <param name="words">How its two sides are named.</param>
    /// <param name="isNew">Whether its deployment is created.</param>
    public static string Of(FieldChange field, ConflictWords words, bool isNew = false) => field switch
    {
        { Path: "parameter_openapi_schema" } => isNew ? "parameter schema: set" : $"parameter schema: {(field.Live is null ? "set" : "changed")} ({(field.Class == FieldClass.Drift ? "changed on the server; publishing sets it" : words.Changed)})",
        _ when isNew => $"{field.Path}: {Value(field.Code)}",
        { Path: FieldPath.Paused, Class: FieldClass.CodeChanged, Code: null } => $"{field.Path}: {Value(field.Live)} → false (resumed: its code is back)",
        { Class: FieldClass.CodeChanged } => $"{field.Path}: {Value(field.Live)} → {Value(field.Code)} ({words.Changed})",
        { Class: FieldClass.Drift, Decision: FieldDecision.Code } when field.Path.Contains(FieldPath.ScheduleParameter, StringComparison.Ordinal) =>
            $"{field.Path}: {Value(field.Live)} → {Value(field.Code)} (changed on the server; it does not fit the new parameters, so {words.Side}'s is taken)",
        { Class: FieldClass.Drift, Decision: FieldDecision.Code } => $"{field.Path}: {Value(field.Live)} → {Value(field.Code)} (changed on the server; publishing sets it)",
        { Class: FieldClass.Drift, Code: null } => $"{field.Path}: {Value(field.Live)} (changed on the server, kept; {words.Side} does not say it)",
        { Class: FieldClass.Drift } => $"{field.Path}: {Value(field.Live)} (changed on the server, kept; {words.Side} says {Value(field.Code)})",
        { Class: FieldClass.Agreed } => $"{field.Path}: {Value(field.Live)} (changed alike in {words.Side} and on the server; it was {Value(field.Base)})",
        { Class: FieldClass.Normalised } => $"{field.Path}: {Value(field.Live)} (server's normalisation{(field.Code is null ? "" : $" of {Value(field.Code)}")})",
        { Decision: FieldDecision.Code } => $"{field.Path}: {Value(field.Live)} → {Value(field.Code)} (conflict: it was {Value(field.Base)}; {words.Side}'s is taken)",
        { Decision: FieldDecision.Live } => $"{field.Path}: {Value(field.Live)} (conflict: it was {Value(field.Base)}, {words.Side} says {Value(field.Code)}; the server's is kept)",
        _ => $"{field.Path}: conflict: it was {Value(field.Base)}, {words.Side} says {Value(field.Code)}, the server has {Value(field.Live)}",
    };

    /// <summary>The undecided conflicts of a deployment, and how to decide them.</summary>
    public static string Conflicts(PlannedDeployment planned, ConflictWords words) =>
        $"{planned.FullName}: changed both in {words.Side} and on the server since the last publish: "
        + string.Join("; ", planned.Merged!.Conflicts.Where(field => field.Decision == FieldDecision.Undecided)
            .Select(field => $"{field.Path} was {Value(field.Base)}, {words.Side} says {Value(field.Code)}, the server has {Value(field.Live)}"))
        + $". {words.Decide}, or make both the same.";

    /// <summary>A value on one line, shortened.</summary>
    public static string Value(JsonElement? value)
    {
        if (value is not { } element)
            return "nothing";
        string text = JsonSerializer.Serialize(element, s_readable);
        return text.Length <= LongestValue ? text : $"{text[..(LongestValue - 1)]}…";
    }

    private static bool HasPackage(DeploymentCreate deployment) =>
        deployment.JobVariables?.TryGetValue("env", out JsonElement env) == true && env.ValueKind == JsonValueKind.Object && env.TryGetProperty(PackageReference.Variable, out _);

    private static string Group(string path, bool isPackage) => path.Split('.', '[')[0] switch
    {
        "path" => "package",
        "job_variables" when path == $"job_variables.env.{PackageReference.Variable}" || (path == "job_variables.image" && !isPackage) => "package",
        "enforce_parameter_schema" or "parameter_openapi_schema" => "parameter schema",
        "concurrency_options" => "concurrency limit",
        { } member => member.Replace("_name", "", StringComparison.Ordinal).Replace('_', ' '),
    };
}

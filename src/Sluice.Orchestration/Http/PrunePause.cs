using System.Text.Json;
using Sluice.Orchestration.Http.Applying;
using Sluice.Orchestration.Json;

namespace Sluice.Orchestration.Http;

/// <summary>
/// Tells a pause of what vanished from the code from a person's, so that it is lifted when the code is back. Sluice's server notes it as a label, and forgets it when
/// anybody sets the pause; on a Prefect server, where labels are set only when a deployment is created, it stands in the environment of the runs.
/// </summary>
internal static class PrunePause
{
    /// <summary>The variable in <c>job_variables.env</c>.</summary>
    public const string Variable = "SLUICE_PAUSED";

    /// <summary>The label, on Sluice's server.</summary>
    public const string Label = "sluice.paused";

    /// <summary>What both say.</summary>
    public const string By = "prune";

    /// <summary>Labels with the note, or without it.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Noted(IReadOnlyDictionary<string, JsonElement> labels, bool isPrune)
    {
        if (!isPrune && !labels.ContainsKey(Label))
            return labels;
        Dictionary<string, JsonElement> noted = labels.Where(label => label.Key != Label).ToDictionary(StringComparer.Ordinal);
        if (isPrune)
            noted[Label] = s_by;
        return noted;
    }

    /// <summary>Job variables with the note.</summary>
    public static JsonElement Noted(JsonElement jobVariables)
    {
        Dictionary<string, JsonElement> variables = jobVariables.ValueKind == JsonValueKind.Object ? JsonParts.Members(jobVariables) : new(StringComparer.Ordinal);
        Dictionary<string, JsonElement> env = variables.TryGetValue("env", out JsonElement given) && given.ValueKind == JsonValueKind.Object ? JsonParts.Members(given) : new(StringComparer.Ordinal);
        env[Variable] = s_by;
        variables["env"] = JsonParts.Object(env);
        return JsonParts.Object(variables);
    }

    private static readonly JsonElement s_by = JsonText.Parse($"\"{By}\"");
}

using System.Text.Json;

namespace Sluice.Orchestration.Http;

/// <summary>
/// Which schedules of a deployment its code declared last, so that one made by a person outlives a publish and one that the code no longer has does
/// not. On a Prefect server that stands in the environment of the runs, since labels are set there only when a deployment is created.
/// </summary>
internal static class DeclaredSlugs
{
    /// <summary>The variable in <c>job_variables.env</c>: slugs with commas between.</summary>
    public const string Variable = "SLUICE_SCHEDULES";

    /// <summary>The label, on Sluice's server.</summary>
    public const string Label = "sluice.schedules";

    /// <summary>The slugs; null where no publish left them.</summary>
    public static IReadOnlyList<string>? Of(IReadOnlyDictionary<string, JsonElement>? jobVariables) =>
        jobVariables?.TryGetValue("env", out JsonElement env) == true && env.ValueKind == JsonValueKind.Object
            && env.TryGetProperty(Variable, out JsonElement slugs) && slugs.ValueKind == JsonValueKind.String ? Parse(slugs.GetString()!) : null;

    /// <summary>The slugs of a text.</summary>
    public static IReadOnlyList<string> Parse(string slugs) => slugs.Split(',', StringSplitOptions.RemoveEmptyEntries);
}

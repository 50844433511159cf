using System.Globalization;
using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Deploy.Versions;

/// <summary>
/// Names the version that a live deployment is: its number, and the document that tells about it. Its text, <c>NUMBER URI#sha256=DIGEST</c>, is what
/// <c>job_variables.env.SLUICE_VERSION</c> carries on every server, so that it changes with the deployment or not at all.
/// </summary>
/// <param name="Number">From 1, for each deployment on its own.</param>
/// <param name="Location">The document's URI in its store; secrets of it are named, as <c>${NAME}</c>.</param>
/// <param name="Digest">Lower-case hex SHA-256 of the document.</param>
public sealed record VersionPointer(int Number, Uri Location, string Digest)
{
    /// <summary>The variable that carries it.</summary>
    public const string Variable = "SLUICE_VERSION";

    private const string Mark = "#sha256=";

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number} {Location.AbsoluteUri}{Mark}{Digest}");

    /// <summary>Reads the text form. The answer is null when it is none.</summary>
    /// <param name="text">The text; null answers null.</param>
    public static VersionPointer? TryParse(string? text)
    {
        int space = text?.IndexOf(' ', StringComparison.Ordinal) ?? -1, mark = text?.LastIndexOf(Mark, StringComparison.Ordinal) ?? -1;
        if (space <= 0 || mark <= space || !int.TryParse(text.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1)
            return null;
        string digest = text![(mark + Mark.Length)..];
        return digest.Length == 64 && digest.All(char.IsAsciiHexDigitLower) && Uri.TryCreate(text[(space + 1)..mark], UriKind.Absolute, out Uri? location) ? new(number, location, digest) : null;
    }

    /// <summary>The pointer among job variables; null where there is none, or one that cannot be read.</summary>
    /// <param name="jobVariables">A deployment's or a run's.</param>
    public static VersionPointer? Of(IReadOnlyDictionary<string, JsonElement>? jobVariables) =>
        jobVariables?.TryGetValue("env", out JsonElement env) == true && env.ValueKind == JsonValueKind.Object
            && env.TryGetProperty(Variable, out JsonElement text) && text.ValueKind == JsonValueKind.String ? TryParse(text.GetString()) : null;

    /// <summary>A deployment with this pointer among its job variables.</summary>
    internal DeploymentCreate In(DeploymentCreate deployment) => With(deployment, ToString());

    /// <summary>A deployment without any pointer: what code declares.</summary>
    internal static DeploymentCreate Without(DeploymentCreate deployment) => With(deployment, null);

    private static DeploymentCreate With(DeploymentCreate deployment, string? pointer)
    {
        var variables = new Dictionary<string, JsonElement>(deployment.JobVariables ?? new Dictionary<string, JsonElement>(), StringComparer.Ordinal);
        var env = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (variables.TryGetValue("env", out JsonElement given) && given.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty variable in given.EnumerateObject())
                env[variable.Name] = variable.Value;
        }
        if (pointer is not null)
            env[Variable] = JsonSerializer.SerializeToElement(pointer, DeployJson.Default.String);
        else if (!env.Remove(Variable))
            return deployment;
        variables["env"] = JsonSerializer.SerializeToElement(env, DeployJson.Default.DictionaryStringJsonElement);
        return deployment with { JobVariables = variables };
    }
}

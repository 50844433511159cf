using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Storage;

namespace Sluice.Deploy.Ci;

/// <summary>Errors and warnings as GitLab shows them in merge requests: a Code Quality report, since its job logs know no annotations.</summary>
/// <remarks>Rule: GitLab's "Code Quality", "Code Quality report format".</remarks>
public static class CodeQuality
{
    /// <summary>Names the file that the report is added to.</summary>
    public const string Variable = "SLUICE_CODE_QUALITY";

    /// <summary>Adds to the report that the environment names, if it does.</summary>
    /// <param name="diagnostics">What is to be said; nothing makes an empty report, so that what was mended goes.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <returns>Why it could not be written; null where all is well.</returns>
    public static DeployError? Add(IEnumerable<DeployError> diagnostics, Func<string, string?> variable)
    {
        if (variable(Variable) is not { Length: > 0 } file)
            return null;
        try
        {
            JsonArray report = File.Exists(file) && JsonNode.Parse(File.ReadAllText(file)) is JsonArray there ? there : [];
            foreach (DeployError one in diagnostics)
                report.Add((JsonNode)Issue(one, variable("CI_PROJECT_DIR")));
            File.WriteAllText(file, report.ToJsonString(new() { WriteIndented = true }));
            return null;
        }
        catch (Exception e) when (e is JsonException || StorageException.FromFileSystem(e, file) is not null)
        {
            return new(DeployCodes.SummaryUnwritable, $"The report {file} ({Variable}) cannot be written: {e.Message}", "sluice", IsWarning: true);
        }
    }

    private static JsonObject Issue(DeployError one, string? root)
    {
        string path = Annotations.FileOf(one, root) ?? ".gitlab-ci.yml";
        return new()
        {
            ["description"] = $"{one.Code}: {one.Message.ReplaceLineEndings(" ")}",
            ["check_name"] = one.Code,
            ["fingerprint"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{one.Code}\n{path}\n{one.Message}"))),
            ["severity"] = one.IsWarning ? "minor" : "major",
            ["location"] = new JsonObject { ["path"] = path, ["lines"] = new JsonObject { ["begin"] = 1 } },
        };
    }
}

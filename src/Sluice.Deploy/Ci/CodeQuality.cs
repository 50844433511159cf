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

    /// <summary>Projects that are published side by side wait for each other this often, ever longer, and some 30 seconds in all.</summary>
    private const int Tries = 130;

    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true };

    /// <summary>Adds to the report that the environment names, if it does. Several processes may at once.</summary>
    /// <param name="diagnostics">What is to be said; nothing makes an empty report, so that what was mended goes.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="cancellationToken">Ends the waiting for other processes.</param>
    /// <returns>Why it could not be written, and was left as it was; null where all is well.</returns>
    public static async Task<DeployError?> AddAsync(IEnumerable<DeployError> diagnostics, Func<string, string?> variable, CancellationToken cancellationToken)
    {
        if (variable(Variable) is not { Length: > 0 } file)
            return null;
        try
        {
            using FileStream stream = await OpenAsync(file, cancellationToken).ConfigureAwait(false);
            JsonArray report = stream.Length == 0 ? []
                : await JsonNode.ParseAsync(stream, cancellationToken: cancellationToken).ConfigureAwait(false) as JsonArray ?? throw new JsonException("it is JSON, and no list of issues");
            foreach (DeployError one in diagnostics)
                report.Add((JsonNode)Issue(one, variable("CI_PROJECT_DIR")));
            byte[] whole = Encoding.UTF8.GetBytes(report.ToJsonString(s_readable));
            stream.Position = 0;
            await stream.WriteAsync(whole, CancellationToken.None).ConfigureAwait(false);
            stream.SetLength(whole.Length);
            return null;
        }
        catch (Exception e) when (e is JsonException || StorageException.FromFileSystem(e, file) is not null)
        {
            return new(DeployCodes.SummaryUnwritable, $"The report {file} ({Variable}) cannot be written, and is left as it was: {e.Message}", "sluice", IsWarning: true);
        }
    }

    /// <summary>Opens it for this process alone.</summary>
    private static async Task<FileStream> OpenAsync(string file, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return new(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException) && attempt < Tries)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(attempt * 10, 250)), cancellationToken).ConfigureAwait(false);
            }
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
            ["location"] = new JsonObject { ["path"] = path, ["lines"] = new JsonObject { ["begin"] = Annotations.LineOf(one) ?? 1 } },
        };
    }
}

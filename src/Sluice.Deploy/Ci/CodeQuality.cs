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

    private const int SharingViolation = 0x20;
    private const int LockViolation = 0x21;

    // EWOULDBLOCK: of the lock by which .NET keeps a file to one process.
    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockOnBsd = 35;

    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true };

    /// <summary>Adds to the report that the environment names, if it does. Several processes may at once.</summary>
    /// <param name="diagnostics">What is to be said; nothing makes an empty report, so that what was mended goes.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="cancellationToken">Ends the waiting for other processes, which is told as why it was not written: what the report tells of is done.</param>
    /// <returns>Why it could not be written, and was left as it was; null where all is well.</returns>
    public static async Task<DeployError?> AddAsync(IEnumerable<DeployError> diagnostics, Func<string, string?> variable, CancellationToken cancellationToken)
    {
        if (variable(Variable) is not { Length: > 0 } file)
            return null;
        try
        {
            using FileStream stream = await OpenAsync(file, cancellationToken).ConfigureAwait(false);
            byte[] before = new byte[stream.Length];
            await stream.ReadExactlyAsync(before, CancellationToken.None).ConfigureAwait(false);
            JsonArray report = before.Length == 0 ? [] : JsonNode.Parse(before) as JsonArray ?? throw new JsonException("it is JSON, and no list of issues");
            foreach (DeployError one in diagnostics)
                report.Add((JsonNode)Issue(one, variable("CI_PROJECT_DIR")));
            await ReplaceAsync(stream, before, Encoding.UTF8.GetBytes(report.ToJsonString(s_readable))).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException)
        {
            return Unwritten("another process has it, and waiting for that was ended");
        }
        catch (Exception e) when (e is JsonException || StorageException.FromFileSystem(e, file) is not null)
        {
            return Unwritten(e.Message);
        }

        DeployError Unwritten(string reason) => new(DeployCodes.SummaryUnwritable, $"The report {file} ({Variable}) cannot be written, and is left as it was: {reason}", "sluice", IsWarning: true);
    }

    /// <summary>Writes in place, so that whoever waits for the file finds the same one; what a full disk breaks off is taken back.</summary>
    private static async Task ReplaceAsync(FileStream stream, byte[] before, byte[] after)
    {
        try
        {
            await WriteAsync(stream, after).ConfigureAwait(false);
        }
        catch (IOException)
        {
            await WriteAsync(stream, before).ConfigureAwait(false);
            throw;
        }
    }

    private static async Task WriteAsync(FileStream stream, byte[] content)
    {
        stream.Position = 0;
        await stream.WriteAsync(content, CancellationToken.None).ConfigureAwait(false);
        await stream.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        stream.SetLength(content.Length);
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
            catch (IOException e) when (IsTaken(e) && attempt < Tries)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(attempt * 10, 250)), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Whether another process has it. A disk that is full or may only be read will be so in half a minute.</summary>
    private static bool IsTaken(IOException e) => OperatingSystem.IsWindows()
        ? (e.HResult & 0xFFFF) is SharingViolation or LockViolation
        : e.HResult == (OperatingSystem.IsLinux() ? WouldBlockOnLinux : WouldBlockOnBsd);

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

using System.Text.Json;
using Sluice.Cli.Output;

namespace Sluice.Cli.Commands;

/// <summary>A base job template that a user gives as a file.</summary>
internal static class BaseJobTemplate
{
    /// <summary>Reads the file; null where none is given.</summary>
    /// <exception cref="CliException">It cannot be read, or is no template.</exception>
    public static async Task<JsonElement?> ReadAsync(string? file, CancellationToken cancellationToken)
    {
        if (file is null)
            return null;
        string text = "";
        try
        {
            text = await File.ReadAllTextAsync(file, cancellationToken);
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement template = document.RootElement;
            return template.ValueKind == JsonValueKind.Object && template.TryGetProperty("job_configuration", out _) && template.TryGetProperty("variables", out _)
                ? template.Clone()
                : throw CliException.BadUsage($"--base-job-template: '{file}' is no base job template: it is a JSON object with the members job_configuration and variables");
        }
        catch (JsonException e)
        {
            throw new CliException($"--base-job-template: '{file}' {JsonProblem.Of(text, e)}", ExitCodes.BadUsage, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"--base-job-template: '{file}' cannot be read: {e.Message}", ExitCodes.BadUsage, e);
        }
    }
}

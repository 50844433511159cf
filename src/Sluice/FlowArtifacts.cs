using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Sluice.Orchestration;
using Sluice.Runtime.Services;

namespace Sluice;

/// <summary>
/// What a run shows to people beside its log: texts, tables, links, images, progress. Artifacts of one key are versions of one thing, of which the newest is shown;
/// without a key they belong to the run alone. In a local run they go to its log, and nowhere else.
/// </summary>
/// <remarks>Kinds and shapes are those of Prefect's own library, so that Prefect's pages show them.</remarks>
public sealed class FlowArtifacts
{
    private readonly FlowContext _context;

    internal FlowArtifacts(FlowContext context) => _context = context;

    /// <summary>A text in Markdown.</summary>
    /// <param name="markdown">The text.</param>
    /// <param name="key">What it is a version of: lower-case letters, digits and dashes; null for the run alone.</param>
    /// <param name="description">What it is, in Markdown.</param>
    /// <param name="cancellationToken">Ends the wait for the server, as the run's own token does.</param>
    /// <returns>Its id; null in a local run.</returns>
    /// <exception cref="ArgumentException">The key has other characters.</exception>
    /// <exception cref="OrchestrationException">The server refuses it, or cannot answer for two minutes.</exception>
    public Task<Guid?> MarkdownAsync(string markdown, string? key = null, string? description = null, CancellationToken cancellationToken = default) =>
        CreateAsync("markdown", Text(markdown), markdown, key, description, cancellationToken);

    /// <summary>A link.</summary>
    /// <param name="link">Where it leads.</param>
    /// <param name="text">What it says; the address itself when null.</param>
    /// <param name="key">What it is a version of: lower-case letters, digits and dashes; null for the run alone.</param>
    /// <param name="description">What it is, in Markdown.</param>
    /// <param name="cancellationToken">Ends the wait for the server, as the run's own token does.</param>
    /// <returns>Its id; null in a local run.</returns>
    /// <exception cref="ArgumentException">The key has other characters.</exception>
    /// <exception cref="OrchestrationException">The server refuses it, or cannot answer for two minutes.</exception>
    public Task<Guid?> LinkAsync(string link, string? text = null, string? key = null, string? description = null, CancellationToken cancellationToken = default) =>
        MarkdownAsync($"[{text ?? link}]({link})", key, description, cancellationToken);

    /// <summary>An image, by its address.</summary>
    /// <param name="url">Where it is, for whoever looks at it.</param>
    /// <param name="key">What it is a version of: lower-case letters, digits and dashes; null for the run alone.</param>
    /// <param name="description">What it is, in Markdown.</param>
    /// <param name="cancellationToken">Ends the wait for the server, as the run's own token does.</param>
    /// <returns>Its id; null in a local run.</returns>
    /// <exception cref="ArgumentException">The key has other characters.</exception>
    /// <exception cref="OrchestrationException">The server refuses it, or cannot answer for two minutes.</exception>
    public Task<Guid?> ImageAsync(string url, string? key = null, string? description = null, CancellationToken cancellationToken = default) =>
        CreateAsync("image", Text(url), url, key, description, cancellationToken);

    /// <summary>A table, by the names of its columns and its cells.</summary>
    /// <param name="columns">The columns' names, each once.</param>
    /// <param name="rows">The rows, with a cell for each column: null, a text, a boolean, a number (NaN is null), a date or time, or what its text is otherwise.</param>
    /// <param name="key">What it is a version of: lower-case letters, digits and dashes; null for the run alone.</param>
    /// <param name="description">What it is, in Markdown.</param>
    /// <param name="cancellationToken">Ends the wait for the server, as the run's own token does.</param>
    /// <returns>Its id; null in a local run.</returns>
    /// <exception cref="ArgumentException">The key has other characters, or a row has not as many cells as there are columns.</exception>
    /// <exception cref="OrchestrationException">The server refuses it, or cannot answer for two minutes.</exception>
    public Task<Guid?> TableAsync(
        IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<object?>> rows, string? key = null, string? description = null, CancellationToken cancellationToken = default) =>
        TableAsync(TableCells.Write(columns, rows), key, description, cancellationToken);

    /// <summary>A table of objects, whose members are its columns.</summary>
    /// <typeparam name="T">A type that becomes a JSON object.</typeparam>
    /// <param name="rows">The rows.</param>
    /// <param name="type">How a row becomes JSON, from a source-generated context.</param>
    /// <param name="key">What it is a version of: lower-case letters, digits and dashes; null for the run alone.</param>
    /// <param name="description">What it is, in Markdown.</param>
    /// <param name="cancellationToken">Ends the wait for the server, as the run's own token does.</param>
    /// <returns>Its id; null in a local run.</returns>
    /// <exception cref="ArgumentException">The key has other characters.</exception>
    /// <exception cref="OrchestrationException">The server refuses it, or cannot answer for two minutes.</exception>
    public Task<Guid?> TableAsync<T>(IEnumerable<T> rows, JsonTypeInfo<T> type, string? key = null, string? description = null, CancellationToken cancellationToken = default)
    {
        ArrayBufferWriter<byte> json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartArray();
            foreach (T row in rows)
                JsonSerializer.Serialize(writer, row, type);
            writer.WriteEndArray();
        }
        return TableAsync(Encoding.UTF8.GetString(json.WrittenSpan), key, description, cancellationToken);
    }

    /// <summary>A progress, at 0 percent. Report to what is returned, and dispose of it when the work is done.</summary>
    /// <param name="description">What makes progress.</param>
    /// <param name="key">What it is a version of: lower-case letters, digits and dashes; null for the run alone.</param>
    /// <param name="cancellationToken">Ends the wait for the server, as the run's own token does.</param>
    /// <exception cref="ArgumentException">The key has other characters.</exception>
    /// <exception cref="OrchestrationException">The server refuses it, or cannot answer for two minutes.</exception>
    public async Task<FlowProgress> ProgressAsync(string? description = null, string? key = null, CancellationToken cancellationToken = default)
    {
        Guid? id = await CreateAsync("progress", Number(0), "0 %", key, description, cancellationToken).ConfigureAwait(false);
        return new(_context.Services, id, description ?? key ?? "progress");
    }

    /// <summary>A number as data.</summary>
    internal static JsonElement Number(double value)
    {
        using JsonDocument document = JsonDocument.Parse(value.ToString(CultureInfo.InvariantCulture));
        return document.RootElement.Clone();
    }

    // Prefect's own library keeps a table as the text of its JSON.
    private Task<Guid?> TableAsync(string json, string? key, string? description, CancellationToken cancellationToken) =>
        CreateAsync("table", Text(json), json, key, description, cancellationToken);

    private async Task<Guid?> CreateAsync(string type, JsonElement data, string shown, string? key, string? description, CancellationToken cancellationToken)
    {
        if (key is not null && (key.Length == 0 || !key.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')))
            throw new ArgumentException($"'{key}' is no key of an artifact: it has lower-case letters, digits and dashes only.", nameof(key));
        FlowServices services = _context.Services;
        if (_context.FlowRunId is not { } run)
        {
            services.Logger.LogInformation("Artifact ({Type}{Key}{Description}): {Data}", type, key is null ? "" : " " + key, description is null ? "" : ", " + description, shown);
            return null;
        }
        ArtifactCreate create = new() { Key = key, Type = type, Description = description, Data = data, FlowRunId = run };
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _context.Cancellation);
        IOrchestrationApi api = await services.ApiAsync("An artifact").ConfigureAwait(false);
        bool asked = false;
        return await services.AskAsync(CreateOnceAsync, either.Token).ConfigureAwait(false);

        // The answer may have been lost after it was made: before it is asked again, it is looked for.
        async Task<Guid?> CreateOnceAsync(CancellationToken token)
        {
            if (asked && await FindAsync(api, create, token).ConfigureAwait(false) is { } made)
                return made;
            asked = true;
            return (await api.CreateArtifactAsync(create, token).ConfigureAwait(false)).Id;
        }
    }

    private static async Task<Guid?> FindAsync(IOrchestrationApi api, ArtifactCreate create, CancellationToken cancellationToken)
    {
        ArtifactsQuery query = new()
        {
            Artifacts = new() { FlowRunId = new() { Any = [create.FlowRunId!.Value] }, Type = new() { Any = [create.Type!] } },
            Sort = "CREATED_DESC",
            Limit = 20,
        };
        IReadOnlyList<Artifact> newest = await api.ListArtifactsAsync(query, cancellationToken).ConfigureAwait(false);
        return newest.FirstOrDefault(artifact =>
            artifact.Key == create.Key && artifact.Description == create.Description && artifact.Data is { } data && JsonElement.DeepEquals(data, create.Data!.Value))?.Id;
    }

    private static JsonElement Text(string text)
    {
        using JsonDocument document = JsonDocument.Parse($"\"{JsonEncodedText.Encode(text)}\"");
        return document.RootElement.Clone();
    }
}

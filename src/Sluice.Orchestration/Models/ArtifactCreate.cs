using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Orchestration;

/// <summary>The body that creates an artifact.</summary>
public sealed record ArtifactCreate
{
    /// <summary>Artifacts of one key are versions of one thing. Prefect's own programs allow lower-case letters, digits and dashes.</summary>
    public string? Key { get; init; }

    /// <summary><c>markdown</c>, <c>table</c>, <c>link</c>, <c>progress</c>, <c>image</c>, <c>result</c>, or a word of one's own.</summary>
    public string? Type { get; init; }

    /// <summary>For people, in Markdown.</summary>
    public string? Description { get; init; }

    /// <summary>What it shows, as its type wants it: a text of Markdown, a text of JSON rows, a number of percent.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>Free data beside it.</summary>
    [JsonPropertyName("metadata_")] public IReadOnlyDictionary<string, JsonElement>? Metadata { get; init; }

    /// <summary>The flow run that makes it.</summary>
    public Guid? FlowRunId { get; init; }

    /// <summary>The task run that makes it.</summary>
    public Guid? TaskRunId { get; init; }
}

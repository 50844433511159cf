using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Orchestration;

/// <summary>What a run shows to people: a text, a table, a link, a progress.</summary>
public sealed record Artifact
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset? Updated { get; init; }

    /// <summary>Artifacts of one key are versions of one thing.</summary>
    public string? Key { get; init; }

    /// <summary><c>markdown</c>, <c>table</c>, <c>link</c>, <c>progress</c>, <c>image</c>, <c>result</c>, or a word of one's own.</summary>
    public string? Type { get; init; }

    /// <summary>For people, in Markdown.</summary>
    public string? Description { get; init; }

    /// <summary>What it shows, as its type wants it: a text of Markdown, a text of JSON rows, a number of percent.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>Free data beside it.</summary>
    [JsonPropertyName("metadata_")] public IReadOnlyDictionary<string, JsonElement>? Metadata { get; init; }

    /// <summary>The flow run that made it.</summary>
    public Guid? FlowRunId { get; init; }

    /// <summary>The task run that made it.</summary>
    public Guid? TaskRunId { get; init; }
}

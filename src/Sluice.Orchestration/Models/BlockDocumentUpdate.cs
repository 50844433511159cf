using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>The body that changes a named block.</summary>
public sealed record BlockDocumentUpdate
{
    /// <summary>Another schema of the same type; null keeps it.</summary>
    public Guid? BlockSchemaId { get; init; }

    /// <summary>Values of fields. One that is the mask of a secret keeps that secret, as in an answer that is sent back.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Data { get; init; }

    /// <summary>Whether fields that are not named keep their values; true when absent.</summary>
    public bool? MergeExistingData { get; init; }
}

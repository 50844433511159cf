using System.Text.Json;

namespace Sluice.Orchestration;

/// <summary>
/// What a COMPLETED state carries in <c>data</c>. A result of at most 64 KiB travels inline; a larger one, or one that the flow persists, is a
/// reference to storage.
/// </summary>
public sealed record ResultData
{
    /// <summary>Largest inline result, in bytes of UTF-8 JSON.</summary>
    public const int MaxInlineBytes = 64 * 1024;

    /// <summary>What the <see cref="StorageKey"/> of a result that Sluice's server keeps begins with: a path below the API.</summary>
    public const string ServerFolder = "sluice/results/";

    /// <summary><c>inline</c>, <c>reference</c> or <c>unpersisted</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The result as JSON, with <c>inline</c>.</summary>
    public JsonElement? Value { get; init; }

    /// <summary>
    /// Where the result is, with <c>reference</c>, and with <c>inline</c> where it is kept besides: the URI of an object in the package's store, without secrets, or a
    /// path below <see cref="ServerFolder"/>.
    /// </summary>
    public string? StorageKey { get; init; }

    /// <summary>Size of the JSON in bytes.</summary>
    public long? Size { get; init; }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Storage.Housekeeping;

/// <summary>What a cleaning leaves for the next one.</summary>
internal sealed record CleaningNotes
{
    /// <summary>Since when a package, by <c>FOLDER DIGEST</c>, or a record has been in no use, and since when a mark that holds a package is known.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset>? Unused { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, CleaningJson.Default.CleaningNotes);

    /// <summary>Those of the newest cleaning that left any: at its end, or else before its first deletion.</summary>
    public static async Task<IReadOnlyDictionary<string, DateTimeOffset>> ReadAsync(IPackageStore store, CleaningMarks marks, CancellationToken cancellationToken)
    {
        foreach (string key in (await marks.KeysAsync(cancellationToken).ConfigureAwait(false))
            .Where(key => key.EndsWith("." + CleaningState.Done, StringComparison.Ordinal) || key.EndsWith("." + CleaningState.Notes, StringComparison.Ordinal))
            .OrderByDescending(CleaningState.EpochOf).ThenBy(key => key, StringComparer.Ordinal))
        {
            try
            {
                await using Stream stream = await store.GetAsync(key, cancellationToken).ConfigureAwait(false);
                if ((await JsonSerializer.DeserializeAsync(stream, CleaningJson.Default.CleaningNotes, cancellationToken).ConfigureAwait(false))?.Unused is { } unused)
                    return unused;
            }
            catch (Exception e) when (e is JsonException or StorageException { Kind: StorageErrorKind.NotFound })
            {
                // Without notes, what is unused counts from now.
            }
        }
        return new Dictionary<string, DateTimeOffset>();
    }
}

/// <summary>Its JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CleaningNotes))]
internal sealed partial class CleaningJson : JsonSerializerContext;

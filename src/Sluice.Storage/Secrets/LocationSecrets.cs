using System.Text.Json;
using Sluice.Storage.Blocks;

namespace Sluice.Storage.Secrets;

/// <summary>Which secrets a storage refers to.</summary>
public static class LocationSecrets
{
    /// <summary>The names that a storage's URI refers to as <c>${NAME}</c>, and those in the fields of the block that it names.</summary>
    /// <param name="location">The storage.</param>
    /// <param name="sources">Gives the block.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StorageException">The block cannot be asked for. One that does not exist refers to nothing.</exception>
    public static async Task<IReadOnlySet<string>> NamesAsync(Uri location, StorageSources sources, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(SecretTemplate.NamesIn(Uri.UnescapeDataString(location.OriginalString)), StringComparer.Ordinal);
        if (location.Scheme == BlockUri.Scheme)
        {
            (BlockKind kind, string name, _) = BlockUri.Read(location);
            foreach (JsonElement field in (await sources.Blocks.FindAsync(kind.Slug, name, cancellationToken).ConfigureAwait(false))?.Fields.Values ?? [])
                Add(field, names);
        }
        return names;
    }

    private static void Add(JsonElement value, HashSet<string> names)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in value.EnumerateObject())
                Add(member.Value, names);
        }
        else if (value.ValueKind == JsonValueKind.String && value.GetString()! is var text)
        {
            // In another text of a field a dollar sign is one.
            if (SecretTemplate.IsReference(text))
                names.UnionWith(SecretTemplate.NamesIn(text));
        }
    }
}

using System.Text.Json;

namespace Sluice.Storage.Trust;

/// <summary>What a policy asks of a provenance: an in-toto statement (v1) with a predicate of SLSA provenance (v1).</summary>
/// <param name="Repository">The address of the repository that it was built from; null where it names none.</param>
/// <param name="Commit">The commit; null where it names none.</param>
/// <param name="Dirty">Whether the working tree had changes; null where nobody knew.</param>
public sealed record PackageProvenance(string? Repository, string? Commit, bool? Dirty)
{
    /// <summary>The predicate that is read.</summary>
    public const string PredicateType = "https://slsa.dev/provenance/v1";

    /// <summary>Reads one; null for what is none.</summary>
    public static PackageProvenance? Read(byte[] json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (Text(root, "predicateType") != PredicateType)
                return null;
            JsonElement definition = root.GetProperty("predicate").GetProperty("buildDefinition");
            if (!definition.TryGetProperty("resolvedDependencies", out JsonElement sources) || sources.ValueKind != JsonValueKind.Array || sources.GetArrayLength() == 0)
                return new(null, null, null);
            JsonElement source = sources[0];
            return new(
                Text(source, "uri"),
                source.TryGetProperty("digest", out JsonElement digest) ? Text(digest, "gitCommit") : null,
                source.TryGetProperty("annotations", out JsonElement notes) && notes.TryGetProperty("dirty", out JsonElement dirty) && dirty.ValueKind is JsonValueKind.True or JsonValueKind.False ? dirty.GetBoolean() : null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The address of a repository as a URI, as in <c>git+https://git.example/team/flows</c>.</summary>
    public static string UriOf(string repository) => "git+" + (repository.Contains("://", StringComparison.Ordinal) || repository.IndexOf(':', StringComparison.Ordinal) is not (> 0 and var at)
        ? repository
        : $"ssh://{repository[..at]}/{repository[(at + 1)..].TrimStart('/')}");

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

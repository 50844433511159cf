using System.Text.Json;

namespace Sluice.Orchestration.Http.Prefect2;

/// <summary>Sluice's own labels on a server that has none: tags like <c>sluice.app:Weather</c>. Labels of other names have no place there.</summary>
internal static class Prefect2Labels
{
    private const string Prefix = "sluice.";

    /// <summary>The tags of a deployment with these labels.</summary>
    public static IReadOnlyList<string> Join(IReadOnlyList<string> tags, IReadOnlyDictionary<string, JsonElement>? labels) =>
        [.. tags, .. (labels ?? new Dictionary<string, JsonElement>())
            .Where(label => label.Key.StartsWith(Prefix, StringComparison.Ordinal) && label.Key != DeclaredSlugs.Label && label.Value.ValueKind == JsonValueKind.String)
            .Select(label => $"{label.Key}:{label.Value.GetString()}").Where(tag => !tags.Contains(tag))];

    /// <summary>The tags that people set, and the labels.</summary>
    public static (IReadOnlyList<string> Tags, IReadOnlyDictionary<string, JsonElement> Labels) Split(IReadOnlyList<string> tags)
    {
        Dictionary<string, JsonElement> labels = [];
        List<string> rest = [];
        foreach (string tag in tags)
        {
            int colon = tag.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && tag.StartsWith(Prefix, StringComparison.Ordinal))
            {
                labels[tag[..colon]] = JsonSerializer.SerializeToElement(tag[(colon + 1)..], WireJson.Default.String);
            }
            else
            {
                rest.Add(tag);
            }
        }

        return (rest, labels);
    }
}

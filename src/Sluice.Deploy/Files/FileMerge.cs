using System.Text.Json.Nodes;
using Sluice.Storage.Labels;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Files;

/// <summary>
/// What a file says above the banner after another build: what people edited there stays, what nobody edited follows the code. Parameters and overrides are
/// compared member by member, everything else as a whole.
/// </summary>
internal static class FileMerge
{
    // A build says which program it built; nobody edits that.
    private static readonly string[] s_own = [PackageReference.Variable, StorageLabels.PackageHostVariable];

    /// <summary>Merges.</summary>
    /// <param name="file">What the file says.</param>
    /// <param name="before">What the code said at the last build; null where nobody knows, so that all in the file counts as edited.</param>
    /// <param name="code">What the code says now.</param>
    /// <param name="kept">Gets the keys that were edited and that the code says otherwise.</param>
    public static JsonObject Of(JsonObject file, JsonObject? before, JsonObject code, List<string> kept) => Of(file, before, code, kept, "");

    private static JsonObject Of(JsonObject file, JsonObject? before, JsonObject code, List<string> kept, string path)
    {
        var merged = new JsonObject();
        foreach ((string key, JsonNode? said) in file)
        {
            string name = path.Length == 0 ? key : $"{path}.{key}";
            bool inCode = code.TryGetPropertyValue(key, out JsonNode? now);
            bool wasSaid = Has(before, key, out JsonNode? then);
            if (JsonNode.DeepEquals(said, now) && inCode)
                merged[key] = said?.DeepClone();
            else if (s_own.Contains(key))
                Take(merged, key, inCode, now);
            else if (said is JsonObject members && now is JsonObject newer && key is not ("schedule" or "infrastructure"))
                merged[key] = Of(members, then as JsonObject, newer, kept, name);
            else if (wasSaid && JsonNode.DeepEquals(said, then))
                Take(merged, key, inCode, now);
            else
            {
                merged[key] = said?.DeepClone();
                if (inCode && !(wasSaid && JsonNode.DeepEquals(then, now)))
                    kept.Add(name);
            }
        }
        foreach ((string key, JsonNode? now) in code)
        {
            // What the code said before and the file no longer says, somebody took out.
            if (!file.ContainsKey(key) && (s_own.Contains(key) || !Has(before, key, out _)) && !IsOther(key, merged))
                merged[key] = now?.DeepClone();
        }
        return merged;
    }

    // One schedule in place of several, or the other way round, is an edit too.
    private static bool IsOther(string key, JsonObject merged) => (key == "schedule" && merged.ContainsKey("schedules")) || (key == "schedules" && merged.ContainsKey("schedule"));

    private static void Take(JsonObject merged, string key, bool inCode, JsonNode? now)
    {
        if (inCode)
            merged[key] = now?.DeepClone();
    }

    private static bool Has(JsonObject? values, string key, out JsonNode? value)
    {
        value = null;
        return values is not null && values.TryGetPropertyValue(key, out value);
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Worker.Launch;

namespace Sluice.Worker.Templates;

/// <summary>Lays job variables over one another: the defaults of a pool's template, then the deployment's, then the run's. Prefect's rules.</summary>
internal static class JobVariableLevels
{
    /// <summary>
    /// Merges them: a variable of a later level replaces the earlier one, but <c>env</c> is merged by name. A dotted key, as <c>env.NAME</c>, means the member of that
    /// object, and loses against a nested one beside it.
    /// </summary>
    /// <exception cref="LaunchException"><c>env</c> is no object.</exception>
    public static JsonObject Merge(params IEnumerable<IEnumerable<KeyValuePair<string, JsonElement>>?> levels)
    {
        var merged = new JsonObject();
        foreach (IEnumerable<KeyValuePair<string, JsonElement>>? level in levels)
        {
            if (level is null)
                continue;
            foreach ((string key, JsonNode? value) in Expand(level))
            {
                if (key != "env")
                    merged[key] = value?.DeepClone();
                else if (value is JsonObject added)
                    MergeInto(merged, added);
                else if (value is not null)
                    throw new LaunchException($"the job variable env is not an object but {JobVariables.Kind(value.GetValueKind())}: correct the deployment's job variables");
            }
        }
        return merged;
    }

    private static void MergeInto(JsonObject merged, JsonObject added)
    {
        if (merged["env"] is not JsonObject env)
            merged["env"] = env = [];
        foreach ((string name, JsonNode? value) in added)
            env[name] = value?.DeepClone();
    }

    /// <summary>Dotted keys first, so that what is nested wins.</summary>
    private static JsonObject Expand(IEnumerable<KeyValuePair<string, JsonElement>> level)
    {
        var expanded = new JsonObject();
        List<KeyValuePair<string, JsonElement>> members = [.. level];
        foreach ((string key, JsonElement value) in members.Where(member => IsDotted(member.Key)))
        {
            int dot = key.IndexOf('.', StringComparison.Ordinal);
            if (expanded[key[..dot]] is not JsonObject parent)
                expanded[key[..dot]] = parent = [];
            // The name of an environment variable may hold dots; nothing else that is read here has a third part.
            parent[key[(dot + 1)..]] = NodeOf(value);
        }
        foreach ((string key, JsonElement value) in members.Where(member => !IsDotted(member.Key)))
        {
            if (value.ValueKind == JsonValueKind.Object && expanded[key] is JsonObject dotted)
            {
                foreach (JsonProperty member in value.EnumerateObject())
                    dotted[member.Name] = NodeOf(member.Value);
            }
            else if (value.ValueKind != JsonValueKind.Null || expanded[key] is null)
            {
                expanded[key] = NodeOf(value);
            }
        }
        return expanded;
    }

    private static bool IsDotted(string key) => key.IndexOf('.', StringComparison.Ordinal) is > 0 and int dot && dot < key.Length - 1;

    /// <summary>A value as a node; JSON's null is none.</summary>
    internal static JsonNode? NodeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.Object => JsonObject.Create(value.Clone()),
        JsonValueKind.Array => JsonArray.Create(value.Clone()),
        _ => JsonValue.Create(value.Clone()),
    };
}

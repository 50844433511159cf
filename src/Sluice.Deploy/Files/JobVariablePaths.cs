using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Deploy.Files;

/// <summary>Prefect 2's dotted names of overrides, as <c>env.LEVEL</c>: its agents read them, and every other worker wants the members themselves.</summary>
internal static class JobVariablePaths
{
    // JSON is read to a depth of 64; what anybody means has a handful.
    private const int MaxParts = 16;

    /// <summary>The variables with dotted names as members of objects. A name within what is no object stays as it is.</summary>
    public static IReadOnlyDictionary<string, JsonElement>? Expand(IReadOnlyDictionary<string, JsonElement>? variables)
    {
        if (variables is null || !variables.Keys.Any(name => name.Contains('.', StringComparison.Ordinal)))
            return variables;
        var root = new JsonObject();
        foreach ((string name, JsonElement value) in variables.OrderBy(pair => pair.Key.Contains('.', StringComparison.Ordinal)))
        {
            if (!TrySet(root, name, JsonNode.Parse(value.GetRawText())))
                root[name] = JsonNode.Parse(value.GetRawText());
        }
        return root.ToDictionary(pair => pair.Key, pair => JsonElement.Parse(pair.Value?.ToJsonString() ?? "null"), StringComparer.Ordinal);
    }

    /// <summary>Sets a member by its dotted name. False where a part of the name is a value that has no members.</summary>
    public static bool TrySet(JsonObject root, string name, JsonNode? value)
    {
        string[] parts = name.Split('.');
        if (parts.Length > MaxParts || parts.Any(part => part.Length == 0))
            return false;
        JsonObject at = root;
        foreach (string part in parts[..^1])
        {
            if (at[part] is null)
                at[part] = new JsonObject();
            if (at[part] is not JsonObject inner)
                return false;
            at = inner;
        }
        at[parts[^1]] = value;
        return true;
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Deploy.Files;

/// <summary>Prefect 2's dotted names of overrides, as <c>env.LEVEL</c>: its agents read them, and every other worker wants the members themselves.</summary>
internal static class JobVariablePaths
{
    // What anybody means has a handful.
    private const int MaxParts = 16;

    /// <summary>The variables with dotted names as members of objects.</summary>
    /// <param name="variables">By their names.</param>
    /// <param name="refuse">Is told each name that cannot be a path, and why: a sentence without an end, as <c>has an empty part</c>. It is left out.</param>
    public static IReadOnlyDictionary<string, JsonElement>? Expand(IReadOnlyDictionary<string, JsonElement>? variables, Action<string, string> refuse)
    {
        if (variables is null || !variables.Keys.Any(name => name.Contains('.', StringComparison.Ordinal)))
            return variables;
        var root = new JsonObject();
        // Whatever their order in the file, an object comes before what is set within it.
        foreach ((string name, JsonElement value) in variables.OrderBy(pair => pair.Key.Count(c => c == '.')))
        {
            if (Set(root, name, JsonNode.Parse(value.GetRawText())) is { } why)
                refuse(name, why);
        }
        return root.ToDictionary(pair => pair.Key, pair => JsonElement.Parse(pair.Value?.ToJsonString() ?? "null"), StringComparer.Ordinal);
    }

    /// <summary>Sets a member by its dotted name. Says why not where that is none, a part of it is a value that has no members, or it is there already.</summary>
    private static string? Set(JsonObject root, string name, JsonNode? value)
    {
        string[] parts = name.Split('.');
        if (parts.Length > MaxParts)
            return string.Create(CultureInfo.InvariantCulture, $"has {parts.Length} parts, and {MaxParts} at most are read");
        if (parts.Length > 1 && parts.Any(part => part.Length == 0))
            return "has an empty part: its dots stand between the names of members, as in env.LEVEL";
        JsonObject at = root;
        for (int i = 0; i < parts.Length - 1; i++)
        {
            if (at[parts[i]] is null)
                at[parts[i]] = new JsonObject();
            if (at[parts[i]] is not JsonObject inner)
                return $"is a member of what is a value: '{string.Join('.', parts[..(i + 1)])}' has no members";
            at = inner;
        }
        return at.TryAdd(parts[^1], value) ? null : "is said twice: the object that it is a member of says it too";
    }
}

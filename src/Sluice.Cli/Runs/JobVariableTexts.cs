using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Cli.Output;

namespace Sluice.Cli.Runs;

/// <summary>Job variables as a command line writes them: <c>NAME=VALUE</c>, <c>env.NAME=VALUE</c>.</summary>
internal static class JobVariableTexts
{
    private const string Env = "env.";

    /// <summary>Null where there are none.</summary>
    /// <exception cref="CliException">One is not NAME=VALUE.</exception>
    public static Dictionary<string, JsonElement>? Read(IReadOnlyList<string> assignments)
    {
        if (assignments.Count == 0)
            return null;
        var variables = new JsonObject();
        foreach (string assignment in assignments)
        {
            int at = assignment.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0 || assignment[..at] is Env)
                throw CliException.BadUsage($"--job-variable '{assignment}' is not NAME=VALUE; write e.g. -jv env.LEVEL=debug");
            string name = assignment[..at], text = assignment[(at + 1)..];
            // A variable of the environment is a text whatever it looks like.
            if (name.StartsWith(Env, StringComparison.Ordinal))
                (variables["env"] as JsonObject ?? (JsonObject)(variables["env"] = new JsonObject()))[name[Env.Length..]] = text;
            else if (name != "env")
                variables[name] = Value(text);
            else if (Value(text) is JsonObject env)
                variables["env"] = Merge(variables["env"] as JsonObject, env);
            else
                throw CliException.BadUsage($"--job-variable env takes an object of variables, and '{text}' is none; write e.g. -jv env.LEVEL=debug");
        }
        return variables.ToDictionary(pair => pair.Key, pair => JsonDocument.Parse(pair.Value?.ToJsonString(Json.Indented) ?? "null").RootElement, StringComparer.Ordinal);
    }

    private static JsonObject Merge(JsonObject? before, JsonObject further)
    {
        JsonObject merged = before?.DeepClone().AsObject() ?? [];
        foreach ((string name, JsonNode? value) in further)
            merged[name] = value?.DeepClone();
        return merged;
    }

    private static JsonNode? Value(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return text;
        }
    }
}

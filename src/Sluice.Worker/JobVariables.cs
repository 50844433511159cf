using System.Text.Json;
using Sluice.Worker.Launch;

namespace Sluice.Worker;

/// <summary>The job variables of a run: the deployment's, then the run's. Prefect's rules.</summary>
internal sealed record JobVariables
{
    /// <summary>Environment of the run; null removes a variable that the worker has.</summary>
    public required IReadOnlyDictionary<string, string?> Env { get; init; }

    /// <summary>What to run where there is no package.</summary>
    public string? Command { get; init; }

    /// <summary>Where to run the command; a fresh temporary folder when absent.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>
    /// Merges them: a run's variable replaces the deployment's, but <c>env</c> is merged by name. A key <c>env.NAME</c> means NAME in <c>env</c>, and
    /// loses against a nested one beside it.
    /// </summary>
    /// <exception cref="LaunchException">A variable that is read here has the wrong type.</exception>
    public static JobVariables Merge(params IEnumerable<IReadOnlyDictionary<string, JsonElement>?> levels)
    {
        var env = new Dictionary<string, string?>(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        string? command = null, workingDirectory = null;
        foreach (var level in levels)
        {
            if (level is null)
                continue;
            foreach (var (key, value) in level)
            {
                if (key.StartsWith("env.", StringComparison.Ordinal) && key.Length > 4)
                    env[key[4..]] = EnvValue(key, value);
                else if (key == "command")
                    command = Text(key, value);
                else if (key == "working_dir")
                    workingDirectory = Text(key, value);
            }

            // Second, so that it wins over the dotted keys of its own level.
            if (level.TryGetValue("env", out JsonElement nested) && nested.ValueKind != JsonValueKind.Null)
            {
                if (nested.ValueKind != JsonValueKind.Object)
                    throw new LaunchException($"the job variable env is not an object but {Kind(nested)}: correct the deployment's job variables");
                foreach (JsonProperty variable in nested.EnumerateObject())
                    env[variable.Name] = EnvValue($"env.{variable.Name}", variable.Value);
            }
        }

        return new() { Env = env, Command = command, WorkingDirectory = workingDirectory };
    }

    private static string? EnvValue(string key, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => throw new LaunchException($"the job variable {key} is not a text but {Kind(value)}: correct the deployment's job variables"),
    };

    private static string? Text(string key, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => string.IsNullOrWhiteSpace(value.GetString()) ? null : value.GetString(),
        _ => throw new LaunchException($"the job variable {key} is not a text but {Kind(value)}: correct the deployment's job variables"),
    };

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        JsonValueKind.Number => "a number",
        _ => "a boolean",
    };
}

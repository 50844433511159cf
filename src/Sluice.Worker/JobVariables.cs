using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Worker.Launch;
using Sluice.Worker.Templates;

namespace Sluice.Worker;

/// <summary>The part of a job configuration that this worker reads.</summary>
internal sealed record JobVariables
{
    /// <summary>Environment of the run; null removes a variable that the worker has.</summary>
    public required IReadOnlyDictionary<string, string?> Env { get; init; }

    /// <summary>What to run where there is no package.</summary>
    public string? Command { get; init; }

    /// <summary>Where to run the command; a fresh temporary folder when absent.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Whether what the process writes becomes log records of the run; it is read and dropped otherwise.</summary>
    public bool StreamOutput { get; init; } = true;

    /// <summary>How long a cancelled run may take to end; null for the worker's own time.</summary>
    public TimeSpan? TerminationGrace { get; init; }

    /// <summary>The deployment's job variables and the run's over them, without a pool's template.</summary>
    /// <exception cref="LaunchException">A variable that is read here has the wrong type.</exception>
    public static JobVariables Merge(params IEnumerable<IReadOnlyDictionary<string, JsonElement>?> levels) => Read(JobVariableLevels.Merge(levels));

    /// <summary>Reads a job configuration.</summary>
    /// <exception cref="LaunchException">A variable that is read here has the wrong type.</exception>
    public static JobVariables Read(JsonObject configuration)
    {
        var env = new Dictionary<string, string?>(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        if (configuration["env"] is { } given)
        {
            if (given is not JsonObject variables)
                throw Wrong("env", "an object", given);
            foreach ((string name, JsonNode? value) in variables)
                env[name] = EnvValue($"env.{name}", value);
        }
        return new()
        {
            Env = env,
            Command = Text(configuration, "command"),
            WorkingDirectory = Text(configuration, "working_dir"),
            StreamOutput = configuration["stream_output"] is not { } stream || (stream.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? stream.GetValue<bool>() : throw Wrong("stream_output", "a boolean", stream)),
            TerminationGrace = configuration["termination_grace_seconds"] is not { } grace ? null
                : grace is JsonValue seconds && seconds.TryGetValue(out double number) && number is >= 0 and <= 86_400 ? TimeSpan.FromSeconds(number)
                : throw new LaunchException($"the job variable termination_grace_seconds is {grace.ToJsonString()} and should be a number from 0 to 86400: correct the deployment's job variables"),
        };
    }

    /// <summary>What a value is, for messages.</summary>
    internal static string Kind(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        JsonValueKind.Number => "a number",
        JsonValueKind.String => "a text",
        _ => "a boolean",
    };

    private static string? EnvValue(string key, JsonNode? value) => value switch
    {
        null => null,
        JsonValue scalar => scalar.TryGetValue(out string? text) ? text : scalar.ToJsonString(),
        _ => throw Wrong(key, "a text", value),
    };

    private static string? Text(JsonObject configuration, string key) => configuration[key] switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out string? text) => string.IsNullOrWhiteSpace(text) ? null : text,
        var other => throw Wrong(key, "a text", other),
    };

    private static LaunchException Wrong(string key, string wanted, JsonNode value) =>
        new($"the job variable {key} is not {wanted} but {Kind(value.GetValueKind())}: correct the deployment's job variables");
}

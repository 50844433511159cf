using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Orchestration;
using Sluice.Worker.Launch;

namespace Sluice.Worker.Templates;

/// <summary>
/// What a work pool makes of job variables: its base job template has <c>job_configuration</c>, with <c>{{ placeholders }}</c>, and <c>variables</c>, a schema with
/// defaults. A pool without one, as <c>default-agent-pool</c>, takes the job variables as they are. Prefect's rules.
/// </summary>
/// <param name="pool">The pool; null where the run has none.</param>
internal sealed class JobTemplate(WorkPool? pool)
{
    private readonly JsonElement? _configuration = Member(pool?.BaseJobTemplate, "job_configuration");
    private readonly JsonElement? _variables = Member(Member(pool?.BaseJobTemplate, "variables"), "properties");

    /// <summary>The job configuration for these job variables, but for what the server has to be asked for.</summary>
    /// <param name="deployment">The deployment's job variables.</param>
    /// <param name="run">The run's.</param>
    /// <exception cref="LaunchException">A variable that is read here has the wrong type.</exception>
    public JsonObject Apply(IReadOnlyDictionary<string, JsonElement>? deployment, IReadOnlyDictionary<string, JsonElement>? run)
    {
        JsonObject values = JobVariableLevels.Merge(Defaults(), deployment, run);
        if (_configuration is not { } template)
            return values;
        var configuration = (JsonObject)Fill(JsonObject.Create(template.Clone())!, values)!;
        KeepOwn(values, configuration);
        return configuration;
    }

    /// <summary>A default of null is none.</summary>
    private IEnumerable<KeyValuePair<string, JsonElement>> Defaults() =>
        _variables is not { } properties ? []
        : from property in properties.EnumerateObject()
          where property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("default", out JsonElement value) && value.ValueKind != JsonValueKind.Null
          select KeyValuePair.Create(property.Name, property.Value.GetProperty("default"));

    /// <summary>What says where the program is reaches the worker, also where the template passes no <c>env</c> on.</summary>
    private static void KeepOwn(JsonObject values, JsonObject configuration)
    {
        if (values["env"] is not JsonObject given)
            return;
        foreach ((string name, JsonNode? value) in given.Where(variable => variable.Key.StartsWith("SLUICE_", StringComparison.Ordinal)).ToList())
        {
            if (configuration["env"] is null)
                configuration["env"] = new JsonObject();
            if (configuration["env"] is JsonObject env && !env.ContainsKey(name))
                env[name] = value?.DeepClone();
        }
    }

    /// <summary>The template with its values in place: a text that is one placeholder becomes the value with its type; what has no value goes.</summary>
    private static JsonNode? Fill(JsonNode? template, JsonObject values)
    {
        switch (template)
        {
            case JsonObject members:
                var filled = new JsonObject();
                foreach ((string name, JsonNode? member) in members)
                {
                    if (member is null)
                        filled[name] = null;
                    else if (Fill(member, values) is { } value)
                        filled[name] = value;
                }
                return filled;
            case JsonArray items:
                return new JsonArray([.. items.Select(item => Fill(item, values)).Where(item => item is not null)]);
            case JsonValue value when value.TryGetValue(out string? text):
                return FillText(text, values);
            default:
                return template?.DeepClone();
        }
    }

    private static JsonNode? FillText(string text, JsonObject values)
    {
        IReadOnlyList<Placeholder> placeholders = Placeholder.In(text);
        if (placeholders is [{ Kind: PlaceholderKind.JobVariable } only] && only.Text == text)
            return Find(values, only.Target)?.DeepClone();
        foreach (Placeholder placeholder in placeholders)
        {
            if (placeholder.Kind == PlaceholderKind.JobVariable)
                text = text.Replace(placeholder.Text, Text(Find(values, placeholder.Target)), StringComparison.Ordinal);
            else if (placeholder.Kind == PlaceholderKind.Environment)
                text = text.Replace(placeholder.Text, Environment.GetEnvironmentVariable(placeholder.Target) ?? "", StringComparison.Ordinal);
        }
        return JsonValue.Create(text);
    }

    /// <summary>A value by a path of names with dots, and <c>[n]</c> for an item of a list. Null where there is none.</summary>
    internal static JsonNode? Find(JsonNode? root, string path)
    {
        foreach (string part in path.Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            root = root switch
            {
                JsonObject members => members[part],
                JsonArray items when part is ['[', .. string digits, ']'] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < items.Count => items[index],
                _ => null,
            };
        }
        return root;
    }

    /// <summary>A value inside a longer text, as Prefect writes it there.</summary>
    internal static string Text(JsonNode? value) => value switch
    {
        null => "",
        JsonValue scalar when scalar.TryGetValue(out string? text) => text,
        _ when value.GetValueKind() == JsonValueKind.True => "True",
        _ when value.GetValueKind() == JsonValueKind.False => "False",
        _ => value.ToJsonString(),
    };

    private static JsonElement? Member(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } members && members.TryGetProperty(name, out JsonElement member) && member.ValueKind == JsonValueKind.Object ? member : null;
}

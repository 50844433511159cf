using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sluice.Runtime.Local;

/// <summary>Reads <c>[--parameter value …] [--params JSON]</c> into a JSON object of parameters. Options win over <c>--params</c>.</summary>
internal static class LocalArguments
{
    /// <summary>The option that takes all parameters as one JSON object.</summary>
    public const string ParamsOption = "--params";

    /// <summary>Reads the arguments that follow the flow's name.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="arguments">What follows its name.</param>
    /// <param name="problem">One line that says what is wrong, or null.</param>
    /// <returns>The parameters, when nothing is wrong.</returns>
    public static JsonElement? Read(FlowDefinition flow, ReadOnlySpan<string> arguments, out string? problem)
    {
        Dictionary<string, JsonElement> values = new(StringComparer.Ordinal);
        Dictionary<string, JsonElement> options = new(StringComparer.Ordinal);
        for (int index = 0; index < arguments.Length; index++)
        {
            string argument = arguments[index];
            if (!argument.StartsWith("--", StringComparison.Ordinal) || argument.Length == 2)
            {
                problem = $"Unexpected argument{(flow.HasSecrets ? "" : $" '{argument}'")}: parameters are given as --name value.";
                return null;
            }

            int equals = argument.IndexOf('=');
            string name = equals < 0 ? argument : argument[..equals];
            string? value = equals < 0 ? null : argument[(equals + 1)..];
            FlowParameter? parameter = name == ParamsOption ? null : Find(flow, name[2..]);
            if (parameter is null && name != ParamsOption)
            {
                problem = Unknown(flow, name);
                return null;
            }

            bool last = index + 1 == arguments.Length;
            if (value is null && parameter?.Kind == FlowParameterKind.Flag && (last || arguments[index + 1] is not ("true" or "false")))
            {
                value = "true";
            }
            else if (value is null && last)
            {
                problem = $"{name} needs a value: {parameter?.Type ?? "a JSON object"}.";
                return null;
            }

            value ??= arguments[++index];
            problem = parameter is null ? ReadParams(flow, value, values) : ReadOption(parameter, name, value, options);
            if (problem is not null)
            {
                return null;
            }
        }

        foreach ((string name, JsonElement value) in options)
        {
            values[name] = value;
        }

        problem = null;
        return Parameters.ToObject(values);
    }

    /// <summary>By its name in JSON, else as people write options: <c>--max-days</c> for <c>maxDays</c>.</summary>
    private static FlowParameter? Find(FlowDefinition flow, string typed) =>
        flow.Parameters.FirstOrDefault(parameter => parameter.Name == typed)
        ?? flow.Parameters.FirstOrDefault(parameter => FlowNames.Slug(parameter.Name) == FlowNames.Slug(typed));

    private static string Unknown(FlowDefinition flow, string name)
    {
        string? meant = FlowNames.Nearest(flow.Parameters.Select(parameter => parameter.Name), name[2..]);
        return meant is not null ? $"{name} is not a parameter of '{flow.Name}': did you mean --{meant}?"
            : flow.Parameters.Count == 0 ? $"{name} is not a parameter of '{flow.Name}': it has none."
            : $"{name} is not a parameter of '{flow.Name}': it has {string.Join(", ", flow.Parameters.Select(parameter => "--" + parameter.Name))}.";
    }

    private static string? ReadParams(FlowDefinition flow, string text, Dictionary<string, JsonElement> values)
    {
        if (Parse(text) is not { ValueKind: JsonValueKind.Object } json)
        {
            return $"{ParamsOption} needs a JSON object, as {{\"city\":\"Seattle\"}}; got: {(flow.HasSecrets ? "something else, which may hold secrets" : Short(text))}";
        }

        foreach (JsonProperty property in json.EnumerateObject())
        {
            values[property.Name] = property.Value;
        }

        return null;
    }

    private static string? ReadOption(FlowParameter parameter, string option, string text, Dictionary<string, JsonElement> options)
    {
        JsonElement? value = parameter.Kind == FlowParameterKind.Text ? TextElement(text) : Parse(text);
        if (value is null || !Fits(parameter.Kind, value.Value.ValueKind))
        {
            return $"{option} needs {(parameter.Kind == FlowParameterKind.Json ? $"JSON, {parameter.Type}" : parameter.Type)}; got: {Short(text)}";
        }

        return options.TryAdd(parameter.Name, value.Value) ? null : $"{option} is given twice.";
    }

    private static bool Fits(FlowParameterKind kind, JsonValueKind value) => kind switch
    {
        FlowParameterKind.Number => value is JsonValueKind.Number or JsonValueKind.Null,
        FlowParameterKind.Flag => value is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null,
        _ => true,
    };

    private static JsonElement? Parse(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement TextElement(string text)
    {
        using JsonDocument document = JsonDocument.Parse($"\"{JavaScriptEncoder.Default.Encode(text)}\"");
        return document.RootElement.Clone();
    }

    private static string Short(string text) => text.Length <= 80 ? text : text[..80] + "…";
}

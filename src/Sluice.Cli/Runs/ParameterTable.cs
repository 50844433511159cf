using System.Text.Json;
using Sluice.Cli.Output;
using Sluice.Orchestration;

namespace Sluice.Cli.Runs;

/// <summary>The parameters that a deployment's schema names: their types, and how text on the command line becomes their JSON.</summary>
internal sealed class ParameterTable
{
    private readonly JsonElement _schema;
    private readonly List<(string Name, JsonElement Schema)> _parameters = [];
    private readonly HashSet<string> _required = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, JsonElement> _defaults;

    private ParameterTable(JsonElement schema, IReadOnlyDictionary<string, JsonElement> defaults)
    {
        _schema = schema;
        _defaults = defaults;
        if (schema.ValueKind != JsonValueKind.Object)
            return;
        if (schema.TryGetProperty("properties", out JsonElement properties) && properties.ValueKind == JsonValueKind.Object)
            _parameters.AddRange(properties.EnumerateObject().Select(property => (property.Name, property.Value)));
        if (schema.TryGetProperty("required", out JsonElement required) && required.ValueKind == JsonValueKind.Array)
            _required.UnionWith(required.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!));
        HasSchema = properties.ValueKind == JsonValueKind.Object;
    }

    /// <summary>Whether the deployment says which parameters there are; without it any name is taken.</summary>
    public bool HasSchema { get; }

    /// <summary>Secrets among the deployment's values are hidden: the values are for showing only.</summary>
    public static ParameterTable Of(Deployment deployment) => new(deployment.ParameterOpenapiSchema ?? default, Secrets.Hide(deployment).Parameters);

    /// <summary>One line a parameter: name, type, and the value that a run gets when nobody gives one.</summary>
    public IEnumerable<string> Lines()
    {
        if (!HasSchema || _parameters.Count == 0)
            return _defaults.Count == 0 ? ["none"] : _defaults.Select(pair => $"{pair.Key} = {pair.Value.GetRawText()}");
        int width = _parameters.Max(parameter => parameter.Name.Length);
        return _parameters.Select(parameter =>
        {
            string line = $"{parameter.Name.PadRight(width)}  {TypeName(parameter.Schema)}";
            if (_defaults.TryGetValue(parameter.Name, out JsonElement value) || parameter.Schema.TryGetProperty("default", out value))
                return $"{line} = {value.GetRawText()}";
            return _required.Contains(parameter.Name) ? $"{line}, required" : line;
        });
    }

    /// <summary>
    /// The parameters of a run: the object of <c>--params</c>, over it the texts of <c>--param NAME=VALUE</c>. A name that the schema lacks, and a text that
    /// cannot be of its parameter's type, is bad usage. Whether the values fit is the server's to say.
    /// </summary>
    public Dictionary<string, JsonElement> Read(JsonElement? parameters, IEnumerable<string> assignments, string deployment)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (parameters is { } given)
        {
            foreach (JsonProperty property in given.EnumerateObject())
            {
                Find(property.Name, deployment);
                values[property.Name] = property.Value;
            }
        }
        foreach (string assignment in assignments)
        {
            int at = assignment.IndexOf('=');
            if (at <= 0)
                throw CliException.BadUsage($"--param '{assignment}' is not NAME=VALUE; write e.g. --param city=Seattle");
            string name = assignment[..at];
            values[name] = ToJson(name, assignment[(at + 1)..], Find(name, deployment));
        }
        return values;
    }

    private JsonElement? Find(string name, string deployment)
    {
        if (!HasSchema)
            return null;
        foreach ((string known, JsonElement schema) in _parameters)
        {
            if (known == name)
                return schema;
        }
        string list = _parameters.Count == 0 ? "It takes none" : $"It takes: {string.Join(", ", _parameters.Select(parameter => $"{parameter.Name} ({TypeName(parameter.Schema)})"))}";
        throw CliException.BadUsage($"'{deployment}' has no parameter '{name}'.{DidYouMean.Question(name, _parameters.Select(parameter => parameter.Name))} {list}");
    }

    private JsonElement ToJson(string name, string text, JsonElement? schema)
    {
        HashSet<string>? types = schema is { } known ? Types(known, 0) : null;
        bool takesText = types?.Contains("string") ?? true;
        if (types is not { Count: 1 } || !takesText)
        {
            if (TryParse(text) is { } json && json.ValueKind != JsonValueKind.String && (types is null || types.Count == 0 || types.Contains(TypeOf(json)) || !takesText))
                return json;
            if (!takesText && TryParse(text) is not { ValueKind: JsonValueKind.String } && types is { Count: > 0 })
                throw CliException.BadUsage($"--param {name} takes {TypeName(schema!.Value)}, and '{text}' is not JSON of that type; write e.g. --param {Example(name, types)}");
        }
        return JsonSerializer.SerializeToElement(text, Json.Indented.GetTypeInfo(typeof(string)));
    }

    /// <summary>The JSON types that a schema takes; empty when it takes any.</summary>
    private HashSet<string> Types(JsonElement schema, int depth)
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        schema = Resolve(schema);
        if (schema.ValueKind != JsonValueKind.Object || depth > 16)
            return types;
        if (schema.TryGetProperty("type", out JsonElement type))
        {
            if (type.ValueKind == JsonValueKind.String)
                types.Add(type.GetString()!);
            else if (type.ValueKind == JsonValueKind.Array)
                types.UnionWith(type.EnumerateArray().Select(one => one.GetString()!));
            if (types.Contains("number"))
                types.Add("integer");
            return types;
        }
        foreach (string keyword in new[] { "anyOf", "oneOf", "allOf" })
        {
            if (!schema.TryGetProperty(keyword, out JsonElement branches) || branches.ValueKind != JsonValueKind.Array)
                continue;
            foreach (JsonElement branch in branches.EnumerateArray())
                types.UnionWith(Types(branch, depth + 1));
        }
        if (schema.TryGetProperty("enum", out JsonElement values) && values.ValueKind == JsonValueKind.Array)
            types.UnionWith(values.EnumerateArray().Select(TypeOf));
        if (schema.TryGetProperty("const", out JsonElement value))
            types.Add(TypeOf(value));
        return types;
    }

    private string TypeName(JsonElement schema)
    {
        JsonElement resolved = Resolve(schema);
        if (resolved.ValueKind == JsonValueKind.Object && resolved.TryGetProperty("enum", out JsonElement values) && values.ValueKind == JsonValueKind.Array)
            return string.Join('|', values.EnumerateArray().Select(Json.Short));
        HashSet<string> types = Types(schema, 0);
        if (types.Contains("number"))
            types.Remove("integer");
        if (types.Count == 0)
            return "anything";
        string format = resolved.TryGetProperty("format", out JsonElement named) && named.ValueKind == JsonValueKind.String ? $" {named.GetString()}" : "";
        return string.Join(" or ", types) + format;
    }

    private JsonElement Resolve(JsonElement schema)
    {
        for (int depth = 0; depth < 16 && schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out JsonElement reference); depth++)
        {
            JsonElement target = _schema;
            if (reference.ValueKind != JsonValueKind.String || !reference.GetString()!.StartsWith("#/", StringComparison.Ordinal))
                return schema;
            foreach (string step in reference.GetString()![2..].Split('/'))
            {
                if (target.ValueKind != JsonValueKind.Object || !target.TryGetProperty(step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal), out target))
                    return schema;
            }
            schema = target;
        }
        return schema;
    }

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Null => "null",
        _ => value.TryGetInt64(out _) ? "integer" : "number",
    };

    private static string Example(string name, HashSet<string> types) => types switch
    {
        _ when types.Contains("integer") => $"{name}=7",
        _ when types.Contains("boolean") => $"{name}=true",
        _ when types.Contains("array") => $"'{name}=[1, 2]'",
        _ => $"'{name}={{\"a\": 1}}'",
    };

    private static JsonElement? TryParse(string text)
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
}

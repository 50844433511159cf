using System.Text.Json;
using Sluice.Deploy.Files.Yaml;
using Sluice.Orchestration;

namespace Sluice.Deploy.Files;

/// <summary>The blocks of a file: <c>infrastructure</c> and <c>storage</c>, which Prefect writes with their fields, and with their names where they have any.</summary>
/// <param name="Kind">As a deployment of code says it: <c>process</c>, <c>docker</c>, <c>kubernetes</c>, another type, or a block as <c>docker-container/prod</c>. Null for none.</param>
/// <param name="Data">The fields of one without a name.</param>
internal sealed record FileInfrastructure(string? Kind, IReadOnlyDictionary<string, JsonElement>? Data)
{
    private const string Slug = "_block_type_slug";

    private const string Command = "command";

    private const string Env = "env";

    // What Prefect's client adds for itself when it writes a block.
    private static readonly string[] s_own = [Slug, "block_type_slug", "_block_document_id", "_block_document_name", "_is_anonymous", "_block_schema_id", "_block_type_id"];

    /// <summary>Reads <c>infrastructure</c>.</summary>
    public static FileInfrastructure Read(YamlMapping root, FileValues values)
    {
        if (root["infrastructure"] is not { } node || FileValues.IsNull(node))
            return new(null, null);
        if (node is not YamlMapping map)
            return values.Wrong<FileInfrastructure>(node, "infrastructure", "a mapping with type") ?? new(null, null);
        string? slug = values.Text(map, Slug, "infrastructure") ?? values.Text(map, "block_type_slug", "infrastructure") ?? values.Text(map, "type", "infrastructure");
        if (slug is null)
        {
            values.Add(map, DeployCodes.FileValue, "infrastructure has no type: write type: process, docker-container or kubernetes-job.");
            return new(null, null);
        }
        if (values.Text(map, "_block_document_name", "infrastructure") is { } name && values.Flag(map, "_is_anonymous", "infrastructure") != true)
            return new($"{slug}/{name}", null);
        IReadOnlyDictionary<string, JsonElement>? fields = values.Map(root, "infrastructure", isText: DeploymentFileReader.IsVariable);
        return new(KindOf(slug), fields?.Where(field => !s_own.Contains(field.Key)).ToDictionary(field => field.Key, field => field.Value, StringComparer.Ordinal));
    }

    /// <summary>Reads <c>storage</c>: the block's type and name.</summary>
    public static string? StorageBlock(YamlMapping root, FileValues values)
    {
        if (root["storage"] is not { } node || FileValues.IsNull(node))
            return null;
        if (node is not YamlMapping map)
            return values.Wrong<string>(node, "storage", "a block with its type and name");
        if (values.Text(map, Slug, "storage") is { } slug && values.Text(map, "_block_document_name", "storage") is { } name)
            return $"{slug}/{name}";
        values.Add(map, DeployCodes.FileValue, $"storage has no {(map[Slug] is null ? Slug : "_block_document_name")}: only a saved block of storage can be named by a deployment.");
        return null;
    }

    /// <summary>How a deployment of code names a type of infrastructure block.</summary>
    public static string KindOf(string slug) => slug switch { "docker-container" => "docker", "kubernetes-job" => "kubernetes", _ => slug };

    /// <summary>The type of block for it.</summary>
    public static string SlugOf(string kind) => kind switch { "docker" => "docker-container", "kubernetes" => "kubernetes-job", _ => kind };

    /// <summary>
    /// The overrides with what they take the block's place for: the command as one text, from their own list of words, which agents read, else from the
    /// block's; and the block's variables that they do not set.
    /// </summary>
    public IReadOnlyDictionary<string, JsonElement>? Into(IReadOnlyDictionary<string, JsonElement>? overrides)
    {
        var result = new Dictionary<string, JsonElement>(overrides ?? new Dictionary<string, JsonElement>(), StringComparer.Ordinal);
        if ((result.TryGetValue(Command, out JsonElement command) || Data?.TryGetValue(Command, out command) == true)
            && command.ValueKind == JsonValueKind.Array && command.EnumerateArray().All(word => word.ValueKind == JsonValueKind.String))
        {
            result[Command] = JsonSerializer.SerializeToElement(string.Join(' ', command.EnumerateArray().Select(word => ShellWords.Quote(word.GetString()!))), DeployJson.Default.String);
        }
        JsonElement own = default;
        if (Data?.TryGetValue(Env, out JsonElement env) == true && env.ValueKind == JsonValueKind.Object && env.EnumerateObject().Any()
            && (!result.TryGetValue(Env, out own) || own.ValueKind == JsonValueKind.Object))
        {
            var variables = env.EnumerateObject().ToDictionary(variable => variable.Name, variable => variable.Value, StringComparer.Ordinal);
            foreach (JsonProperty variable in own.ValueKind == JsonValueKind.Object ? [.. own.EnumerateObject()] : Array.Empty<JsonProperty>())
                variables[variable.Name] = variable.Value;
            result[Env] = JsonSerializer.SerializeToElement(variables, DeployJson.Default.DictionaryStringJsonElement);
        }
        return overrides is null && result.Count == 0 ? null : result;
    }
}

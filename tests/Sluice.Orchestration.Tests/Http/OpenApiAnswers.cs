using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Testing;

namespace Sluice.Orchestration.Tests.Http;

/// <summary>
/// Judges answers by the response schemas of Prefect 3.8.3's OpenAPI document, where it lies beside the repository (../shared/contract): every required
/// key is there, no other is, and values are of the kinds that the document names.
/// </summary>
internal static partial class OpenApiAnswers
{
    private static readonly Lazy<JsonElement?> Document = new(Find);

    private static readonly Lazy<(Regex Path, JsonElement Methods)[]> Paths = new(() =>
    [
        .. Document.Value!.Value.GetProperty("paths").EnumerateObject().OrderBy(path => path.Name.Count(c => c == '{'))
            .Select(path => (new Regex("^" + Parameter().Replace(Regex.Escape(path.Name).Replace("\\{", "{", StringComparison.Ordinal), "[^/]+") + "$"), path.Value)),
    ]);

    public static bool IsThere => Document.Value is not null;

    /// <summary>Fails where a good answer is not what Prefect's clients expect.</summary>
    public static void Check(string method, string path, int status, JsonElement answer)
    {
        if (!IsThere || status is < 200 or >= 300)
        {
            return;
        }

        string bare = path.Split('?')[0];
        JsonElement methods = Paths.Value.FirstOrDefault(known => known.Path.IsMatch(bare)).Methods;
        if (methods.ValueKind == JsonValueKind.Undefined || !methods.TryGetProperty(method.ToLowerInvariant(), out JsonElement operation))
        {
            return; // a path of our own
        }

        JsonElement responses = operation.GetProperty("responses");
        JsonElement good = responses.EnumerateObject().First(response => response.Name.StartsWith('2')).Value;
        if (status == 204 || !good.TryGetProperty("content", out JsonElement content) || !content.TryGetProperty("application/json", out JsonElement json) || answer.ValueKind == JsonValueKind.String)
        {
            return;
        }

        string[] misfits = [.. Misfits("answer", answer, json.GetProperty("schema")).Take(10)];
        misfits.ShouldBeEmpty($"{method} {path}: {answer}");
    }

    private static IEnumerable<string> Misfits(string place, JsonElement value, JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            return Misfits(place, value, Document.Value!.Value.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]));
        }

        foreach (string union in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(union, out JsonElement branches))
            {
                string[][] all = [.. branches.EnumerateArray().Select(branch => Misfits(place, value, branch).ToArray())];
                return all.Any(misfits => misfits.Length == 0) ? [] : all.MinBy(misfits => misfits.Length)!;
            }
        }

        if (schema.TryGetProperty("enum", out JsonElement values))
        {
            return values.EnumerateArray().Any(known => JsonElement.DeepEquals(known, value)) ? [] : [$"{place} is {value}"];
        }

        return schema.TryGetProperty("type", out JsonElement type) ? OfType(place, value, schema, type.GetString()!) : [];
    }

    private static IEnumerable<string> OfType(string place, JsonElement value, JsonElement schema, string type)
    {
        bool fits = type switch
        {
            "null" => value.ValueKind == JsonValueKind.Null,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
            "number" => value.ValueKind == JsonValueKind.Number,
            "string" => value.ValueKind == JsonValueKind.String && Formatted(value, schema),
            "array" => value.ValueKind == JsonValueKind.Array,
            _ => value.ValueKind == JsonValueKind.Object,
        };
        if (!fits)
        {
            yield return $"{place} is {value.ValueKind} ({value}) and not {type}";
            yield break;
        }

        if (type == "array" && schema.TryGetProperty("items", out JsonElement items))
        {
            int index = 0;
            foreach (string misfit in value.EnumerateArray().SelectMany(item => Misfits($"{place}[{index++}]", item, items)))
            {
                yield return misfit;
            }
        }

        if (type != "object" || !schema.TryGetProperty("properties", out JsonElement properties))
        {
            yield break;
        }

        foreach (JsonProperty property in properties.EnumerateObject())
        {
            if (!value.TryGetProperty(property.Name, out JsonElement member))
            {
                yield return $"{place}.{property.Name} is missing";
                continue;
            }

            foreach (string misfit in Misfits($"{place}.{property.Name}", member, property.Value))
            {
                yield return misfit;
            }
        }

        foreach (JsonProperty member in value.EnumerateObject().Where(member => !properties.TryGetProperty(member.Name, out _)))
        {
            yield return $"{place}.{member.Name} is not Prefect's";
        }
    }

    private static bool Formatted(JsonElement value, JsonElement schema) => !schema.TryGetProperty("format", out JsonElement format) || format.GetString() switch
    {
        "uuid" => value.TryGetGuid(out _),
        "date-time" => value.TryGetDateTimeOffset(out _),
        _ => true,
    };

    private static JsonElement? Find()
    {
        for (DirectoryInfo? folder = new DirectoryInfo(Repository.Root).Parent; folder is not null; folder = folder.Parent)
        {
            string document = Path.Combine(folder.FullName, "shared", "contract", "openapi3.json");
            if (File.Exists(document))
            {
                return JsonElement.Parse(File.ReadAllText(document));
            }
        }

        return null;
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}

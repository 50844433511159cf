using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Server.Tests.Security;

/// <summary>An operation of Prefect's OpenAPI document, from which requests are made.</summary>
internal sealed class Operation(JsonElement document, string method, string path, JsonElement? body)
{
    private const int Depth = 5;

    public string Method => method;

    public string Path => path;

    /// <summary>Every operation of the document.</summary>
    public static IReadOnlyList<Operation> All(JsonElement document) =>
    [
        .. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Where(operation => operation.Name is "get" or "post" or "put" or "patch" or "delete")
            .Select(operation => new Operation(document, operation.Name.ToUpperInvariant(), path.Name,
                operation.Value.TryGetProperty("requestBody", out JsonElement body) ? body.GetProperty("content").GetProperty("application/json").GetProperty("schema") : null))),
    ];

    /// <summary>The names of the path's parameters.</summary>
    public IEnumerable<string> Parameters => path.Split('/').Where(step => step.StartsWith('{')).Select(step => step[1..^1]);

    /// <summary>The places in a body where a text may stand, as <c>flows/name/any_/0</c>.</summary>
    public IReadOnlyList<string[]> Texts()
    {
        var found = new List<string[]>();
        if (body is { } schema)
            Walk(schema, [], found);
        return found;
    }

    /// <summary>A body with all that is required, and a value at one place.</summary>
    public JsonNode? Body(string[]? place, JsonNode? value) => body is { } schema ? Make(schema, place ?? [], value, place is not null, 0) : null;

    private void Walk(JsonElement schema, string[] at, List<string[]> found)
    {
        if (at.Length > Depth)
            return;
        foreach (JsonElement choice in Choices(schema))
        {
            switch (TypeOf(choice))
            {
                case "string":
                    if (!found.Any(other => other.SequenceEqual(at)))
                        found.Add(at);
                    break;
                case "array":
                    if (choice.TryGetProperty("items", out JsonElement items))
                        Walk(items, [.. at, "0"], found);
                    break;
                case "object" when choice.TryGetProperty("properties", out JsonElement properties):
                    foreach (JsonProperty property in properties.EnumerateObject())
                        Walk(property.Value, [.. at, property.Name], found);
                    break;
                case "object" or "any":
                    found.Add([.. at, "a key"]);
                    break;
            }
        }
    }

    private JsonNode? Make(JsonElement schema, ReadOnlySpan<string> place, JsonNode? value, bool isOnWay, int depth)
    {
        if (isOnWay && place.Length == 0)
            return value?.DeepClone();
        JsonElement[] choices = [.. Choices(schema)];
        JsonElement chosen = choices.FirstOrDefault();
        if (isOnWay)
        {
            foreach (JsonElement choice in choices)
            {
                if (TypeOf(choice) is "array" ? place[0] == "0" : TypeOf(choice) is "object" or "any" && (!choice.TryGetProperty("properties", out JsonElement known) || known.TryGetProperty(place[0], out _)))
                {
                    chosen = choice;
                    break;
                }
            }
        }
        if (chosen.TryGetProperty("enum", out JsonElement names))
            return JsonNode.Parse(names[0].GetRawText());
        switch (TypeOf(chosen))
        {
            case "object" or "any":
                var map = new JsonObject();
                chosen.TryGetProperty("properties", out JsonElement properties);
                if (depth < 8 && chosen.TryGetProperty("required", out JsonElement required))
                {
                    foreach (JsonElement name in required.EnumerateArray())
                        map[name.GetString()!] = Make(properties.GetProperty(name.GetString()!), [], null, false, depth + 1);
                }
                if (isOnWay)
                {
                    map[place[0]] = properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(place[0], out JsonElement own)
                        ? Make(own, place[1..], value, true, depth + 1)
                        : value?.DeepClone();
                }
                return map;
            case "array":
                return isOnWay ? new JsonArray(Make(chosen.GetProperty("items"), place[1..], value, true, depth + 1)) : new JsonArray();
            case "integer" or "number":
                return 1;
            case "boolean":
                return true;
            case "null":
                return null;
            default:
                return chosen.TryGetProperty("format", out JsonElement format) ? format.GetString() switch
                {
                    "uuid" => Guid.Empty.ToString(),
                    "date-time" => "2026-11-22T00:00:00Z",
                    _ => "a text",
                } : "a text";
        }
    }

    private static string TypeOf(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type", out JsonElement type) ? type.GetString()! : schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out _) ? "object" : "any";

    private IEnumerable<JsonElement> Choices(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
            return [schema];
        if (schema.TryGetProperty("$ref", out JsonElement reference))
            return Choices(document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]));
        foreach (string union in (string[])["anyOf", "oneOf", "allOf"])
        {
            if (schema.TryGetProperty(union, out JsonElement choices))
                return choices.EnumerateArray().SelectMany(Choices);
        }
        return [schema];
    }
}

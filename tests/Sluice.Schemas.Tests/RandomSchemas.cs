using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Schemas.Tests;

/// <summary>Makes small random schemas, small random changes of them, and values that often fit.</summary>
internal sealed class RandomSchemas(Random random)
{
    private static readonly string[] _names = ["a", "b", "ab", "c"];
    private static readonly string[] _texts = ["", "a", "b", "ab", "2026-01-31", "abc"];

    public JsonElement Document() => Valid(MakeDocument);

    /// <summary>The same with one to three keywords removed, added or replaced somewhere.</summary>
    public JsonElement Changed(JsonElement document) => Valid(() => Change(document));

    /// <summary>A definition that refers to itself in a circle is no schema.</summary>
    private static JsonElement Valid(Func<JsonElement> make)
    {
        while (true)
        {
            JsonElement made = make();
            try
            {
                _ = ParameterSchema.Parse(made);
                return made;
            }
            catch (ArgumentException)
            {
                continue;
            }
        }
    }

    private JsonElement MakeDocument()
    {
        JsonObject document = Object(2);
        document["definitions"] = new JsonObject { ["A"] = Schema(1), ["B"] = Object(1) };
        return Element(document);
    }

    private JsonElement Change(JsonElement document)
    {
        JsonObject copy = JsonNode.Parse(document.GetRawText())!.AsObject();
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            JsonObject[] schemas = [.. Schemas(copy).OfType<JsonObject>()];
            JsonObject chosen = schemas[random.Next(schemas.Length)];
            JsonObject other = chosen == copy ? Object(1) : Schema(1);
            string[] removable = [.. chosen.Select(pair => pair.Key).Where(key => key != "definitions")];
            if (removable.Length > 0 && random.Next(2) == 0)
                chosen.Remove(removable[random.Next(removable.Length)]);
            foreach ((string key, JsonNode? value) in other)
                if (random.Next(2) == 0)
                    chosen[key] = value?.DeepClone();
        }
        return Element(copy);
    }

    public Dictionary<string, JsonElement> Values(JsonElement document) =>
        Value(document, document, 4) is JsonObject made ? made.ToDictionary(pair => pair.Key, pair => Element(pair.Value)) : [];

    private JsonObject Schema(int depth) => random.Next(depth > 0 ? 11 : 7) switch
    {
        0 => With("type", "integer", ("minimum", Small()), ("maximum", Small()), ("exclusiveMinimum", Small()), ("multipleOf", random.Next(1, 4))),
        1 => With("type", "number", ("minimum", Small()), ("exclusiveMaximum", Small())),
        2 => With("type", "string", ("minLength", random.Next(3)), ("maxLength", random.Next(4)), ("pattern", "^a"), ("format", "date")),
        3 => With("type", new JsonArray("string", "null")),
        4 => new JsonObject { ["enum"] = new JsonArray([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => (JsonNode?)Scalar())]) },
        5 => [],
        6 => new JsonObject { ["$ref"] = "#/definitions/B" },
        7 => With("type", "array", ("items", Schema(depth - 1)), ("maxItems", random.Next(3)), ("uniqueItems", true), ("prefixItems", new JsonArray(Schema(depth - 1)))),
        8 => new JsonObject { [random.Next(3) == 0 ? "oneOf" : "anyOf"] = new JsonArray(Schema(depth - 1), Schema(depth - 1)) },
        9 => new JsonObject { ["allOf"] = new JsonArray(Schema(depth - 1)), ["not"] = random.Next(3) == 0 ? Schema(0) : null } is var all && all["not"] is null && all.Remove("not") ? all : all,
        _ => Object(depth),
    };

    private JsonObject Object(int depth)
    {
        var properties = new JsonObject();
        foreach (string name in _names)
            if (random.Next(2) == 0)
                properties[name] = Schema(depth - 1);
        return With(
            "type", "object", ("properties", properties),
            ("required", new JsonArray([.. _names.Where(_ => random.Next(4) == 0).Select(name => (JsonNode?)name)])),
            ("additionalProperties", random.Next(3) == 0 ? Schema(depth - 1) : random.Next(2) == 0),
            ("patternProperties", new JsonObject { [random.Next(2) == 0 ? "^a" : "b$"] = Schema(depth - 1) }),
            ("minProperties", random.Next(2)));
    }

    private JsonObject With(string first, JsonNode value, params (string Key, JsonNode Value)[] others)
    {
        var schema = new JsonObject { [first] = value };
        foreach ((string key, JsonNode other) in others)
            if (random.Next(2) == 0)
                schema[key] = other;
        return schema;
    }

    private JsonNode? Value(JsonElement schema, JsonElement document, int depth)
    {
        if (depth == 0 || schema.ValueKind != JsonValueKind.Object || random.Next(12) == 0)
            return Any(1);
        if (schema.TryGetProperty("$ref", out _))
            return Value(document.GetProperty("definitions").GetProperty("B"), document, depth - 1);
        if (schema.TryGetProperty("enum", out JsonElement allowed))
            return JsonNode.Parse(allowed[random.Next(allowed.GetArrayLength())].GetRawText());
        foreach (string choice in new[] { "anyOf", "oneOf", "allOf" })
            if (schema.TryGetProperty(choice, out JsonElement branches))
                return Value(branches[random.Next(branches.GetArrayLength())], document, depth - 1);
        string type = !schema.TryGetProperty("type", out JsonElement named) ? "" : named.ValueKind == JsonValueKind.String ? named.GetString()! : random.Next(2) == 0 ? "string" : "null";
        switch (type)
        {
            case "object":
                var made = new JsonObject();
                foreach (string name in _names.Append("other"))
                {
                    bool known = schema.TryGetProperty("properties", out JsonElement properties) & (properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(name, out _));
                    if (random.Next(known ? 2 : 4) == 0)
                        continue;
                    if (known)
                        made[name] = Value(properties.GetProperty(name), document, depth - 1);
                    else if (random.Next(2) == 0)
                        made[name] = schema.TryGetProperty("patternProperties", out JsonElement patterns) ? Value(patterns.EnumerateObject().First().Value, document, depth - 1) : Any(1);
                }
                return made;
            case "array":
                JsonElement items = schema.TryGetProperty("items", out JsonElement rule) ? rule : default;
                JsonElement first = schema.TryGetProperty("prefixItems", out JsonElement prefix) ? prefix[0] : items;
                return new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(i => Value(i == 0 ? first : items, document, depth - 1))]);
            case "string":
                return _texts[random.Next(_texts.Length)];
            case "integer":
                return Small();
            case "number":
                return Small() + (random.Next(2) == 0 ? 0.5 : 0);
            case "null":
                return null;
            default:
                return Any(1);
        }
    }

    private JsonNode? Any(int depth) => random.Next(depth > 0 ? 6 : 4) switch
    {
        4 => new JsonArray(Any(depth - 1), Any(depth - 1)),
        5 => new JsonObject { [_names[random.Next(_names.Length)]] = Any(depth - 1) },
        _ => random.Next(6) == 0 ? null : Scalar(),
    };

    private JsonNode Scalar() => random.Next(4) switch { 0 => Small(), 1 => random.Next(2) == 0, 2 => Small() + 0.5, _ => _texts[random.Next(_texts.Length)] };

    private int Small() => random.Next(-2, 6);

    private static IEnumerable<JsonNode?> Schemas(JsonObject schema)
    {
        yield return schema;
        foreach ((string key, JsonNode? value) in schema)
        {
            IEnumerable<JsonNode?> inner = key switch
            {
                "properties" or "patternProperties" or "definitions" => value!.AsObject().Select(pair => pair.Value),
                "items" or "additionalProperties" or "not" => [value],
                "anyOf" or "oneOf" or "allOf" or "prefixItems" => value!.AsArray(),
                _ => [],
            };
            foreach (JsonNode? one in inner)
                if (one is JsonObject next)
                    foreach (JsonNode? found in Schemas(next))
                        yield return found;
        }
    }

    private static JsonElement Element(JsonNode? node) => JsonElement.Parse(node?.ToJsonString() ?? "null");
}

using System.Buffers;
using System.Text.Json;
using Sluice.Schemas.Jinja;

namespace Sluice.Schemas;

/// <summary>
/// Prefect's templated values: objects with <c>__prefect_kind</c> that stand for a value. <c>none</c> and unknown kinds are their <c>value</c>, <c>json</c> is
/// the JSON in its text, <c>workspace_variable</c> a variable's value, <c>jinja</c> what its template renders to, where rendering is asked for: a server
/// renders, and everybody else takes such a value only where it holds plain text.
/// </summary>
public static class TemplatedValues
{
    private const string Kind = "__prefect_kind";
    private const int MaxDepth = 64;

    /// <summary>Puts values in place of what stands for them.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="variable">A variable's value, or null when there is no such variable.</param>
    /// <param name="renders">Whether to render Jinja templates.</param>
    /// <returns>The parameters, without those that could not be told, and why.</returns>
    public static HydratedParameters Hydrate(IReadOnlyDictionary<string, JsonElement> parameters, Func<string, JsonElement?>? variable = null, bool renders = false)
    {
        if (!parameters.Values.Any(Holds))
            return new(parameters, [], []);
        var hydrated = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var walk = new Walk(variable ?? (_ => null), renders);
        foreach ((string name, JsonElement value) in parameters)
        {
            int problems = walk.Invalid.Count + walk.Unknown.Count;
            JsonElement? result = walk.Value(value, JsonPlace.Member("$", name), 0);
            if (result is { } known && walk.Invalid.Count + walk.Unknown.Count == problems)
                hydrated[name] = known;
        }
        return new(hydrated, walk.Invalid, walk.Unknown);
    }

    private static bool Holds(JsonElement value) => value.ValueKind is JsonValueKind.Object or JsonValueKind.Array && value.GetRawText().Contains(Kind, StringComparison.Ordinal);

    private sealed class Walk(Func<string, JsonElement?> variable, bool renders)
    {
        /// <summary>One for all templates: they are rendered in one transaction.</summary>
        private readonly JinjaBudget _budget = new();

        public List<SchemaViolation> Invalid { get; } = [];

        public List<SchemaViolation> Unknown { get; } = [];

        /// <summary>The value; null when there is none, and its name goes.</summary>
        public JsonElement? Value(JsonElement value, string place, int depth)
        {
            if (!Holds(value))
                return value;
            if (depth > MaxDepth)
            {
                Invalid.Add(new(place, "templated values nest too deeply"));
                return null;
            }
            if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(Kind, out JsonElement kind))
                return Template(value, kind.ValueKind == JsonValueKind.String ? kind.GetString() : null, place, depth);
            var buffer = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = 1000 }))
                Write(writer, value, place, depth);
            return Parse(buffer.WrittenMemory);
        }

        private void Write(Utf8JsonWriter writer, JsonElement value, string place, int depth)
        {
            if (value.ValueKind == JsonValueKind.Object)
            {
                writer.WriteStartObject();
                foreach (JsonProperty member in value.EnumerateObject())
                {
                    if (Value(member.Value, JsonPlace.Member(place, member.Name), depth + 1) is not { } known)
                        continue;
                    writer.WritePropertyName(member.Name);
                    known.WriteTo(writer);
                }
                writer.WriteEndObject();
                return;
            }
            writer.WriteStartArray();
            int index = 0;
            foreach (JsonElement item in value.EnumerateArray())
                Value(item, JsonPlace.Item(place, index++), depth + 1)?.WriteTo(writer);
            writer.WriteEndArray();
        }

        private JsonElement? Template(JsonElement template, string? kind, string place, int depth)
        {
            JsonElement? Member(string name) => template.TryGetProperty(name, out JsonElement member) ? Value(member, place, depth + 1) : null;
            switch (kind)
            {
                case "json":
                    if (Member("value") is not { } json)
                        return null;
                    if (json.ValueKind != JsonValueKind.String)
                        return Refuse(Invalid, place, "is of kind json, whose value is JSON in a string");
                    try
                    {
                        JsonElement inner = Parse(System.Text.Encoding.UTF8.GetBytes(json.GetString()!));
                        using var writer = new Utf8JsonWriter(new ArrayBufferWriter<byte>(), new JsonWriterOptions { MaxDepth = 1000 });
                        inner.WriteTo(writer); // whoever reads it later must be able to
                        return inner;
                    }
                    catch (InvalidOperationException)
                    {
                        return Refuse(Invalid, place, "is of kind json, but its text holds half a surrogate pair");
                    }
                    catch (JsonException error)
                    {
                        return Refuse(Invalid, place, $"is of kind json, but its text is none: {error.Message}");
                    }
                case "jinja":
                    if (Member("template") is not { ValueKind: JsonValueKind.String } text)
                        return Refuse(Invalid, place, "is of kind jinja, whose template is a string");
                    if (renders)
                        return Rendered(text.GetString()!, place);
                    return new[] { "{{", "{%", "{#" }.Any(mark => text.GetString()!.Contains(mark, StringComparison.Ordinal))
                        ? Refuse(Unknown, place, "is a Jinja template, which only Prefect's server renders; give the value itself")
                        : text;
                case "workspace_variable":
                    if (Member("variable_name") is not { ValueKind: JsonValueKind.String } name)
                        return null;
                    return variable(name.GetString()!) ?? Refuse(Unknown, place, $"Variable '{name.GetString()}' not found in workspace.");
                default:
                    return Member("value");
            }
        }

        private JsonElement? Rendered(string template, string place)
        {
            try
            {
                return Parse(System.Text.Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(JinjaTemplate.Render(template, _budget))}\""));
            }
            catch (JinjaException error)
            {
                return Refuse(Invalid, place, "Invalid jinja: " + error.Message);
            }
            catch (ArgumentException)
            {
                return Refuse(Invalid, place, "Invalid jinja: it renders to a text with half a surrogate pair");
            }
        }

        private static JsonElement? Refuse(List<SchemaViolation> problems, string place, string message)
        {
            problems.Add(new(place, message));
            return null;
        }

        private static JsonElement Parse(ReadOnlyMemory<byte> json)
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1000 });
            return document.RootElement.Clone();
        }
    }
}

/// <summary>Parameters with values in place of templates.</summary>
/// <param name="Parameters">Those that could be told.</param>
/// <param name="Invalid">Templates that can never be told, as text that is no JSON.</param>
/// <param name="Unknown">What somebody else may know: variables that are not here, and Jinja.</param>
public sealed record HydratedParameters(IReadOnlyDictionary<string, JsonElement> Parameters, IReadOnlyList<SchemaViolation> Invalid, IReadOnlyList<SchemaViolation> Unknown);

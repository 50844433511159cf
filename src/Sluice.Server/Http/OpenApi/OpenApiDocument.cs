using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Sluice.Server.Http.OpenApi;

/// <summary>
/// Writes the OpenAPI document of the routes that are implemented: paths, parameters, bodies from the types that the routes read, with the defaults that
/// come of reading a body without the member, and answers from the types that they are written from.
/// </summary>
internal sealed partial class OpenApiDocument(JsonSerializerOptions options)
{
    private static readonly string[] Paging = ["sort", "limit", "offset"];

    private readonly Queue<Type> _sent = new();
    private readonly Queue<Type> _answered = new();

    /// <summary>The document as JSON.</summary>
    public byte[] Write(IReadOnlyList<PrefectPath> paths, string version)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("openapi", "3.1.0");
            writer.WriteStartObject("info");
            writer.WriteString("title", "Sluice's embedded server, in the shape of Prefect 3's REST API");
            writer.WriteString("version", version);
            writer.WriteEndObject();
            writer.WriteStartArray("servers");
            writer.WriteStartObject();
            writer.WriteString("url", ApiRoutes.Prefix);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteStartObject("paths");
            foreach (IGrouping<string, PrefectPath> path in paths.Where(path => path.Implemented).GroupBy(path => path.Path))
            {
                writer.WriteStartObject(path.Key);
                foreach (PrefectPath method in path)
                {
                    WriteOperation(writer, method);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteStartObject("components");
            writer.WriteStartObject("schemas");
            HashSet<Type> written = [];
            while (_sent.TryDequeue(out Type? type))
            {
                if (written.Add(type))
                {
                    writer.WritePropertyName(type.Name);
                    WriteObject(writer, type, _sent, []);
                }
            }

            while (_answered.TryDequeue(out Type? type))
            {
                if (written.Add(type))
                {
                    writer.WritePropertyName(type.Name);
                    WriteObject(writer, type, _answered, []);
                }
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private void WriteOperation(Utf8JsonWriter writer, PrefectPath path)
    {
        writer.WriteStartObject(path.Method.ToLowerInvariant());
        writer.WriteStartArray("parameters");
        foreach (Match parameter in Parameter().Matches(path.Pattern))
        {
            WriteParameter(writer, "path", new(parameter.Groups["name"].Value, "string", parameter.Groups["guid"].Success ? "uuid" : null, Required: true));
        }

        foreach (RouteParameter parameter in RouteBodies.Queries(path.Shape))
        {
            WriteParameter(writer, "query", parameter);
        }

        writer.WriteEndArray();
        if (RouteBodies.Find(path.Shape) is { } body)
        {
            writer.WriteStartObject("requestBody");
            WriteContent(writer, () => WriteBody(writer, path.Path, body));
            writer.WriteEndObject();
        }

        RouteAnswer answer = RouteAnswers.Find(path.Shape) ?? throw new InvalidOperationException($"{path.Shape} does not declare what it answers.");
        writer.WriteStartObject("responses");
        writer.WriteStartObject(answer.Status.ToString(CultureInfo.InvariantCulture));
        writer.WriteString("description", "Successful Response");
        if (answer.Status != StatusCodes.Status204NoContent)
        {
            WriteContent(writer, () => WriteAnswer(writer, answer.Of ?? typeof(JsonElement)));
        }

        writer.WriteEndObject();
        writer.WriteStartObject("422");
        writer.WriteString("description", "Validation Error");
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteParameter(Utf8JsonWriter writer, string place, RouteParameter parameter)
    {
        writer.WriteStartObject();
        writer.WriteString("name", parameter.Name);
        writer.WriteString("in", place);
        writer.WriteBoolean("required", parameter.Required);
        writer.WriteStartObject("schema");
        writer.WriteString("type", parameter.Type);
        if (parameter.Format is { } format)
        {
            writer.WriteString("format", format);
        }

        if (parameter.Absent is { } absent)
        {
            writer.WritePropertyName("default");
            writer.WriteRawValue(absent);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteContent(Utf8JsonWriter writer, Action schema)
    {
        writer.WriteStartObject("content");
        writer.WriteStartObject("application/json");
        writer.WritePropertyName("schema");
        schema();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Routes that count or page read the list's query, and pass over how it is paged.</summary>
    private void WriteBody(Utf8JsonWriter writer, string path, Type body)
    {
        switch (path[(path.LastIndexOf('/') + 1)..])
        {
            case "count" or "lateness":
                WriteObject(writer, body, _sent, Paging);
                break;
            case "paginate":
                WriteObject(writer, body, _sent, ["offset"], () =>
                {
                    writer.WriteStartObject("page");
                    writer.WriteString("type", "integer");
                    writer.WriteNumber("minimum", 1);
                    writer.WriteNumber("default", 1);
                    writer.WriteEndObject();
                });
                break;
            default:
                WriteSchema(writer, body, null, _sent);
                break;
        }
    }

    private void WriteAnswer(Utf8JsonWriter writer, Type type)
    {
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(PageOf<>))
        {
            WriteSchema(writer, type, null, _answered);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        writer.WriteStartObject("results");
        writer.WriteString("type", "array");
        writer.WritePropertyName("items");
        WriteSchema(writer, type.GenericTypeArguments[0], null, _answered);
        writer.WriteEndObject();
        foreach (string name in (ReadOnlySpan<string>)["count", "limit", "pages", "page"])
        {
            writer.WriteStartObject(name);
            writer.WriteString("type", "integer");
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteObject(Utf8JsonWriter writer, Type type, Queue<Type> queue, string[] without, Action? more = null)
    {
        JsonTypeInfo info = options.GetTypeInfo(type);
        object? read = queue == _sent ? JsonSerializer.Deserialize(Least(info), info) : null;
        writer.WriteStartObject();
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        foreach (JsonPropertyInfo property in info.Properties.Where(property => (property.Get ?? (object?)property.Set) is not null && !without.Contains(property.Name)))
        {
            BodyRule? rule = BodyRules.Find(type, property.Name);
            writer.WritePropertyName(property.Name);
            WriteSchema(writer, property.PropertyType, rule, queue, read is null ? null : Absent(property, read, rule));
        }

        more?.Invoke();
        writer.WriteEndObject();
        writer.WriteStartArray("required");
        foreach (JsonPropertyInfo property in info.Properties.Where(property => property.IsRequired))
        {
            writer.WriteStringValue(property.Name);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>What a member is where it is not sent.</summary>
    private JsonElement? Absent(JsonPropertyInfo property, object read, BodyRule? rule) => property.IsRequired ? null
        : property.Get?.Invoke(read) is { } value and not JsonElement { ValueKind: JsonValueKind.Undefined } ? JsonSerializer.SerializeToElement(value, options.GetTypeInfo(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType))
        : rule?.Absent is { } absent ? JsonElement.Parse(absent)
        : null;

    /// <summary>A body with nothing but the members that it must have: what reading it gives the others is their default.</summary>
    private JsonObject Least(JsonTypeInfo info)
    {
        JsonObject least = [];
        foreach (JsonPropertyInfo property in info.Properties.Where(property => property.IsRequired))
        {
            least[property.Name] = LeastValue(property.PropertyType);
        }

        return least;
    }

    private JsonNode? LeastValue(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        JsonTypeInfo info = options.GetTypeInfo(type);
        return info.Kind switch
        {
            JsonTypeInfoKind.Object => Least(info),
            JsonTypeInfoKind.Enumerable => new JsonArray(),
            JsonTypeInfoKind.Dictionary => new JsonObject(),
            _ when type == typeof(Guid) => JsonValue.Create(Guid.Empty.ToString()),
            _ when type == typeof(DateTimeOffset) => JsonValue.Create("2000-01-01T00:00:00Z"),
            _ when type == typeof(bool) => JsonValue.Create(false),
            _ when type.IsEnum => JsonValue.Create(Names(type)[0]),
            _ when type == typeof(string) || type == typeof(JsonElement) => JsonValue.Create("a"),
            _ => JsonValue.Create(1),
        };
    }

    private void WriteSchema(Utf8JsonWriter writer, Type type, BodyRule? rule, Queue<Type> queue, JsonElement? given = null)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        writer.WriteStartObject();
        JsonTypeInfo info = options.GetTypeInfo(type);
        if (info.Kind == JsonTypeInfoKind.Object)
        {
            queue.Enqueue(type);
            writer.WriteString("$ref", "#/components/schemas/" + type.Name);
        }
        else if (info.Kind == JsonTypeInfoKind.Enumerable)
        {
            writer.WriteString("type", "array");
            writer.WritePropertyName("items");
            WriteSchema(writer, info.ElementType!, null, queue);
        }
        else if (info.Kind == JsonTypeInfoKind.Dictionary)
        {
            writer.WriteString("type", "object");
        }
        else
        {
            WriteValue(writer, type, rule);
        }

        if (given is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Object or JsonValueKind.Undefined) } value)
        {
            writer.WritePropertyName("default");
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, Type type, BodyRule? rule)
    {
        if (type == typeof(JsonElement))
        {
            return; // anything
        }

        writer.WriteString("type", type == typeof(bool) ? "boolean" : type == typeof(int) || type == typeof(long) ? "integer" : type == typeof(double) ? "number" : "string");
        if (type == typeof(Guid) || type == typeof(DateTimeOffset))
        {
            writer.WriteString("format", type == typeof(Guid) ? "uuid" : "date-time");
        }

        IReadOnlyList<string>? names = type.IsEnum ? Names(type) : rule?.OneOf;
        if (names is not null)
        {
            writer.WriteStartArray("enum");
            foreach (string name in names)
            {
                writer.WriteStringValue(name);
            }

            writer.WriteEndArray();
        }

        if (rule?.NoneOf is { } banned)
        {
            writer.WriteString("pattern", $"^[^{banned}]+$");
        }

        Bound(writer, "minimum", rule?.AtLeast);
        Bound(writer, "exclusiveMinimum", rule?.Above);
        Bound(writer, "maximum", rule?.AtMost);
    }

    private static string[] Names(Type type) =>
        [.. type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? field.Name)];

    private static void Bound(Utf8JsonWriter writer, string name, int? bound)
    {
        if (bound is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }

    [GeneratedRegex(@"\{(?<name>[^}:]+)(?<guid>:guid)?\}")]
    private static partial Regex Parameter();
}

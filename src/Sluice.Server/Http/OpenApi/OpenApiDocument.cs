using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace Sluice.Server.Http.OpenApi;

/// <summary>Writes the OpenAPI document of the routes that are implemented: paths, parameters, and bodies from the types that the routes read.</summary>
internal sealed partial class OpenApiDocument(JsonSerializerOptions options)
{
    private readonly Queue<Type> _open = new();

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
            while (_open.TryDequeue(out Type? type))
            {
                if (written.Add(type))
                {
                    WriteObject(writer, type);
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
            writer.WriteStartObject();
            writer.WriteString("name", parameter.Groups["name"].Value);
            writer.WriteString("in", "path");
            writer.WriteBoolean("required", true);
            writer.WriteStartObject("schema");
            writer.WriteString("type", "string");
            if (parameter.Groups["guid"].Success)
            {
                writer.WriteString("format", "uuid");
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (RouteBodies.Find(path.Shape) is { } body)
        {
            writer.WriteStartObject("requestBody");
            writer.WriteStartObject("content");
            writer.WriteStartObject("application/json");
            writer.WritePropertyName("schema");
            WriteSchema(writer, body, null);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteStartObject("responses");
        writer.WriteStartObject("2XX");
        writer.WriteString("description", "As Prefect 3's document says of this path.");
        writer.WriteEndObject();
        writer.WriteStartObject("422");
        writer.WriteString("description", "The request does not fit.");
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteObject(Utf8JsonWriter writer, Type type)
    {
        JsonTypeInfo info = options.GetTypeInfo(type);
        writer.WriteStartObject(type.Name);
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        foreach (JsonPropertyInfo property in info.Properties)
        {
            writer.WritePropertyName(property.Name);
            WriteSchema(writer, property.PropertyType, BodyRules.Find(type, property.Name));
        }

        writer.WriteEndObject();
        writer.WriteStartArray("required");
        foreach (JsonPropertyInfo property in info.Properties.Where(property => property.IsRequired))
        {
            writer.WriteStringValue(property.Name);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void WriteSchema(Utf8JsonWriter writer, Type type, BodyRule? rule)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        writer.WriteStartObject();
        JsonTypeInfo info = options.GetTypeInfo(type);
        if (info.Kind == JsonTypeInfoKind.Object)
        {
            _open.Enqueue(type);
            writer.WriteString("$ref", "#/components/schemas/" + type.Name);
        }
        else if (info.Kind == JsonTypeInfoKind.Enumerable)
        {
            writer.WriteString("type", "array");
            writer.WritePropertyName("items");
            WriteSchema(writer, info.ElementType!, null);
        }
        else if (info.Kind == JsonTypeInfoKind.Dictionary)
        {
            writer.WriteString("type", "object");
        }
        else
        {
            WriteValue(writer, type, rule);
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

        IReadOnlyList<string>? names = type.IsEnum
            ? [.. type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? field.Name)]
            : rule?.OneOf;
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

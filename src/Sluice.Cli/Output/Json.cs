using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Sluice.Orchestration.Json;

namespace Sluice.Cli.Output;

/// <summary>
/// <c>--output json</c>: Prefect 3's objects, with every member present (null when unset), so that a program need not ask whether it is there.
/// </summary>
internal static class Json
{
    public static readonly JsonSerializerOptions Indented = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = OrchestrationJson.Default.WithAddedModifier(LeaveOutUndefined),
    };

    public static JsonObject Object<T>(T value) => (JsonObject)JsonSerializer.SerializeToNode(value, (JsonTypeInfo<T>)Indented.GetTypeInfo(typeof(T)))!;

    public static void Write(TextWriter output, JsonNode node) => output.WriteLine(node.ToJsonString(Indented));

    /// <summary>A JSON value for people: indented, texts readable.</summary>
    public static string Pretty(JsonElement value)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            value.WriteTo(writer);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>A JSON value on one line; the text itself of a string.</summary>
    public static string Short(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    // An element that was never set has no JSON at all.
    private static void LeaveOutUndefined(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (property.PropertyType == typeof(JsonElement))
                property.ShouldSerialize = (_, value) => value is JsonElement { ValueKind: not JsonValueKind.Undefined };
        }
    }
}

using System.Buffers;
using System.Text.Json;
using Sluice.Runtime.Binding;

namespace Sluice.Runtime;

/// <summary>Parameters as the one JSON object that binders take.</summary>
internal static class Parameters
{
    /// <summary>Binds them. A constructor of the user's that throws refuses its value.</summary>
    public static FlowCall? TryBind(FlowDefinition flow, JsonElement parameters, BindingErrors errors)
    {
        try
        {
            return flow.Bind(parameters, errors);
        }
        catch (Exception exception)
        {
            errors.Add("$", Failure.Describe(exception));
            return null;
        }
    }

    /// <summary>Puts values together.</summary>
    public static JsonElement ToObject(IEnumerable<KeyValuePair<string, JsonElement>> values) => ToObject(writer =>
    {
        foreach ((string name, JsonElement value) in values)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    });

    /// <summary>Puts together what writes the members.</summary>
    public static JsonElement ToObject(Action<Utf8JsonWriter> writeMembers)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writeMembers(writer);
            writer.WriteEndObject();
        }

        using JsonDocument document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }
}

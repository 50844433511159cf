using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sluice.Deploy.Provenance;

/// <summary>Writes JSON documents that are the same bytes on every system.</summary>
internal static class JsonDocuments
{
    private static readonly JsonWriterOptions s_options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>This tool's version.</summary>
    public static string ToolVersion { get; } = typeof(JsonDocuments).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <summary>Writes an object.</summary>
    /// <param name="members">Writes its members.</param>
    public static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, s_options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return stream.ToArray();
    }
}

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Sluice.Orchestration;

namespace Sluice.Server.Events;

/// <summary>An event as the server keeps it.</summary>
/// <param name="Seq">Its place in the order in which events were committed, by this process or another.</param>
/// <param name="Body">What its sender said.</param>
/// <param name="Received">When the server took it.</param>
internal sealed record ServerEvent(long Seq, EventCreate Body, DateTimeOffset Received)
{
    /// <summary>The label that names what an event is about.</summary>
    public const string ResourceId = "prefect.resource.id";

    /// <summary>The label that says what a related resource has to do with it.</summary>
    public const string ResourceRole = "prefect.resource.role";

    /// <summary>The label for people.</summary>
    public const string ResourceName = "prefect.resource.name";

    /// <summary>Writes Prefect's <c>ReceivedEvent</c>.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("occurred", Time(Body.Occurred));
        writer.WriteString("event", Body.Event);
        writer.WritePropertyName("resource");
        Write(writer, Body.Resource);
        writer.WriteStartArray("related");
        foreach (IReadOnlyDictionary<string, string> related in Body.Related)
            Write(writer, related);
        writer.WriteEndArray();
        writer.WritePropertyName("payload");
        if (Body.Payload is { ValueKind: JsonValueKind.Object } payload)
            writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(payload), skipInputValidation: true); // as it was sent: nothing in it needs to be read
        else
            writer.WriteRawValue("{}"u8);
        writer.WriteString("id", Body.Id);
        if (Body.Follows is { } follows)
            writer.WriteString("follows", follows);
        else
            writer.WriteNull("follows");
        writer.WriteString("received", Time(Received));
        writer.WriteEndObject();
    }

    /// <summary>Times as Prefect writes them in JSON.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);

    private static void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> labels)
    {
        writer.WriteStartObject();
        foreach ((string label, string value) in labels)
            writer.WriteString(label, value);
        writer.WriteEndObject();
    }
}

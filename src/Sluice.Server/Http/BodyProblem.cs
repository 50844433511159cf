using System.Globalization;
using System.Text.Json;

namespace Sluice.Server.Http;

/// <summary>What is wrong with one place of a request, in Pydantic's words, which Prefect's clients know.</summary>
/// <param name="Type">Pydantic's type of error, as <c>missing</c>.</param>
/// <param name="Place">Where, as <c>body.schedules.0.schedule.cron</c>.</param>
/// <param name="Message">For people.</param>
/// <param name="Input">What was sent there, as JSON.</param>
/// <param name="Context">Pydantic's <c>ctx</c>, as JSON.</param>
internal sealed record BodyProblem(string Type, string Place, string Message, string? Input = null, string? Context = null)
{
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", Type);
        writer.WriteStartArray("loc");
        foreach (string step in Place.Split('.'))
        {
            if (int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            {
                writer.WriteNumberValue(index);
            }
            else
            {
                writer.WriteStringValue(step);
            }
        }

        writer.WriteEndArray();
        writer.WriteString("msg", Message);
        if (Input is not null)
        {
            writer.WritePropertyName("input");
            writer.WriteRawValue(Input);
        }

        if (Context is not null)
        {
            writer.WritePropertyName("ctx");
            writer.WriteRawValue(Context);
        }

        writer.WriteEndObject();
    }
}

using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Orchestration.Json;

/// <summary>
/// Times as Prefect writes and reads them: ISO 8601 with microseconds, <c>Z</c> for UTC. A text without offset is UTC (the framework would take
/// it for local time), and a space may stand for the <c>T</c>, as Prefect's Python client sends it.
/// </summary>
internal sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && TryParse(reader.GetString()!, out DateTimeOffset time)
            ? time
            : throw new JsonException("A time like 2026-01-31T08:00:00Z was expected.");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[40];
        ReadOnlySpan<char> format = value.Offset == TimeSpan.Zero ? "yyyy-MM-ddTHH:mm:ss.ffffffZ" : "yyyy-MM-ddTHH:mm:ss.ffffffzzz";
        value.TryFormat(text, out int length, format, CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }

    internal static bool TryParse(string text, out DateTimeOffset time)
    {
        time = default;
        bool dated = text.Length >= 10 && text[4] == '-' && text[7] == '-' && !text.AsSpan(0, 4).ContainsAnyExcept(Digits);
        return dated && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");
}

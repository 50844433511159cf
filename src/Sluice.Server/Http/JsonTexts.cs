using System.Text.Json;
using System.Text.Unicode;

namespace Sluice.Server.Http;

/// <summary>Half a character, escaped or not, parses as JSON and cannot be read as text: every door for JSON asks here before anything is read of it.</summary>
internal static class JsonTexts
{
    /// <exception cref="JsonException">It is not UTF-8, not JSON, or a text or a name in it holds half a character.</exception>
    public static void Check(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            throw new JsonException("The body is not UTF-8.");
        }

        if (json.IndexOf("\\ud"u8) < 0 && json.IndexOf("\\uD"u8) < 0)
        {
            return;
        }

        Utf8JsonReader reader = new(json);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                try
                {
                    reader.GetString();
                }
                catch (InvalidOperationException error)
                {
                    throw new JsonException("A text holds half a character.", null, null, reader.TokenStartIndex, error);
                }
            }
        }
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sluice.Server.Store;

/// <summary>
/// The checksum of a block schema as Prefect's clients make it, which ask for a schema by it: SHA-256 of the fields without <c>secret_fields</c>, as Python's
/// <c>json.dumps(…, sort_keys=True)</c> writes them in the list of a call's arguments.
/// </summary>
internal static class BlockChecksum
{
    public static string Of(JsonElement fields)
    {
        var text = new StringBuilder("[[");
        Write(text, fields);
        text.Append("], {}]");
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static void Write(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                string comma = "";
                foreach (JsonProperty member in value.EnumerateObject().Where(member => member.Name != "secret_fields").OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    text.Append(comma);
                    WriteText(text, member.Name);
                    text.Append(": ");
                    Write(text, member.Value);
                    comma = ", ";
                }
                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                comma = "";
                foreach (JsonElement item in value.EnumerateArray())
                {
                    text.Append(comma);
                    Write(text, item);
                    comma = ", ";
                }
                text.Append(']');
                break;
            case JsonValueKind.String:
                WriteText(text, value.GetString()!);
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static void WriteText(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (char c in value)
        {
            text.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                < ' ' or > '~' => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => c.ToString(),
            });
        }
        text.Append('"');
    }
}

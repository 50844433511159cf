using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Sluice.Cli.Output;

/// <summary>Says where a text stops being JSON, for people: the parser counts from 0, in bytes, and names its own options.</summary>
internal static class JsonProblem
{
    /// <summary>The rest of a sentence that begins with what the text is, as <c>is not JSON at line 1, character 13: …</c>.</summary>
    /// <param name="text">What was to be JSON.</param>
    /// <param name="exception">Why it is none.</param>
    public static string Of(string text, JsonException exception)
    {
        if (string.IsNullOrWhiteSpace(text))
            return "is empty";
        int line = (int)(exception.LineNumber ?? 0);
        byte[] bytes = Encoding.UTF8.GetBytes(text.Split('\n') is var lines && line < lines.Length ? lines[line] : "");
        int character = Encoding.UTF8.GetCharCount(bytes, 0, (int)Math.Min(exception.BytePositionInLine ?? 0, bytes.Length));
        return string.Create(CultureInfo.InvariantCulture, $"is not JSON at line {line + 1}, character {character + 1}: {Reason(exception.Message)}");
    }

    /// <summary>The first member that an object has twice, at any depth, by its path as <c>city.name</c>; null for none. RFC 8259 leaves open which one counts.</summary>
    public static string? Twice(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
            return value.EnumerateArray().Select(Twice).FirstOrDefault(path => path is not null);
        if (value.ValueKind != JsonValueKind.Object)
            return null;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (!names.Add(member.Name))
                return $"'{member.Name}'";
            if (Twice(member.Value) is { } inner)
                return $"'{member.Name}.{inner[1..]}";
        }
        return null;
    }

    private static string Reason(string message)
    {
        foreach (string end in (ReadOnlySpan<string>)[" LineNumber:", " Path:", " Change the reader options"])
        {
            if (message.IndexOf(end, StringComparison.Ordinal) is > 0 and var at)
                message = message[..at];
        }
        return message.Replace(" in this mode", "", StringComparison.Ordinal).Replace(", when isFinalBlock is true", "", StringComparison.Ordinal).TrimEnd('.', ' ');
    }
}

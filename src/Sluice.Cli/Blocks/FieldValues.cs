using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Cli.Output;
using Sluice.Cli.Runs;
using Sluice.Storage.Blocks;
using Sluice.Storage.Secrets;

namespace Sluice.Cli.Blocks;

/// <summary>
/// The fields that a command line gives: <c>NAME=TEXT</c>; <c>NAME=-</c> from standard input, which a terminal asks for unseen; <c>NAME=@env:VARIABLE</c>;
/// <c>NAME=@file:PATH</c>. <c>NAME=</c> removes a field, and <c>NAME=@@…</c> is a text that begins with one <c>@</c>.
/// </summary>
internal static partial class FieldValues
{
    public const string Forms = "NAME=TEXT, NAME=- (standard input), NAME=@env:VARIABLE or NAME=@file:PATH";

    /// <summary>Reads the fields; the value of one that is to be removed is null. Members of an object are changed in what <paramref name="existing"/> holds.</summary>
    /// <exception cref="CliException">A field is unknown, given twice, or its value cannot be had.</exception>
    public static async Task<Dictionary<string, JsonElement?>> ReadAsync(
        BlockKind kind, IReadOnlyDictionary<string, JsonElement> existing, IReadOnlyList<string> assignments, Screen screen, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, JsonElement?>(StringComparer.Ordinal);
        var members = new Dictionary<string, Dictionary<string, JsonElement?>>(StringComparer.Ordinal);
        var warnings = new List<string>();
        bool inputIsRead = false;
        foreach (string assignment in assignments)
        {
            int at = assignment.IndexOf('=', StringComparison.Ordinal);
            if (assignment.StartsWith("--", StringComparison.Ordinal))
            {
                string option = assignment[..(at < 0 ? assignment.Length : at)];
                throw CliException.BadUsage($"there is no option '{option}'.{DidYouMean.Question(option, ["--overwrite", "--output", "--api-url"])} See 'sluice block create --help'");
            }
            // What was written is not repeated: it may be a secret.
            if (at <= 0)
                throw CliException.BadUsage($"write fields as {Forms}");
            string name = assignment[..at], source = assignment[(at + 1)..];
            string[] steps = name.Split('.', 2);
            BlockField field = kind.Fields.FirstOrDefault(field => field.Name == steps[0] && (steps.Length == 1 || field.Type == "object")) ?? throw Unknown(kind, name);
            if (source == "-" && inputIsRead)
                throw CliException.BadUsage("only one field can come from standard input (NAME=-); take the others from NAME=@env:VARIABLE or NAME=@file:PATH");
            inputIsRead |= source == "-";
            string? text = await TextAsync(name, source, screen, cancellationToken);
            if (text is not null && IsWritten(source) && IsSecret(field, steps, text))
                warnings.Add($"{name} stands on the command line, where the shell's history and other users of this machine can read it; better is {name}=- or {name}=@env:VARIABLE.");
            JsonElement? value = text is null ? null : Typed(field, steps.Length > 1, name, text);
            bool isNew = steps.Length == 1
                ? values.TryAdd(name, value) && !members.ContainsKey(name)
                : !values.ContainsKey(steps[0]) && (members.TryGetValue(steps[0], out var known) ? known : members[steps[0]] = []).TryAdd(steps[1], value);
            if (!isNew)
                throw CliException.BadUsage($"{name} is given twice");
        }
        foreach ((string name, Dictionary<string, JsonElement?> inner) in members)
            values[name] = Changed(name, existing, inner);
        warnings.ForEach(screen.Note);
        return values;
    }

    /// <summary>An object with some members changed. Servers replace objects whole, so what is not named is sent back as they showed it, masks with it.</summary>
    private static JsonElement Changed(string name, IReadOnlyDictionary<string, JsonElement> existing, Dictionary<string, JsonElement?> changes)
    {
        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (existing.TryGetValue(name, out JsonElement before) && before.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
        {
            if (before.ValueKind != JsonValueKind.Object)
                throw CliException.BadUsage($"the server shows no member of {name}, so none can be changed alone: write all of it, {name}={{…}}");
            foreach (JsonProperty member in before.EnumerateObject())
                members[member.Name] = member.Value;
        }
        foreach ((string member, JsonElement? value) in changes)
        {
            if (value is { } given)
                members[member] = given;
            else
                members.Remove(member);
        }
        return JsonElement.Parse($"{{{string.Join(',', members.Select(member => $"{Quoted(member.Key)}:{member.Value.GetRawText()}"))}}}");
    }

    /// <summary>Of an object, what sounds like a secret is taken for one: keys of fsspec's settings, of which most are none.</summary>
    private static bool IsSecret(BlockField field, string[] steps, string text) => field.IsSecret && !SecretTemplate.IsReference(text)
        && (field.Type != "object" || SoundsSecret().IsMatch(steps.Length > 1 ? steps[1] : text));

    private static bool IsWritten(string source) =>
        source != "-" && !source.StartsWith("@env:", StringComparison.Ordinal) && !source.StartsWith("@file:", StringComparison.Ordinal);

    private static async Task<string?> TextAsync(string name, string source, Screen screen, CancellationToken cancellationToken)
    {
        if (source.Length == 0)
            return null;
        if (source == "-")
            return await HiddenInput.ReadAsync(name, screen, cancellationToken) is { Length: > 0 } input ? input : throw CliException.BadUsage($"standard input holds nothing for {name}");
        if (source.StartsWith("@env:", StringComparison.Ordinal))
        {
            return Environment.GetEnvironmentVariable(source["@env:".Length..]) is { Length: > 0 } value
                ? value
                : throw CliException.BadUsage($"the environment variable {source["@env:".Length..]} for {name} is not set");
        }
        if (source.StartsWith("@file:", StringComparison.Ordinal))
        {
            string path = source["@file:".Length..];
            string text;
            try
            {
                text = (await File.ReadAllTextAsync(path, cancellationToken)).TrimEnd('\r', '\n');
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                throw new CliException($"the file '{path}' for {name} cannot be read: {e.Message}", ExitCodes.BadUsage, e);
            }
            return text.Length > 0 ? text : throw CliException.BadUsage($"the file '{path}' for {name} is empty");
        }
        if (source.StartsWith("@@", StringComparison.Ordinal))
            return source[1..];
        return source[0] == '@' ? throw CliException.BadUsage($"the value of {name} begins with '@', which stands before env: and file:; write @@ for the sign itself") : source;
    }

    private static JsonElement Typed(BlockField field, bool isMember, string name, string text)
    {
        if (isMember)
            return JsonElement.Parse(Quoted(text));
        if (field.Values is { } values && !values.Contains(text, StringComparer.Ordinal) && !SecretTemplate.IsReference(text))
            throw CliException.BadUsage($"{name} is '{text}', and it can be {string.Join(", ", values)}");
        switch (field.Type)
        {
            case "integer":
                return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
                    ? JsonElement.Parse(number.ToString(CultureInfo.InvariantCulture))
                    : throw CliException.BadUsage($"{name} is '{text}' and should be a whole number");
            case "boolean":
                return text is "true" or "false" ? JsonElement.Parse(text) : throw CliException.BadUsage($"{name} is '{text}' and should be true or false");
            case "object":
                try
                {
                    JsonElement value = JsonElement.Parse(text);
                    return value.ValueKind == JsonValueKind.Object ? value : throw CliException.BadUsage($"{name} should be a JSON object, or be written {name}.KEY=VALUE");
                }
                catch (JsonException)
                {
                    throw CliException.BadUsage($"{name} should be a JSON object, or be written {name}.KEY=VALUE");
                }
            default:
                return JsonElement.Parse(Quoted(text));
        }
    }

    private static CliException Unknown(BlockKind kind, string name) => CliException.BadUsage(
        $"{kind.Slug} has no field '{name}'.{DidYouMean.Question(name, kind.Fields.Select(field => field.Name))} It has: {string.Join(", ", kind.Fields.Select(field => field.Name))}");

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    [GeneratedRegex("key|secret|token|pass|sas|credential|connection_string", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SoundsSecret();
}

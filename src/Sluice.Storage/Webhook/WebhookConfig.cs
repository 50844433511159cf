using System.Text.Json;

namespace Sluice.Storage.Webhook;

/// <summary>
/// The file that <c>config=</c> names, where options get long:
/// <c>{"build":{"method","url","headers":{},"body"},"get":{"method","url","headers":{},"body","pointer"},"id_pointer"}</c>. It becomes options of the URI,
/// so that a package's location holds all that a worker needs.
/// </summary>
internal static class WebhookConfig
{
    /// <summary>The URI with the file's options in place of <c>config=</c>; what the URI says itself wins.</summary>
    /// <exception cref="StorageException">The file cannot be read (Invalid, NotFound, Forbidden).</exception>
    public static async Task<Uri> ExpandAsync(Uri location, string file, CancellationToken cancellationToken)
    {
        string path = Path.GetFullPath(file);
        string what = $"Cannot read {path}, the config of the storage {StorageLocation.Shown(location)}";
        var read = new List<(string Name, string Value)>();
        try
        {
            byte[] json = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
            using JsonDocument document = JsonDocument.Parse(json, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            foreach ((string member, JsonElement value) in Members(document.RootElement, "the file"))
            {
                if (member is "build" or "get")
                    read.AddRange(Request(member, value));
                else
                    read.Add((member, Text(value, member)));
            }
        }
        catch (JsonException e)
        {
            throw new StorageException(StorageErrorKind.Invalid, $"{what}: {e.Message}", e);
        }
        catch (Exception e) when (IoErrors.IsIo(e))
        {
            throw IoErrors.Translate(e, what);
        }
        string[] own = [.. location.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Where(pair => NameOf(pair) != "config")];
        HashSet<string> given = [.. own.Select(NameOf)];
        return WithOptions(location, [.. own, .. read.Where(option => !given.Contains(option.Name)).Select(option => Pair(option.Name, option.Value))]);
    }

    /// <summary>A URI with another query.</summary>
    public static Uri WithOptions(Uri location, IReadOnlyList<string> pairs) =>
        new(location.GetLeftPart(UriPartial.Path) + (pairs.Count == 0 ? "" : "?" + string.Join('&', pairs)));

    /// <summary>An option as a query has it.</summary>
    public static string Pair(string name, string value) => $"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(value)}";

    private static string NameOf(string pair) => Uri.UnescapeDataString(pair.Split('=')[0]);

    private static IEnumerable<(string Name, string Value)> Request(string which, JsonElement request)
    {
        foreach ((string member, JsonElement value) in Members(request, which))
        {
            if (member != "headers")
            {
                yield return ($"{which}_{member}", Text(value, $"{which}.{member}"));
                continue;
            }
            foreach ((string header, JsonElement text) in Members(value, $"{which}.headers"))
                yield return ($"{which}_header_{header}", Text(text, $"{which}.headers.{header}"));
        }
    }

    private static IEnumerable<(string Name, JsonElement Value)> Members(JsonElement value, string what) => value.ValueKind == JsonValueKind.Object
        ? value.EnumerateObject().Select(member => (member.Name, member.Value))
        : throw new JsonException($"{what} is not an object.");

    // A body may be written as JSON, and is sent so.
    private static string Text(JsonElement value, string what) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Object or JsonValueKind.Array when what.EndsWith(".body", StringComparison.Ordinal) => value.GetRawText(),
        _ => throw new JsonException($"{what} is not a text."),
    };
}

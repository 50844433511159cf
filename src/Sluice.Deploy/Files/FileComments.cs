using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Deploy.Files;

/// <summary>Comment lines below the banner by which a build remembers, where Prefect's reader allows no further keys.</summary>
internal static class FileComments
{
    /// <summary>How the line begins by which a build remembers what the code said.</summary>
    public const string DeclaredPrefix = "# declared: ";

    private const string SourcePrefix = "# source: ";

    private const string StoragePrefix = "# storage: ";

    private const string StorageKeyPrefix = "# storage-key: ";

    private const string NamedPrefix = "# named: ";

    /// <summary>The line that says where the assembly was, relative to the file.</summary>
    public static string SourceLine(string path) => SourcePrefix + path;

    /// <summary>The line that says where its packages are stored, as <c>SluiceStorage</c> says it.</summary>
    public static string StorageLine(string storage) => StoragePrefix + storage;

    /// <summary>The line that says in which folder of the store its packages lie, as <c>SluiceStorageKey</c> says it.</summary>
    public static string StorageKeyLine(string key) => StorageKeyPrefix + key;

    /// <summary>The line that says which deployment it is, where an option named one that the code does not have.</summary>
    public static string NamedLine(string name) => NamedPrefix + name;

    /// <summary>The line that says what the code said when the file was built: what differs from it above the banner, people edited.</summary>
    public static string DeclaredLine(JsonObject declared) => DeclaredPrefix + declared.ToJsonString();

    /// <summary>Where the assembly was; null in files of others.</summary>
    public static string? Source(string text) => Line(text, SourcePrefix);

    /// <summary>Where its packages are stored; null for the home's storage.</summary>
    public static string? Storage(string text) => Line(text, StoragePrefix);

    /// <summary>The folder of the store that its packages lie in; null for the one that each gets.</summary>
    public static string? StorageKey(string text) => Line(text, StorageKeyPrefix);

    /// <summary>The deployment that an option named and the code does not have; null for one of the code.</summary>
    public static string? Named(string text) => Line(text, NamedPrefix);

    /// <summary>What the code said; null in files of others.</summary>
    public static JsonObject? Declared(string text)
    {
        try
        {
            return Line(text, DeclaredPrefix) is { } json ? JsonNode.Parse(json) as JsonObject : null;
        }
        catch (JsonException)
        {
            // Somebody edited it: then nothing is known of what the code said, and all above the banner is theirs.
            return null;
        }
    }

    private static string? Line(string text, string prefix)
    {
        int below = FileSeal.BelowStart(text);
        int at = below < 0 ? -1 : text.IndexOf(prefix, below, StringComparison.Ordinal);
        if (at < 0 || (at > 0 && text[at - 1] != '\n'))
            return null;
        int end = text.IndexOf('\n', at);
        return text[(at + prefix.Length)..(end < 0 ? text.Length : end)].TrimEnd();
    }
}

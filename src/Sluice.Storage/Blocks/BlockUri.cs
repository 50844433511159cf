using System.Text.RegularExpressions;

namespace Sluice.Storage.Blocks;

/// <summary>
/// The two ways to write a named block where a storage is wanted: <c>s3/dev-bucket/folder</c>, as people and Prefect do, and <c>block://s3/dev-bucket/folder</c>,
/// which is what a deployment carries, so that publisher and worker each ask the server what the block is now.
/// </summary>
internal static partial class BlockUri
{
    public const string Scheme = "block";

    /// <summary>The URI of a text as <c>s3/dev-bucket/folder</c>; null where it is no such text.</summary>
    public static Uri? TryParse(string text)
    {
        Match match = Text().Match(text);
        return match.Success && Uri.TryCreate($"{Scheme}://{match.Groups["type"].Value}/{Uri.EscapeDataString(match.Groups["name"].Value)}{Escape(match.Groups["path"].Value)}{match.Groups["query"].Value}", UriKind.Absolute, out Uri? uri) ? uri : null;
    }

    /// <summary>Type, name and path of a URI.</summary>
    /// <exception cref="StorageException">Of kind Invalid: it is malformed, or nobody knows such a type.</exception>
    public static (BlockKind Kind, string Name, string? Path) Read(Uri location)
    {
        string shown = StorageLocation.Shown(location);
        string[] segments = location.AbsolutePath.Trim('/').Split('/', 2);
        if (location.Scheme != Scheme || location.UserInfo.Length > 0 || !location.IsDefaultPort || !Name().IsMatch(segments[0]))
            throw new StorageException(StorageErrorKind.Invalid, $"'{shown}' names no block: write it as s3/dev-bucket or s3/dev-bucket/folder; names have lower-case letters, digits and dashes.");
        BlockKind kind = BlockKinds.Find(location.Host) ?? throw new StorageException(StorageErrorKind.Invalid,
            $"'{location.Host}' in '{shown}' is no type of blocks that hold packages or source. There are: {string.Join(", ", BlockKinds.All.Where(k => k.Use != BlockUse.Secret).Select(k => k.Slug))}.");
        return (kind, segments[0], segments.Length > 1 && segments[1].Length > 0 ? Uri.UnescapeDataString(segments[1]) : null);
    }

    /// <summary>As people write it.</summary>
    public static string Shown(Uri location) => $"{location.Host}{Uri.UnescapeDataString(location.AbsolutePath)}".TrimEnd('/');

    private static string Escape(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    // The first part has no dot, colon or drive letter, so that no folder of Windows and no host is taken for a block.
    [GeneratedRegex(@"^(?<type>[a-z][a-z0-9-]+)/(?<name>[^/?]+)(?<path>(/[^?]*)?)(?<query>(\?.*)?)$", RegexOptions.CultureInvariant)]
    private static partial Regex Text();

    [GeneratedRegex("^[a-z0-9-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}

using Sluice.Storage.Blocks;
using Sluice.Storage.Options;

namespace Sluice.Storage;

/// <summary>Reads where a user says that packages go: a URI, an absolute folder, or a named block.</summary>
public static class StorageLocation
{
    /// <summary>The URI of the text: a folder's is <c>file:///…</c>, that of a named block <c>block://s3/dev-bucket/…</c>. Nothing is opened or asked.</summary>
    /// <param name="text">As <c>s3://my-bucket/flows?region=eu-central-1</c>, <c>/mnt/share/flows</c> or <c>s3/dev-bucket/flows</c>.</param>
    /// <exception cref="StorageException">Of kind Invalid: it is none of them.</exception>
    public static Uri Parse(string text) => TryParse(text) ?? throw new StorageException(StorageErrorKind.Invalid,
        $"The storage '{Shown(text)}' is neither a URI, nor an absolute folder, nor a named block: write it as file:///folder or s3/dev-bucket. "
        + $"Known schemes: {PackageStores.Known}. Known blocks: {string.Join(", ", BlockKinds.All.Where(kind => kind.Use != BlockUse.Secret).Select(kind => kind.Slug))}.");

    /// <summary>A URI as messages may show it: without its query and without what stands before <c>@</c>, either of which may hold a secret.</summary>
    /// <param name="location">An absolute URI.</param>
    public static string Shown(Uri location) => StoreOptions.Shown(location);

    /// <summary>A text that may be no URI at all, for messages: where it has an <c>@</c>, nobody knows which part is a password.</summary>
    internal static string Shown(string text)
    {
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        return text.Contains('@', StringComparison.Ordinal) ? $"{(scheme < 0 ? "" : text[..(scheme + 3)])}…" : text.Split('?', '#')[0];
    }

    /// <summary>As <see cref="Parse"/>, but null where the text is none of them.</summary>
    public static Uri? TryParse(string text)
    {
        if (Path.IsPathFullyQualified(text))
            return StoreUri.OfFolder(text);
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri))
            return uri;
        return BlockUri.TryParse(text) is { } block && BlockKinds.Find(block.Host) is not null ? block : null;
    }
}

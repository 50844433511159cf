namespace Sluice.Storage;

/// <summary>Moves between a store's URI and the URIs of folders in it. Query options stay.</summary>
public static class StoreUri
{
    /// <summary>The <c>file:</c> URI of a folder; <c>#</c>, <c>%</c> and <c>?</c> in its name are escaped.</summary>
    public static Uri OfFolder(string folder)
    {
        string path = Path.GetFullPath(folder).Replace('\\', '/');
        string escaped = string.Join('/', path.Split('/').Select(Uri.EscapeDataString)).Replace("%3A", ":", StringComparison.Ordinal);
        return new Uri(path.StartsWith("//", StringComparison.Ordinal) ? "file:" + escaped : "file://" + (path.StartsWith('/') ? "" : "/") + escaped);
    }

    /// <summary>The URI of a folder or object in a store.</summary>
    /// <param name="store">The store's URI.</param>
    /// <param name="key">The key, as <c>weather-report/2026-11-22t06-00-00-000000-00-00</c>.</param>
    public static Uri Append(Uri store, string key) =>
        WithPath(store, store.AbsolutePath.TrimEnd('/') + "/" + string.Join('/', key.Split('/').Select(Uri.EscapeDataString)));

    /// <summary>Whether a package lies in a store, as far as the URIs tell: a webhook gives its packages addresses of their own.</summary>
    /// <param name="store">The store.</param>
    /// <param name="location">Where the package is.</param>
    public static bool MayHold(Uri store, Uri location) =>
        store.Scheme.StartsWith("webhook+", StringComparison.Ordinal) ? store.Scheme == location.Scheme : KeyIn(store, location) is not null;

    /// <summary>The key of a URI in a store; null where it lies elsewhere.</summary>
    /// <param name="store">The store's URI.</param>
    /// <param name="location">The URI of a folder or object.</param>
    public static string? KeyIn(Uri store, Uri location)
    {
        string root = store.AbsolutePath.TrimEnd('/') + "/";
        bool inside = store.Scheme == location.Scheme && store.Authority == location.Authority && store.Query == location.Query
            && location.AbsolutePath.StartsWith(root, StringComparison.Ordinal);
        return inside ? Uri.UnescapeDataString(location.AbsolutePath[root.Length..].TrimEnd('/')) : null;
    }

    /// <summary>The store whose folder a URI is; null where the URI does not end with the folder.</summary>
    internal static Uri? StoreOf(Uri location, string folder)
    {
        string path = location.AbsolutePath.TrimEnd('/');
        string tail = "/" + string.Join('/', folder.Split('/').Select(Uri.EscapeDataString));
        return path.EndsWith(tail, StringComparison.Ordinal) ? WithPath(location, path[..^tail.Length]) : null;
    }

    /// <summary>What a store's URI puts before every key, as <c>folder/</c>; empty for none.</summary>
    internal static string PrefixOf(Uri store)
    {
        string prefix = Uri.UnescapeDataString(store.AbsolutePath.Trim('/'));
        if (prefix.Length == 0)
            return "";
        StoreKey.Check(prefix);
        return prefix + "/";
    }

    /// <summary>The bucket, container or remote that a store's URI names in the host's place, and its prefix.</summary>
    /// <param name="store">The URI.</param>
    /// <param name="what">What is named, as <c>bucket</c>.</param>
    /// <param name="form">How to write the URI.</param>
    /// <exception cref="StorageException">Of kind Invalid: none is named, or there is a user or a port, which no such URI has.</exception>
    internal static (string Place, string Prefix) Read(Uri store, string what, string form) => store.Host.Length > 0 && store.UserInfo.Length == 0 && store.IsDefaultPort
        ? (store.Host, PrefixOf(store))
        : throw new StorageException(StorageErrorKind.Invalid, $"The storage '{Options.StoreOptions.Shown(store)}' names no {what}: write it as {form}.");

    private static Uri WithPath(Uri uri, string path) => new($"{uri.Scheme}://{uri.Authority}{path}{uri.Query}");
}

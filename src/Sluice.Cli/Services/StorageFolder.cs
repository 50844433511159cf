using Sluice.Cli.CommandLine;
using Sluice.Storage;
using Sluice.Storage.Git;

namespace Sluice.Cli.Services;

/// <summary>A folder within a storage that a user names by an option of its own.</summary>
internal static class StorageFolder
{
    /// <summary>The storage with the folder in its path: before a URI's options, which stay as they are.</summary>
    /// <param name="storage">A URI, an absolute folder, or a saved block, as <c>s3/prod</c>.</param>
    /// <param name="folder">The folder, as <c>flows/nightly</c>.</param>
    /// <exception cref="CliException">It is no folder, the block has one already, or the storage is a repository.</exception>
    public static string Within(string storage, string folder)
    {
        string[] names = folder.Trim('/').Split('/');
        if (StoreKey.Refuse(string.Join('/', names)) is { } reason)
            throw CliException.BadUsage($"--path '{folder}' is no folder within a storage: {reason}; write e.g. flows/nightly");
        if (Path.IsPathFullyQualified(storage))
            return $"{storage.TrimEnd('/', Path.DirectorySeparatorChar)}/{string.Join('/', names)}";
        int options = storage.AsSpan().IndexOfAny('?', '#') is >= 0 and var at ? at : storage.Length;
        string place = storage[..options].TrimEnd('/');
        bool isUri = Uri.TryCreate(storage, UriKind.Absolute, out Uri? uri);
        if (isUri && CodeSources.Serves(uri!))
            throw CliException.BadUsage($"--path is a folder within a storage of packages, and {uri!.Scheme} names source: write its folder into the URI, as ?path={folder}");
        if (!isUri && place.Split('/').Length > 2)
            throw CliException.BadUsage($"--storage-block {place} names a folder already: leave out --path, or the folder");
        // A block's folder is escaped with the rest of its text.
        return $"{place}/{string.Join('/', isUri ? names.Select(Uri.EscapeDataString) : names)}{storage[options..]}";
    }
}

using System.Buffers;

namespace Sluice.Storage;

/// <summary>The rule for keys in stores and for paths in packages: relative, with <c>/</c>, and the same place on every system.</summary>
public static class StoreKey
{
    // Windows reads these as separators, drives, streams or wildcards; a control character would forge a line of the digest's text.
    private static readonly SearchValues<char> s_refused = SearchValues.Create("\\:*?\"<>|");

    /// <summary>Why the key is refused; null when it is fine.</summary>
    public static string? Refuse(string key) => RefusePath(key) ?? (key.Split('/').Any(s => s.StartsWith('.')) ? "a segment begins with '.'" : null);

    /// <summary>Why the path of a file in a package is refused; null when it is fine. Names that begin with a dot are fine here.</summary>
    public static string? RefusePath(string path)
    {
        if (path.Length == 0)
            return "it is empty";
        if (path[0] == '/')
            return "it is rooted";
        if (path.AsSpan().ContainsAny(s_refused))
            return $"it contains '{path[path.AsSpan().IndexOfAny(s_refused)]}'";
        if (path.Any(char.IsControl))
            return "it contains a control character";
        foreach (string segment in path.Split('/'))
        {
            if (segment is "" or "." or "..")
                return $"it has the segment '{segment}'";
            // Windows drops them, so that 'a. ' and 'a' would be one file, and '.. ' the parent.
            if (segment[^1] is '.' or ' ')
                return "a segment ends with a dot or a space";
        }
        return null;
    }

    internal static void Check(string key)
    {
        if (Refuse(key) is { } reason)
            throw new StorageException(StorageErrorKind.Invalid, $"The store key '{key}' is refused: {reason}.");
    }
}

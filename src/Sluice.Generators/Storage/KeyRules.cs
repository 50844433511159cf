namespace Sluice.Generators.Storage;

/// <summary>The rule for keys in stores; a test of the stores holds it equal to theirs.</summary>
internal static class KeyRules
{
    private static readonly char[] _refused = ['\\', ':', '*', '?', '"', '<', '>', '|'];

    /// <summary>Why a key is refused; null when it is fine.</summary>
    public static string? Refuse(string key)
    {
        if (key.Length == 0)
            return "it is empty";
        if (key[0] == '/')
            return "it is rooted";
        int refused = key.IndexOfAny(_refused);
        if (refused >= 0)
            return $"it contains '{key[refused]}'";
        if (key.Any(char.IsControl))
            return "it contains a control character";
        string[] segments = key.Split('/');
        foreach (string segment in segments)
        {
            if (segment is "" or "." or "..")
                return $"it has the segment '{segment}'";
            if (segment[segment.Length - 1] is '.' or ' ')
                return "a segment ends with a dot or a space";
        }
        return segments.Any(segment => segment[0] == '.') ? "a segment begins with '.'" : null;
    }

    /// <summary>The key that was probably meant; null where nothing is obvious.</summary>
    public static string? Mend(string key)
    {
        string mended = string.Join("/", key.Replace('\\', '/').Split(['/'], StringSplitOptions.RemoveEmptyEntries).Select(segment => segment.Trim().TrimEnd('.', ' ')).Where(segment => segment.Length > 0));
        return mended != key && Refuse(mended) is null ? mended : null;
    }
}

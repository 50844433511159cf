using System.Text.RegularExpressions;

namespace Sluice.Storage.Docker;

/// <summary>The grammar of image names.</summary>
/// <remarks>Rule: "Pulling manifests" of the OCI distribution specification.</remarks>
internal static partial class ImageNames
{
    /// <summary>Why a repository's name is refused; null when it is fine.</summary>
    public static string? RefuseRepository(string repository) =>
        repository.Length > 255 ? "it is longer than 255 characters"
        : repository.Any(char.IsAsciiLetterUpper) ? "it has capital letters"
        : Repository().IsMatch(repository) ? null
        : "it takes lower-case letters and digits, with single '.', '_' or '-' between them, in segments parted by '/'";

    /// <summary>Whether a text is a tag.</summary>
    public static bool IsTag(string tag) => Tag().IsMatch(tag);

    /// <summary>Whether a reference, by digest or tag, is of a repository.</summary>
    public static bool IsOf(string reference, string repository) =>
        reference.StartsWith(repository, StringComparison.Ordinal) && reference.Length > repository.Length && (reference[repository.Length] is '@' or ':');

    [GeneratedRegex("^[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*\\z")]
    private static partial Regex Repository();

    [GeneratedRegex("^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}\\z")]
    private static partial Regex Tag();
}

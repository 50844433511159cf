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

    /// <summary>Takes an image's name apart, by the rules of <c>docker pull</c>: no registry is Docker Hub, no tag is <c>latest</c>.</summary>
    /// <returns>The registry's host, the repository, and its digest or tag.</returns>
    public static (string Registry, string Repository, string Reference) Parse(string image)
    {
        string[] parts = image.Split('@', 2);
        string name = parts[0], reference = "latest";
        if (name.LastIndexOf(':') is var colon && colon > name.LastIndexOf('/'))
            (name, reference) = (name[..colon], name[(colon + 1)..]);
        string first = name.Split('/')[0];
        bool named = name.Contains('/', StringComparison.Ordinal) && (first.Contains('.', StringComparison.Ordinal) || first.Contains(':', StringComparison.Ordinal) || first == "localhost");
        string registry = named ? first : "docker.io";
        string repository = named ? name[(first.Length + 1)..] : name.Contains('/', StringComparison.Ordinal) ? name : "library/" + name;
        return (registry, repository, parts.Length == 2 ? parts[1] : reference);
    }

    [GeneratedRegex("^[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*\\z")]
    private static partial Regex Repository();

    [GeneratedRegex("^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}\\z")]
    private static partial Regex Tag();
}

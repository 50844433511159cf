using Sluice.Storage.Packages;

namespace Sluice.Storage.Git;

/// <summary>
/// Names source: the URI of a project in a repository and the commit. Its text, <c>URI#commit=SHA</c>, is what <see cref="PackageReference.Variable"/> carries
/// where the source is the package.
/// </summary>
/// <param name="Location">A URI that <see cref="CodeSources"/> opens.</param>
/// <param name="Commit">40 (SHA-1) or 64 (SHA-256) lower-case hex digits.</param>
public sealed record SourceReference(Uri Location, string Commit)
{
    private const string Mark = "#commit=";

    /// <inheritdoc/>
    public override string ToString() => $"{Location.AbsoluteUri}{Mark}{Commit}";

    /// <summary>Reads the text form. The answer is null when it is none.</summary>
    public static SourceReference? TryParse(string text)
    {
        int at = text.LastIndexOf(Mark, StringComparison.Ordinal);
        if (at <= 0 || !Uri.TryCreate(text[..at], UriKind.Absolute, out Uri? location))
            return null;
        string commit = text[(at + Mark.Length)..];
        return IsCommit(commit) ? new(location, commit) : null;
    }

    /// <summary>Whether a text is a whole commit id in lower case.</summary>
    internal static bool IsCommit(string text) => text.Length is 40 or 64 && text.All(char.IsAsciiHexDigitLower);
}

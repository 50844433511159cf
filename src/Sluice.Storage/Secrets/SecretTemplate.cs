using System.Text;
using System.Text.RegularExpressions;
using Sluice.Storage.Blocks;

namespace Sluice.Storage.Secrets;

/// <summary>
/// Texts with <c>${NAME}</c> or <c>$NAME</c> in them, which become a secret's value when they are used and never before. <c>$$</c> is a dollar sign.
/// The grammar is that of Python's <c>string.Template</c>, which Prefect's templates use.
/// </summary>
public static partial class SecretTemplate
{
    /// <summary>The names that a text refers to, in order.</summary>
    public static IReadOnlyList<string> NamesIn(string text) =>
        [.. Reference().Matches(text).Select(NameOf).OfType<string>()];

    /// <summary>Whether a text is one reference, <c>${NAME}</c>, and nothing else.</summary>
    public static bool IsReference(string text) => WholeReference().IsMatch(text);

    /// <summary>The text with its secrets in place.</summary>
    /// <param name="text">A text with or without references.</param>
    /// <param name="what">Where it stands, for messages: <c>the option region of s3://bucket</c>.</param>
    /// <param name="secrets">Gives the values.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="StorageException">Of kind Invalid: a dollar sign that begins no name, or a name that no source knows.</exception>
    public static async ValueTask<string> ResolveAsync(string text, string what, ISecretSource secrets, CancellationToken cancellationToken)
    {
        var resolved = new StringBuilder();
        int end = 0;
        foreach (Match match in Reference().Matches(text))
        {
            resolved.Append(text, end, match.Index - end);
            end = match.Index + match.Length;
            if (match.Value == "$$")
                resolved.Append('$');
            else if (NameOf(match) is not { } name)
                throw new StorageException(StorageErrorKind.Invalid, $"A dollar sign in {what} begins no name: write ${{NAME}} for a secret and $$ for the sign itself.");
            else
                resolved.Append(await secrets.FindAsync(name, cancellationToken).ConfigureAwait(false) ?? throw Unknown(name, what));
        }
        return resolved.Append(text, end, text.Length - end).ToString();
    }

    /// <summary>The failure that says that nobody knows a secret.</summary>
    internal static StorageException Unknown(string name, string what) =>
        new(StorageErrorKind.Invalid, $"{char.ToUpperInvariant(what[0])}{what[1..]} needs {name}, which is neither an environment variable nor a secret of the server: set it where this runs, or store it with 'sluice block create secret/{SecretBlocks.NameOf(name)}'.");

    private static string? NameOf(Match match) =>
        match.Groups["name"] is { Success: true } name ? name.Value : match.Groups["braced"] is { Success: true } braced ? braced.Value : null;

    [GeneratedRegex(@"^\$\{[_a-zA-Z][_a-zA-Z0-9]*\}$", RegexOptions.CultureInvariant)]
    private static partial Regex WholeReference();

    [GeneratedRegex(@"\$(?:\$|(?<name>[_a-zA-Z][_a-zA-Z0-9]*)|\{(?<braced>[_a-zA-Z][_a-zA-Z0-9]*)\})?", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}

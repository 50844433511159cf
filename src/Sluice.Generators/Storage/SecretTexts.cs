using System.Text.RegularExpressions;

namespace Sluice.Generators.Storage;

/// <summary>References to secrets, <c>${NAME}</c>, and what looks like a secret itself.</summary>
internal static class SecretTexts
{
    // The grammar of SecretTemplate, that is of Python's string.Template.
    private static readonly Regex _reference = new(@"\$(?:\$|(?<name>[_a-zA-Z][_a-zA-Z0-9]*)|\{(?<name>[_a-zA-Z][_a-zA-Z0-9]*)\})?", RegexOptions.CultureInvariant);

    private static readonly Regex _name = new(@"^[_a-zA-Z][_a-zA-Z0-9]*\z", RegexOptions.CultureInvariant);

    /// <summary>Access keys and tokens by the marks that their makers gave them, so that scanners find them.</summary>
    private static readonly (Regex Pattern, string What)[] _credentials =
    [
        (new(@"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b", RegexOptions.CultureInvariant), "an AWS access key"),
        (new(@"\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}", RegexOptions.CultureInvariant), "a GitHub token"),
        (new(@"\bglpat-[A-Za-z0-9_\-]{16,}", RegexOptions.CultureInvariant), "a GitLab token"),
        (new(@"\bATBB[A-Za-z0-9]{20,}", RegexOptions.CultureInvariant), "a Bitbucket app password"),
        (new(@"\bdckr_pat_[A-Za-z0-9_\-]{16,}", RegexOptions.CultureInvariant), "a Docker token"),
        (new(@"\b(?:AccountKey|SharedAccessSignature)=[A-Za-z0-9+/=%&_.\-]{16,}", RegexOptions.CultureInvariant), "the key of an Azure storage account"),
        (new(@"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----", RegexOptions.CultureInvariant), "a private key"),
        (new(@"\beyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]+", RegexOptions.CultureInvariant), "a JSON web token"),
        (new(@"\b[Bb]earer(?: |%20|\+)[A-Za-z0-9._~+/=\-]{16,}", RegexOptions.CultureInvariant), "a bearer token"),
    ];

    /// <summary>Whether a text is a secret's name.</summary>
    public static bool IsName(string text) => _name.IsMatch(text);

    /// <summary>Whether a text refers to a secret.</summary>
    public static bool Refers(string text)
    {
        foreach (Match match in _reference.Matches(text))
            if (match.Groups["name"].Success)
                return true;
        return false;
    }

    /// <summary>The first dollar sign that begins no name, with what follows of a name that is not closed; null when there is none.</summary>
    public static (int Offset, int Length, string Mend)? Stray(string text)
    {
        foreach (Match match in _reference.Matches(text))
        {
            if (match.Value != "$")
                continue;
            int end = match.Index + 1;
            if (end == text.Length || text[end] != '{')
                return (match.Index, 1, "$$");
            for (end++; end < text.Length && (text[end] == '_' || text[end] < 128 && char.IsLetterOrDigit(text[end])); end++)
            {
            }
            string name = text.Substring(match.Index + 2, end - match.Index - 2);
            return (match.Index, end - match.Index, IsName(name) ? $"${{{name}}}" : "$" + text.Substring(match.Index, end - match.Index));
        }
        return null;
    }

    /// <summary>What in a text looks like an access key or token.</summary>
    public static (int Offset, int Length, string What)? Credential(string text)
    {
        // The shortest of them is longer.
        if (text.Length < 20)
            return null;
        foreach ((Regex pattern, string what) in _credentials)
            if (pattern.Match(text) is { Success: true } match)
                return (match.Index, match.Length, what);
        return null;
    }
}

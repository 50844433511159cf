using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sluice.Storage.Webhook;

/// <summary>
/// A text of a request: <c>{name}</c>, <c>{key}</c>, <c>{sha256}</c> and <c>{id}</c> stand for what the package is called, <c>${NAME}</c> for secrets. Filled in
/// two steps, so that what a server answered is never read as the name of a secret.
/// </summary>
/// <param name="Text">The template.</param>
internal sealed partial record WebhookTemplate(string Text)
{
    /// <summary>Stands for the archive as base64, in the body of a build request.</summary>
    public const string Archive = "archive";

    /// <summary>The words that stand in braces.</summary>
    public static readonly IReadOnlyList<string> Words = ["name", "key", "sha256", "id"];

    /// <summary>Whether a word occurs.</summary>
    public bool Has(string word) => Text.Contains($"{{{word}}}", StringComparison.Ordinal);

    /// <summary>A word in braces that stands for nothing; null where there is none.</summary>
    public string? UnknownWord() => Braced().Matches(Text).Select(match => match.Groups[1].Value).FirstOrDefault(word => !Words.Contains(word));

    /// <summary>Puts the values in place, escaped so that resolving secrets leaves them as they are.</summary>
    public string Fill(IReadOnlyDictionary<string, string> values, Func<string, string, string> escape) => Braced().Replace(
        Text, match => values.TryGetValue(match.Groups[1].Value, out string? value) ? escape(match.Groups[1].Value, value).Replace("$", "$$", StringComparison.Ordinal) : match.Value);

    /// <summary>As a part of a URL; the slashes of a key are the path's.</summary>
    public static string ForUrl(string word, string value) => word == "key" ? string.Join('/', value.Split('/').Select(Uri.EscapeDataString)) : Uri.EscapeDataString(value);

    /// <summary>As it is.</summary>
    public static string Plain(string word, string value) => value;

    /// <summary>As a part of a JSON text.</summary>
    public static string ForJson(string word, string value) => JsonEncodedText.Encode(value).ToString();

    // A brace that a dollar sign precedes is a secret's.
    [GeneratedRegex(@"(?<!\$)\{([A-Za-z0-9_]+)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Braced();
}

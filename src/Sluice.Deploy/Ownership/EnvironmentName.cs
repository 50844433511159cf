using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Sluice.Storage.Packages;

namespace Sluice.Deploy.Ownership;

/// <summary>What an environment is called, whatever a branch is: <c>feature/Rain_1</c> is <c>feature-rain-1</c>.</summary>
public static class EnvironmentName
{
    /// <summary>The longest name, in characters.</summary>
    public const int Longest = 40;

    // What a shell or a CI system did not replace must not become a name.
    private const string Banned = "$%<>&{}()\"`\\*?|;=";

    /// <summary>Reads a name.</summary>
    /// <param name="text">As a person or a CI system writes it.</param>
    /// <param name="name">Lower-case letters, digits and single dashes.</param>
    /// <param name="error">One sentence that says why it cannot be a name.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out string? name, [NotNullWhen(false)] out string? error)
    {
        (name, error) = (null, null);
        if (text.FirstOrDefault(c => char.IsControl(c) || Banned.Contains(c, StringComparison.Ordinal)) is var banned and not '\0')
        {
            error = $"The environment '{text}' contains {(char.IsControl(banned) ? "a control character" : $"'{banned}'")}, which no name may: write letters, digits and dashes, as pr-123{(banned is '$' or '%' ? "; was a variable not replaced?" : ".")}";
            return false;
        }
        string slug = PackageSlug.Of(text);
        error = slug.Length switch
        {
            0 => $"The environment '{text}' has no letter and no digit: name it as pr-123.",
            > Longest => string.Create(CultureInfo.InvariantCulture, $"The environment '{text}' is too long: its name '{slug}' has {slug.Length} characters, and {Longest} is the most. Name it as pr-123."),
            _ => null,
        };
        name = error is null ? slug : null;
        return name is not null;
    }
}

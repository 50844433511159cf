using System.Text.RegularExpressions;

namespace Sluice.Storage.Trust;

/// <summary>Addresses of one repository, made alike: <c>host/path</c> whether by https or ssh, without user and <c>.git</c>. Plain http and other ports stay apart.</summary>
/// <remarks>Rule: git-fetch(1), "GIT URLS".</remarks>
public static partial class RepositoryAddress
{
    /// <summary>The plain form of an address as people and git write it; null for what is none.</summary>
    /// <param name="address">As <c>https://github.com/team/flows.git</c> or <c>git@github.com:team/flows</c>.</param>
    public static string? Of(string address)
    {
        if (ShortSsh().Match(address) is { Success: true } ssh)
            return Plain(ssh.Groups["host"].Value, ssh.Groups["path"].Value);
        string text = address.StartsWith("git+", StringComparison.Ordinal) ? address[4..] : address;
        if (!text.Contains("://", StringComparison.Ordinal))
            text = "https://" + text;
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.AbsolutePath.Length < 2 || Uri.UnescapeDataString(uri.AbsolutePath).Split('/').Contains(".."))
            return null;
        string host = uri.Host + (uri.IsDefaultPort || uri is { Scheme: "ssh", Port: -1 or 22 } ? "" : FormattableString.Invariant($":{uri.Port}"));
        return uri.Scheme switch
        {
            "https" or "ssh" => Plain(host, uri.AbsolutePath),
            _ => Plain($"{uri.Scheme}:{host}", uri.AbsolutePath),
        };
    }

    /// <summary>Whether two addresses are of one repository. What is no address, as a folder, is compared as it stands.</summary>
    /// <param name="one">An address.</param>
    /// <param name="other">Another one.</param>
    public static bool IsSame(string one, string other) => Of(one) is { } plain ? string.Equals(plain, Of(other), Comparison(plain)) : one == other;

    /// <summary>Whether a rule allows a repository: the same one, or with <c>/*</c> at its end one below it.</summary>
    /// <param name="rule">As <c>github.com/team/flows</c> or <c>github.com/team/*</c>.</param>
    /// <param name="repository">The repository's address.</param>
    public static bool Allows(string rule, string repository) => Of(repository) is { } plain && (rule.EndsWith("/*", StringComparison.Ordinal)
        ? Of(rule[..^2]) is { } above && plain.StartsWith(above + "/", Comparison(plain))
        : string.Equals(Of(rule), plain, Comparison(plain)));

    // Elsewhere team/flows and Team/flows may be two.
    private static StringComparison Comparison(string plain) =>
        plain[..plain.IndexOf('/', StringComparison.Ordinal)] is "github.com" or "gitlab.com" or "bitbucket.org" or "dev.azure.com" ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    private static string Plain(string host, string path)
    {
        string trimmed = Uri.UnescapeDataString(path).Trim('/');
        return $"{host.ToLowerInvariant()}/{(trimmed.EndsWith(".git", StringComparison.OrdinalIgnoreCase) ? trimmed[..^4] : trimmed)}";
    }

    [GeneratedRegex(@"^(?:[^@/:]+@)(?<host>[^@/:]+):(?<path>(?!//).+)$")]
    private static partial Regex ShortSsh();
}

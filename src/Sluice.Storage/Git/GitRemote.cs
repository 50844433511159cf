namespace Sluice.Storage.Git;

/// <summary>A repository as git reaches it.</summary>
/// <param name="Shown">The repository as messages show it: the URI without its query.</param>
/// <param name="Url">What git fetches from, without credentials.</param>
/// <param name="RepositoryPath">The path by which the system's ssh address names the repository, without <c>.git</c>.</param>
/// <param name="SignInHint">What to do when the system refuses, as <c>set GITHUB_ACCESS_TOKEN</c>.</param>
/// <param name="SignIn">Makes what signs in, anew for each command; null for none, so that git's own configuration does.</param>
internal sealed record GitRemote(string Shown, string Url, string RepositoryPath, string SignInHint, Func<CancellationToken, ValueTask<GitSignIn?>> SignIn)
{
    public bool IsHttp => Url.StartsWith("http", StringComparison.Ordinal);
}

/// <summary>A way to a repository that is not ours: a working tree's own.</summary>
/// <param name="Url">The address, without credentials.</param>
/// <param name="Settings">What signs in there, as git's settings.</param>
/// <param name="Secrets">What must be in no message.</param>
internal sealed record GitWay(string Url, IReadOnlyList<(string Key, string Value)> Settings, IReadOnlyList<string> Secrets)
{
    /// <summary>A way by an address as a working tree has it. Its user and password, as a CI checkout has them, become settings: addresses are arguments, and are written to files.</summary>
    public static GitWay By(string address, IReadOnlyList<(string Key, string Value)> settings)
    {
        string url = GitAddress.WithoutUser(address);
        if (url == address || !Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
            return new(address, settings, []);
        string[] parts = uri.UserInfo.Split(':', 2);
        string user = Uri.UnescapeDataString(parts[0]), scope = uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) + "/";
        // The longest match wins: an insteadOf that would put them back has no say.
        (string, string) asItIs = ($"url.{url}.insteadOf", url);
        if (parts.Length == 1)
            return new(url, [.. settings, asItIs, ($"credential.{scope}.username", user)], [$"{parts[0]}@"]);
        GitSignIn signIn = GitSignIn.Basic(user, Uri.UnescapeDataString(parts[1]), scope);
        return new(url, [.. settings, asItIs, .. signIn.Settings], [parts[1], .. signIn.Secrets]);
    }
}

/// <summary>What signs in at a system.</summary>
/// <param name="Authorization">The header's value.</param>
/// <param name="Scope">The address that it is for, and everything below it.</param>
/// <param name="Secrets">What must be in no message.</param>
internal sealed record GitSignIn(string Authorization, string Scope, IReadOnlyList<string> Secrets)
{
    /// <summary>User and password (RFC 7617).</summary>
    public static GitSignIn Basic(string user, string password, string scope)
    {
        string pair = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{user}:{password}"));
        return new($"Basic {pair}", scope, [password, pair]);
    }

    /// <summary>A token (RFC 6750).</summary>
    public static GitSignIn Bearer(string token, string scope) => new($"Bearer {token}", scope, [token]);

    /// <summary>Git's settings that sign in. It would send the header on to wherever the first answer points, so it follows nowhere; and no helper is asked to do better.</summary>
    public IReadOnlyList<(string Key, string Value)> Settings =>
    [
        ("http.followRedirects", "false"),
        ("credential.helper", ""),
        ($"http.{Scope}.extraHeader", ""),
        ($"http.{Scope}.extraHeader", $"Authorization: {Authorization}"),
    ];

    /// <summary>Neither name nor secret.</summary>
    public override string ToString() => $"for {Scope}";
}

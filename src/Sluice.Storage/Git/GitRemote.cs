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
/// <param name="Url">The address.</param>
/// <param name="Settings">What signs in there, as git's settings.</param>
internal sealed record GitWay(string Url, IReadOnlyList<(string Key, string Value)> Settings);

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

    /// <summary>Neither name nor secret.</summary>
    public override string ToString() => $"for {Scope}";
}

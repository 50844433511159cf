using System.Text.RegularExpressions;

namespace Sluice.Storage.Git;

/// <summary>The ways in which the same repository is addressed: https, ssh, and ssh as <c>git@host:path</c>.</summary>
/// <remarks>Rule: git-fetch(1), "GIT URLS"; and the addresses that GitHub, GitLab, Bitbucket and AWS give for cloning.</remarks>
internal static partial class GitAddress
{
    /// <summary>Whether an address of a remote is the repository.</summary>
    public static bool IsSame(string address, GitRemote remote)
    {
        Uri meant = new(remote.Url);
        if (CodeCommit().Match(address) is { Success: true } helper)
        {
            return meant.AbsolutePath == $"/v1/repos/{helper.Groups["name"].Value}"
                && (!helper.Groups["region"].Success || meant.Host.Contains($".{helper.Groups["region"].Value}.", StringComparison.Ordinal));
        }
        if (ShortSsh().Match(address) is { Success: true } ssh)
            return IsSameBySsh(ssh.Groups["host"].Value, ssh.Groups["path"].Value, meant, remote);
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri))
            return false;
        return uri.Scheme switch
        {
            "ssh" or "git+ssh" => IsSameBySsh(uri.Host, uri.AbsolutePath, meant, remote),
            "http" or "https" => Plain(uri.Host) == Plain(meant.Host) && (!remote.IsHttp || uri.Scheme != meant.Scheme || uri.Port == meant.Port)
                && SamePath(uri.AbsolutePath, remote.IsHttp ? meant.AbsolutePath : remote.RepositoryPath),
            _ => false,
        };
    }

    /// <summary>An address without the user, who may come with a password.</summary>
    public static string WithoutUser(string address) => UserPart().Replace(address, "$1");

    private static bool IsSameBySsh(string host, string path, Uri meant, GitRemote remote) => Plain(host) == Plain(meant.Host) && SamePath(path, remote.RepositoryPath);

    private static bool SamePath(string one, string other) => string.Equals(Plain(one, ".git"), Plain(other, ".git"), StringComparison.OrdinalIgnoreCase);

    private static string Plain(string path, string ending)
    {
        string trimmed = Uri.UnescapeDataString(path).Trim('/');
        return trimmed.EndsWith(ending, StringComparison.OrdinalIgnoreCase) ? trimmed[..^ending.Length] : trimmed;
    }

    // Where port 22 is closed, ssh.github.com, altssh.gitlab.com and altssh.bitbucket.org answer on 443.
    private static string Plain(string host)
    {
        string lower = host.ToLowerInvariant();
        return lower is "ssh.github.com" or "altssh.gitlab.com" or "altssh.bitbucket.org" ? lower[(lower.IndexOf('.', StringComparison.Ordinal) + 1)..] : lower;
    }

    [GeneratedRegex(@"^(?:[^@/:]+@)?(?<host>[^@/:\\]{2,}):(?!/?/)(?<path>.+)$|^(?:[^@/:]+@)(?<host>[^@/:]+):(?<path>/[^/].*)$")]
    private static partial Regex ShortSsh();

    [GeneratedRegex(@"^codecommit:(?::(?<region>[a-z0-9-]+):)?//(?:[^@]*@)?(?<name>[^/]+)$")]
    private static partial Regex CodeCommit();

    [GeneratedRegex(@"^([a-z+]+://)[^/]*@", RegexOptions.IgnoreCase)]
    private static partial Regex UserPart();
}
